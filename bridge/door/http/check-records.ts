import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CheckRecordsResponseSchema } from "@troth/protocol";
import type { DoorContext } from "../context.ts";
import { DoorStateError } from "../door-state-error.ts";
import { assertGenerationsGoOn, assertOutboxGoesOn } from "../source/continuity.ts";

/** Whether the caller's records have everything that the door has read of them. Rejects with StoreError. */
export async function checkRecords(context: DoorContext): Promise<MessageInitShape<typeof CheckRecordsResponseSchema>> {
	try {
		await assertOutboxGoesOn(context);
		await assertGenerationsGoOn(context);
		return { behind: false };
	} catch (error) {
		if (error instanceof DoorStateError) return { behind: true };
		throw error;
	}
}
