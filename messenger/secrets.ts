/**
 * The keys that make this installation itself. All are derived from one random seed, made at the first start and kept
 * in a file that only its owner may read: never in the environment, never in a log. A copy of the data directory
 * without this file is not this server: tokens, codes and franking tags made before no longer verify.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { openSeed, SEED_BYTES } from "@troth/storage";

export interface Secrets {
	/** HMAC of session tokens. */
	readonly tokenKey: Uint8Array;
	/** HMAC of login challenges. */
	readonly challengeKey: Uint8Array;
	/** HMAC of verification codes, registration tokens and of numbers where only equality matters. */
	readonly registrationKey: Uint8Array;
	/** HMAC of the server's stamp on entries (message franking). */
	readonly frankingKey: Uint8Array;
	/** HMAC of numbers whose limit outlives their account (`abuse/number-mac.ts`). */
	readonly abuseKey: Uint8Array;
	/** HMAC of usernames that were given up (`finding/username.ts`). */
	readonly usernameKey: Uint8Array;
	/** Ed25519 seed of the policy key, which signs policies and consent receipts (`terms/policy-key.ts`). */
	readonly policySeed: Uint8Array;
	/** 48 bytes, from which the P-256 key for push services follows (`push/vapid.ts`). */
	readonly pushSeed: Uint8Array;
}

const FILE = "messenger.key";

/** Keys that end with the process: for stores that do so too. */
export function temporarySecrets(): Secrets {
	return derive(randomBytes(SEED_BYTES));
}

/** Reads the installation's keys, or makes them where there are none yet. Rejects with SeedError. */
export async function openSecrets(dataDir: string): Promise<Secrets> {
	return derive(await openSeed(join(dataDir, FILE)));
}

function derive(seed: Uint8Array): Secrets {
	const key = (use: string) => new Uint8Array(hkdfSync("sha256", seed, "", `troth/v1/messenger/${use}`, 32));
	return {
		tokenKey: key("session-token"),
		challengeKey: key("login-challenge"),
		registrationKey: key("registration"),
		frankingKey: key("franking"),
		abuseKey: key("abuse"),
		usernameKey: key("username"),
		policySeed: key("policy"),
		pushSeed: new Uint8Array(hkdfSync("sha256", seed, "", "troth/v1/messenger/push", 48)),
	};
}
