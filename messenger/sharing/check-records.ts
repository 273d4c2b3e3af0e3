/**
 * Records that came back from an older backup are not served: they have forgotten withdrawals, and would give numbers and
 * generations out once more. The bridge knows what it has read of them; it is asked at the start, and where it is not
 * there yet, until it has answered once. It stands still by itself before such records, so nothing is shared meanwhile.
 */
import { type Client, ConnectError } from "@connectrpc/connect";
import type { BridgeService } from "@troth/protocol";

const PATIENCE_MS = 2_000;
/** How often a bridge that was not there is asked again. */
export const CHECK_RECORDS_EVERY_MS = 5_000;

/** The records are older than what the bridge has read of them. Bring back newer ones. */
export class RecordsBehindError extends Error {
	override readonly name = "RecordsBehindError";
	constructor() {
		super("the records are older than what the bridge has read of them: bring back newer ones, or its own of that day");
	}
}

/** True once the bridge said that they are its own; false where it does not answer. Rejects with RecordsBehindError. */
export async function checkRecords(door: Client<typeof BridgeService>): Promise<boolean> {
	try {
		const { behind } = await door.checkRecords({}, { timeoutMs: PATIENCE_MS });
		if (!behind) return true;
	} catch (error) {
		if (error instanceof ConnectError) return false;
		throw error;
	}
	throw new RecordsBehindError();
}
