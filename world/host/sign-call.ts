/** How the shop and the bridge sign their calls to each other: a host does it by hand, in three lines. */
import { createHmac } from "node:crypto";

/** The header `troth-signature` for a body; the time in UTC milliseconds. */
export function signCall(secret: string, timeMs: number, body: string): string {
	return `t=${timeMs},v1=${createHmac("sha256", secret).update(`${timeMs}.${body}`).digest("hex")}`;
}
