import { Refusal } from "@troth/protocol";
import type { Session, Sessions } from "../context.ts";

const BEARER = /^Bearer ([A-Za-z0-9_-]+)$/;

/** Whose request this is. Rejects with UNAUTHENTICATED or DEVICE_REMOVED. */
export async function requireSession(
	{ sessions }: { readonly sessions: Sessions },
	authorization: string | undefined,
): Promise<Session> {
	const token = BEARER.exec(authorization ?? "")?.[1];
	if (token === undefined) throw new Refusal("UNAUTHENTICATED", "a session token is needed");
	return sessions.verifyToken(token);
}
