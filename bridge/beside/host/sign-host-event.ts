/** What service and host tell each other over HTTP, signed with the secret that the two have. */
import { createHmac } from "node:crypto";

export const SIGNATURE_HEADER = "troth-signature";

/** The header for a body, in both directions: HMAC-SHA256 over `time "." body`, time in UTC milliseconds. */
export function signHostEvent(secret: string, timeMs: number, body: string): string {
	return `t=${timeMs},v1=${createHmac("sha256", secret).update(`${timeMs}.${body}`).digest("hex")}`;
}
