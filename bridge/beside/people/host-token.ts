/**
 * The host says who its logged-in person is: a JWT (RFC 7519) for this service alone, that lives five minutes at most and
 * counts once. It travels in the fragment of the embedded page's address, which reaches no server and no log.
 */
import { createHash } from "node:crypto";
import { type Clock, isRegion, Refusal } from "@troth/protocol";
import { type CryptoKey, importSPKI, type JWTPayload, jwtVerify } from "jose";
import * as v from "valibot";
import { isHostId } from "../facts/host-facts.ts";

/** How the host signs. A shared secret has 32 bytes or more; a public key is SPKI in PEM. */
export type HostKey =
	| { readonly alg: "HS256"; readonly secret: string }
	| { readonly alg: "EdDSA"; readonly publicKey: string };

export interface HostTokenOptions {
	/** What `aud` has to say. */
	readonly audience: string;
	readonly key: HostKey;
}

/** Who it is, in the host's words. */
export interface HostPerson {
	readonly hostId: string;
	readonly locale: string | undefined;
	/** ISO 3166-1 alpha-2, where the host says where they live. */
	readonly region: string | undefined;
	/** Undefined where the host does not say. */
	readonly minor: boolean | undefined;
}

const LONGEST_LIFE_S = 5 * 60;
const CLOCKS_APART_S = 30;
const LEAST_SECRET_BYTES = 32;

const Claims = v.object({
	sub: v.pipe(v.string(), v.check(isHostId)),
	iat: v.number(),
	exp: v.number(),
	locale: v.optional(v.pipe(v.string(), v.maxLength(35))),
	region: v.optional(v.pipe(v.string(), v.check(isRegion))),
	minor: v.optional(v.boolean()),
});

export class HostTokens {
	readonly #clock: Clock;
	readonly #options: HostTokenOptions;
	readonly #key: Promise<Uint8Array | CryptoKey>;
	/** Digests of tokens that were used, until they are over. */
	readonly #used = new Map<string, number>();

	/** Throws RangeError for a secret that is too short. */
	constructor(clock: Clock, options: HostTokenOptions) {
		const { key } = options;
		this.#clock = clock;
		this.#options = options;
		if (key.alg === "HS256" && Buffer.byteLength(key.secret) < LEAST_SECRET_BYTES)
			throw new RangeError(`the host's secret needs ${LEAST_SECRET_BYTES} bytes or more`);
		this.#key =
			key.alg === "HS256" ? Promise.resolve(new TextEncoder().encode(key.secret)) : importSPKI(key.publicKey, "EdDSA");
		this.#key.catch(() => {});
	}

	/** Rejects where the configured key is none. */
	async ready(): Promise<void> {
		await this.#key;
	}

	/** Believes a token once. Refuses with UNAUTHENTICATED. */
	async redeem(token: string): Promise<HostPerson> {
		const claims = v.safeParse(Claims, await this.#verify(token));
		if (!claims.success) throw refused("the token's claims are not those of a host");
		const { sub, iat, exp, locale, region, minor } = claims.output;
		if (exp - iat > LONGEST_LIFE_S) throw refused("the token lives too long");
		this.#use(token, exp);
		return { hostId: sub, locale, region, minor };
	}

	async #verify(token: string): Promise<JWTPayload> {
		const { audience, key } = this.#options;
		try {
			const { payload } = await jwtVerify(token, await this.#key, {
				audience,
				algorithms: [key.alg],
				clockTolerance: CLOCKS_APART_S,
				maxTokenAge: LONGEST_LIFE_S,
				currentDate: new Date(this.#clock.now()),
				requiredClaims: ["sub", "iat", "exp", "aud"],
			});
			return payload;
		} catch (error) {
			throw refused("the token does not verify", error);
		}
	}

	#use(token: string, exp: number): void {
		const nowS = this.#clock.now() / 1000;
		for (const [digest, overAtS] of this.#used) if (overAtS < nowS) this.#used.delete(digest);
		const digest = createHash("sha256").update(token).digest("base64");
		if (this.#used.has(digest)) throw refused("the token was used before");
		this.#used.set(digest, exp + CLOCKS_APART_S);
	}
}

function refused(message: string, cause?: unknown): Refusal {
	return new Refusal("UNAUTHENTICATED", message, cause === undefined ? {} : { cause });
}
