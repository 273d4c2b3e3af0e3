import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CreateSessionRequest, type CreateSessionResponseSchema, idBytes } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** A bearer token for a device that signed a challenge. Refuses with UNAUTHENTICATED, DEVICE_REMOVED. */
export async function createSession(
	{ sessions, events }: MessengerContext,
	request: CreateSessionRequest,
): Promise<MessageInitShape<typeof CreateSessionResponseSchema>> {
	const session = await sessions.redeemLogin(request.login);
	const { token, expiresAtMs } = sessions.issueToken(session);
	events.loggedIn();
	return { token, tokenExpiresMs: BigInt(expiresAtMs), accountId: idBytes(session.account) };
}
