import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SetRegistrationLockRequest, SetRegistrationLockResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../../context.ts";
import { hashPin, readPin } from "./pin.ts";

/** Holds the account's number with this PIN from now on; the one before does not count any more. Refuses with MALFORMED. */
export async function setRegistrationLock(
	{ records, clock, events }: MessengerContext,
	request: SetRegistrationLockRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof SetRegistrationLockResponseSchema>> {
	const { salt, hash } = await hashPin(readPin(request.pin));
	const lock = { salt, pin_hash: hash, guesses: 0, wait_until_ms: 0, set_at_ms: clock.now() };
	await records
		.insertInto("registration_lock")
		.values({ account_id: account, ...lock })
		.onConflict((conflict) => conflict.column("account_id").doUpdateSet(lock))
		.execute();
	events.registrationLock("set");
	return {};
}
