/**
 * Who a push service is told that we are (RFC 8292): a P-256 key that follows from the server's seed, an address of the
 * operator's, and for whom a token is meant. Nothing else signs with this key.
 */
import { createECDH, createPrivateKey, type KeyObject } from "node:crypto";
import type { Clock } from "@troth/protocol";
import { SignJWT } from "jose/jwt/sign";

/** Order of the group (FIPS 186-5). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;
/** A token serves for half a day, half of what RFC 8292 section 2 allows. */
const TOKEN_MS = 12 * 3600 * 1000;
const RENEW_MS = 3600 * 1000;
/** Push services that are remembered at a time. */
const TOKENS_KEPT = 100;

export class Vapid {
	/** 65 bytes, uncompressed: what browsers make subscriptions for. */
	readonly publicKey: Uint8Array<ArrayBuffer>;
	readonly #key: KeyObject;
	readonly #subject: string;
	readonly #clock: Clock;
	readonly #tokens = new Map<string, { readonly token: string; readonly untilMs: number }>();

	/**
	 * @param seed 48 bytes
	 * @param subject where the operator is reached: `mailto:` or `https:`
	 */
	constructor(seed: Uint8Array, subject: string, clock: Clock) {
		const ecdh = createECDH("prime256v1");
		const scalar = scalarOf(seed);
		ecdh.setPrivateKey(scalar);
		const point = ecdh.getPublicKey();
		const part = (from: number) => point.subarray(from, from + SCALAR_BYTES).toString("base64url");
		this.#key = createPrivateKey({
			key: { kty: "EC", crv: "P-256", d: scalar.toString("base64url"), x: part(1), y: part(1 + SCALAR_BYTES) },
			format: "jwk",
		});
		this.publicKey = new Uint8Array(point);
		this.#subject = subject;
		this.#clock = clock;
	}

	/** The value of `Authorization` for this push service (RFC 8292 section 3). */
	async authorization(origin: string): Promise<string> {
		const now = this.#clock.now();
		let known = this.#tokens.get(origin);
		if (known === undefined || now >= known.untilMs) {
			const expires = Math.floor((now + TOKEN_MS) / 1000);
			const token = await new SignJWT()
				.setProtectedHeader({ typ: "JWT", alg: "ES256" })
				.setAudience(origin)
				.setSubject(this.#subject)
				.setExpirationTime(expires)
				.sign(this.#key);
			known = { token, untilMs: now + TOKEN_MS - RENEW_MS };
			if (this.#tokens.size >= TOKENS_KEPT) this.#tokens.clear();
			this.#tokens.set(origin, known);
		}
		return `vapid t=${known.token}, k=${Buffer.from(this.publicKey).toString("base64url")}`;
	}
}

/** A number from 1 to the order less 1, from more bits than it has (FIPS 186-5, A.2.1). */
function scalarOf(seed: Uint8Array): Buffer {
	const number = (BigInt(`0x${Buffer.from(seed).toString("hex")}`) % (ORDER - 1n)) + 1n;
	return Buffer.from(number.toString(16).padStart(2 * SCALAR_BYTES, "0"), "hex");
}
