/** Session tokens: account, device and expiry under an HMAC. They hold nothing secret and are good for 15 minutes. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { type AccountId, type Clock, type DeviceId, ID_BYTES, idBytes, LIMITS, readId } from "@troth/protocol";
import type { Session } from "../context.ts";

const TIME_BYTES = 8;
const CLAIM_BYTES = 2 * ID_BYTES + TIME_BYTES;
const MAC_BYTES = 32;
/** base64url of claim and MAC. */
const TOKEN_CHARACTERS = Math.ceil(((CLAIM_BYTES + MAC_BYTES) * 4) / 3);

export class Tokens {
	readonly #clock: Clock;
	/** Imported once: an HMAC with raw bytes takes ten times as long. */
	readonly #key: KeyObject;

	constructor(clock: Clock, key: Uint8Array) {
		this.#clock = clock;
		this.#key = createSecretKey(key);
	}

	issue({ account, device }: Session): { readonly token: string; readonly expiresAtMs: number } {
		const expiresAtMs = this.#clock.now() + LIMITS.sessionMs;
		const bytes = Buffer.alloc(CLAIM_BYTES + MAC_BYTES);
		bytes.set(idBytes(account));
		bytes.set(idBytes(device), ID_BYTES);
		bytes.writeBigUInt64BE(BigInt(expiresAtMs), 2 * ID_BYTES);
		bytes.set(this.#mac(bytes), CLAIM_BYTES);
		return { token: bytes.toString("base64url"), expiresAtMs };
	}

	/** Whose token this is; undefined where it is not ours or over. */
	read(token: string): (Session & { readonly issuedAtMs: number }) | undefined {
		if (token.length !== TOKEN_CHARACTERS) return undefined;
		const bytes = Buffer.from(token, "base64url");
		if (bytes.length !== CLAIM_BYTES + MAC_BYTES) return undefined;
		if (!timingSafeEqual(bytes.subarray(CLAIM_BYTES), this.#mac(bytes))) return undefined;
		const expiresAtMs = Number(bytes.readBigUInt64BE(2 * ID_BYTES));
		if (expiresAtMs <= this.#clock.now()) return undefined;
		const account = readId<AccountId>(bytes.subarray(0, ID_BYTES));
		const device = readId<DeviceId>(bytes.subarray(ID_BYTES, 2 * ID_BYTES));
		if (account === undefined || device === undefined) return undefined;
		return { account, device, issuedAtMs: expiresAtMs - LIMITS.sessionMs };
	}

	#mac(bytes: Buffer): Buffer {
		return createHmac("sha256", this.#key).update(bytes.subarray(0, CLAIM_BYTES)).digest();
	}
}
