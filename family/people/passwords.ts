/** Passwords: scrypt (RFC 7914) with a random salt each, compared in constant time. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

export interface StoredPassword {
	readonly salt: Uint8Array;
	readonly hash: Uint8Array;
}

/** 32 MiB and some 80 ms a guess. */
const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

export async function storePassword(password: string): Promise<StoredPassword> {
	const salt = randomBytes(SALT_BYTES);
	return { salt, hash: await derive(password, salt) };
}

/** Nobody's password: with it an unknown address takes as long as a known one. */
const NOBODY: StoredPassword = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };

/** Is this the password? Takes the same time where there is none stored. */
export async function isPassword(password: string, stored: StoredPassword | undefined): Promise<boolean> {
	const { salt, hash } = stored ?? NOBODY;
	const equal = timingSafeEqual(await derive(password, salt), hash);
	return equal && stored !== undefined;
}

function derive(password: string, salt: Uint8Array): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		scrypt(password.normalize("NFC"), salt, HASH_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
	});
}
