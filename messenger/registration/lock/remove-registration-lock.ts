import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RemoveRegistrationLockRequest, RemoveRegistrationLockResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../../context.ts";

/** Whoever verifies the number takes it again. Nothing happens where there is no lock. */
export async function removeRegistrationLock(
	{ records, events }: MessengerContext,
	_request: RemoveRegistrationLockRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof RemoveRegistrationLockResponseSchema>> {
	await records.deleteFrom("registration_lock").where("account_id", "=", account).execute();
	events.registrationLock("removed");
	return {};
}
