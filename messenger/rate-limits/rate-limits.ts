/** How often an account may ask for what tells something about others. Limits of codes per number lie in the records. */
import { type AccountId, type Clock, LIMITS } from "@troth/protocol";
import { TokenBuckets } from "./token-buckets.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Each throws RATE_LIMITED with `retryAtMs`. */
export class RateLimits {
	readonly #lookUps: TokenBuckets;
	readonly #businessLookUps: TokenBuckets;
	readonly #claims: TokenBuckets;

	constructor(clock: Clock) {
		this.#lookUps = new TokenBuckets(clock, { capacity: LIMITS.lookUpsPerHour, refillMs: HOUR_MS });
		this.#businessLookUps = new TokenBuckets(clock, {
			capacity: LIMITS.businessLookUpsPerHour,
			refillMs: HOUR_MS,
		});
		this.#claims = new TokenBuckets(clock, { capacity: LIMITS.claimsPerHour, refillMs: HOUR_MS });
	}

	/** A business has its customers' numbers from them, and many of them; the operator knows who it is. */
	lookUp(account: AccountId, isBusiness: boolean): void {
		(isBusiness ? this.#businessLookUps : this.#lookUps).spend(account);
	}

	/** Per pair, so that nobody can use up another's key packages. */
	claim(claimer: AccountId, target: AccountId): void {
		this.#claims.spend(`${claimer} ${target}`);
	}
}
