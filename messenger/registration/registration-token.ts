/**
 * What a verified number is worth: one account. The token follows from its attempt, so that an answer that got lost
 * can be given again; the records hold only its digest.
 */
import { createHash, createHmac } from "node:crypto";
import type { Secrets } from "../secrets.ts";

export function tokenOfAttempt({ registrationKey }: Secrets, attemptId: string): Uint8Array {
	return createHmac("sha256", registrationKey).update(`registration-token\0${attemptId}`).digest();
}

export function digestOfToken(token: Uint8Array): string {
	return createHash("sha256").update(token).digest("hex");
}
