/**
 * Login challenges that need no storage: time, randomness and a MAC over both. A challenge is good for
 * LIMITS.challengeMs, once, and never for a server that started after it was given.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, LIMITS, toHex } from "@troth/protocol";

const TIME_BYTES = 8;
const NONCE_BYTES = 8;
const MAC_BYTES = 16;
const CHALLENGE_BYTES = TIME_BYTES + NONCE_BYTES + MAC_BYTES;

export class Challenges {
	readonly #clock: Clock;
	/** Imported once: an HMAC with raw bytes takes ten times as long. */
	readonly #key: KeyObject;
	readonly #startedMs: number;
	/** Challenge and end of its life, oldest first. Only a verified login adds one. */
	readonly #redeemed = new Map<string, number>();

	constructor(clock: Clock, key: Uint8Array) {
		this.#clock = clock;
		this.#key = createSecretKey(key);
		this.#startedMs = clock.now();
	}

	issue(): { readonly challenge: Uint8Array<ArrayBuffer>; readonly expiresAtMs: number } {
		const now = this.#clock.now();
		const challenge = new Uint8Array(CHALLENGE_BYTES);
		new DataView(challenge.buffer).setBigUint64(0, BigInt(now));
		challenge.set(randomBytes(NONCE_BYTES), TIME_BYTES);
		challenge.set(this.#mac(challenge), TIME_BYTES + NONCE_BYTES);
		return { challenge, expiresAtMs: now + LIMITS.challengeMs };
	}

	/** Is it ours, young, and not redeemed yet? */
	isOpen(challenge: Uint8Array): boolean {
		if (challenge.length !== CHALLENGE_BYTES) return false;
		if (!timingSafeEqual(challenge.subarray(TIME_BYTES + NONCE_BYTES), this.#mac(challenge))) return false;
		const age = this.#clock.now() - issuedAt(challenge);
		return (
			issuedAt(challenge) >= this.#startedMs &&
			age >= 0 &&
			age <= LIMITS.challengeMs &&
			!this.#redeemed.has(toHex(challenge))
		);
	}

	/** Uses it up; false where someone was faster. Call it only after the signature over it was found good. */
	redeem(challenge: Uint8Array): boolean {
		if (!this.isOpen(challenge)) return false;
		const now = this.#clock.now();
		for (const [spent, expiresAtMs] of this.#redeemed) {
			if (expiresAtMs >= now) break;
			this.#redeemed.delete(spent);
		}
		this.#redeemed.set(toHex(challenge), now + LIMITS.challengeMs);
		return true;
	}

	#mac(challenge: Uint8Array): Uint8Array {
		const signed = challenge.subarray(0, TIME_BYTES + NONCE_BYTES);
		return createHmac("sha256", this.#key).update(signed).digest().subarray(0, MAC_BYTES);
	}
}

function issuedAt(challenge: Uint8Array): number {
	return Number(new DataView(challenge.buffer, challenge.byteOffset).getBigUint64(0));
}
