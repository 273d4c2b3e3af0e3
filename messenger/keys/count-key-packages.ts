import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CountKeyPackagesRequest, CountKeyPackagesResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { countStock } from "./stock.ts";

/** What is left of the caller's stock. */
export async function countKeyPackages(
	{ records, clock }: MessengerContext,
	_request: CountKeyPackagesRequest,
	session: Session,
): Promise<MessageInitShape<typeof CountKeyPackagesResponseSchema>> {
	const lastResort = await records
		.selectFrom("last_resort_key_package")
		.select("used_at_ms")
		.where("device_id", "=", session.device)
		.executeTakeFirst();
	return {
		available: await countStock(records, session.device, clock.now()),
		lastResortUsed: lastResort !== undefined && lastResort.used_at_ms !== null,
	};
}
