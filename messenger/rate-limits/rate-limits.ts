/** How often an account may ask for what tells something about others. Limits of codes per number lie in the records. */
import { type AccountId, type Clock, LIMITS } from "@troth/protocol";
import { TokenBuckets } from "./token-buckets.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Each throws RATE_LIMITED with `retryAtMs`. */
export class RateLimits {
	readonly #lookUps: TokenBuckets;
	readonly #businessLookUps: TokenBuckets;
	readonly #claims: TokenBuckets;
	readonly #limitedConversations: TokenBuckets;
	readonly #limitedPeople: TokenBuckets;
	readonly #limitedLookUps: TokenBuckets;
	readonly #reports: TokenBuckets;
	readonly #archiveParts: TokenBuckets;
	readonly #addressBooks: TokenBuckets;
	readonly #usernames: TokenBuckets;
	readonly #ownDevices: TokenBuckets;
	readonly #photos: TokenBuckets;
	readonly #photoReads: TokenBuckets;
	readonly #aboutMe: TokenBuckets;

	constructor(clock: Clock) {
		this.#lookUps = new TokenBuckets(clock, { capacity: LIMITS.lookUpsPerHour, refillMs: HOUR_MS });
		this.#businessLookUps = new TokenBuckets(clock, {
			capacity: LIMITS.businessLookUpsPerHour,
			refillMs: HOUR_MS,
		});
		this.#claims = new TokenBuckets(clock, { capacity: LIMITS.claimsPerHour, refillMs: HOUR_MS });
		this.#limitedConversations = new TokenBuckets(clock, { capacity: LIMITS.limitedPeoplePerHour, refillMs: HOUR_MS });
		this.#limitedPeople = new TokenBuckets(clock, { capacity: LIMITS.limitedPeoplePerHour, refillMs: HOUR_MS });
		this.#limitedLookUps = new TokenBuckets(clock, { capacity: LIMITS.limitedLookUpsPerHour, refillMs: HOUR_MS });
		this.#archiveParts = new TokenBuckets(clock, { capacity: LIMITS.archivePartsPerHour, refillMs: HOUR_MS });
		this.#reports = new TokenBuckets(clock, { capacity: LIMITS.reportsPerHour, refillMs: HOUR_MS });
		this.#addressBooks = new TokenBuckets(clock, { capacity: LIMITS.numbersPerDay, refillMs: 24 * HOUR_MS });
		this.#usernames = new TokenBuckets(clock, { capacity: LIMITS.usernameClaimsPerHour, refillMs: HOUR_MS });
		this.#ownDevices = new TokenBuckets(clock, { capacity: LIMITS.ownDevicesPerHour, refillMs: HOUR_MS });
		this.#photos = new TokenBuckets(clock, { capacity: LIMITS.profilePhotosPerHour, refillMs: HOUR_MS });
		this.#photoReads = new TokenBuckets(clock, { capacity: LIMITS.profilePhotoReadsPerHour, refillMs: HOUR_MS });
		this.#aboutMe = new TokenBuckets(clock, { capacity: LIMITS.aboutMePerHour, refillMs: HOUR_MS });
	}

	/** A business has its customers' numbers from them, and many of them; the operator knows who it is. */
	lookUp(account: AccountId, isBusiness: boolean): void {
		(isBusiness ? this.#businessLookUps : this.#lookUps).spend(account);
	}

	/** Per pair, so that nobody can use up another's key packages. */
	claim(claimer: AccountId, target: AccountId): void {
		this.#claims.spend(`${claimer} ${target}`);
	}

	/**
	 * An account that was acted upon begins a conversation. A device that keeps to the rules has claimed key packages for
	 * it and was refused there, where its person is told, and not here, where it would only wait.
	 */
	limitedConversation(account: AccountId): void {
		this.#limitedConversations.spend(account);
	}

	/** An account that was acted upon claims the key packages of somebody: each one counts, whoever it is. */
	limitedPerson(account: AccountId): void {
		this.#limitedPeople.spend(account);
	}

	/** An account that was acted upon looks numbers up. */
	limitedLookUp(account: AccountId, numbers = 1): void {
		this.#limitedLookUps.spend(account, numbers);
	}

	/** An address book is compared. */
	lookUpNumbers(account: AccountId, numbers: number): void {
		this.#addressBooks.spend(account, numbers);
	}

	/** What can not be had says that somebody has it. */
	claimUsername(account: AccountId): void {
		this.#usernames.spend(account);
	}

	/** An account's devices tell each other something. */
	ownDevices(account: AccountId): void {
		this.#ownDevices.spend(account);
	}

	archivePart(account: AccountId): void {
		this.#archiveParts.spend(account);
	}

	report(account: AccountId): void {
		this.#reports.spend(account);
	}

	putPhoto(account: AccountId): void {
		this.#photos.spend(account);
	}

	getPhoto(account: AccountId): void {
		this.#photoReads.spend(account);
	}

	/** Reads much, and is asked for by people. */
	aboutMe(account: AccountId): void {
		this.#aboutMe.spend(account);
	}
}
