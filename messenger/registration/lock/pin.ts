/** A PIN as the server keeps it: only as an Argon2id hash (RFC 9106) under a salt of its own. */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { LIMITS, Refusal } from "@troth/protocol";

const hash = promisify(argon2);

const SALT_BYTES = 16;
/** OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane. A PIN is short; what protects it is the limit of guesses. */
const WORK = { parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 } as const;
const CHARACTERS = /^[\p{L}\p{N}]+$/u;

export interface HashedPin {
	readonly salt: Uint8Array;
	readonly hash: Uint8Array;
}

/** Refuses with MALFORMED what can be no PIN. */
export function readPin(text: string): string {
	const pin = text.normalize("NFKC");
	const length = [...pin].length;
	if (length < LIMITS.pinLengthMin || length > LIMITS.pinLengthMax || !CHARACTERS.test(pin))
		throw new Refusal("MALFORMED", `a PIN has ${LIMITS.pinLengthMin} to ${LIMITS.pinLengthMax} letters and digits`);
	return pin;
}

export async function hashPin(pin: string): Promise<HashedPin> {
	const salt = randomBytes(SALT_BYTES);
	return { salt, hash: await hash("argon2id", { ...WORK, message: pin, nonce: salt }) };
}

/** Is it this PIN? Takes some tens of milliseconds. */
export async function isPin(pin: string, { salt, hash: kept }: HashedPin): Promise<boolean> {
	return timingSafeEqual(await hash("argon2id", { ...WORK, message: pin, nonce: salt }), kept);
}
