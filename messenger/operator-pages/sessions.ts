/**
 * Logins of the operator's pages. The cookie holds 32 random bytes, the records their digest: whoever reads the records
 * can not log in, and logging out ends the session at once on every node.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { Records } from "../records/schema.ts";

const HOUR_MS = 3600 * 1000;
export const SESSION_MS = 8 * HOUR_MS;

export interface OperatorSession {
	/** Has to come back with every form (CSRF). */
	readonly formToken: string;
}

export class OperatorSessions {
	readonly #records: Kysely<Records>;
	readonly #clock: Clock;
	readonly #token: string;

	constructor(records: Kysely<Records>, clock: Clock, token: string) {
		this.#records = records;
		this.#clock = clock;
		this.#token = token;
	}

	/** What the cookie shall hold; undefined where this is not the operator's token. */
	async open(token: string): Promise<string | undefined> {
		if (!same(token, this.#token)) return undefined;
		const secret = randomBytes(32).toString("base64url");
		const now = this.#clock.now();
		await this.#records.deleteFrom("operator_session").where("expires_at_ms", "<=", now).execute();
		await this.#records
			.insertInto("operator_session")
			.values({ session_digest: this.#digest(secret), expires_at_ms: now + SESSION_MS })
			.execute();
		return secret;
	}

	/** @param secret what the cookie holds */
	async read(secret: string | undefined): Promise<OperatorSession | undefined> {
		if (secret === undefined) return undefined;
		const row = await this.#records
			.selectFrom("operator_session")
			.select("expires_at_ms")
			.where("session_digest", "=", this.#digest(secret))
			.executeTakeFirst();
		if (row === undefined || row.expires_at_ms <= this.#clock.now()) return undefined;
		return { formToken: createHmac("sha256", secret).update("troth/v1/operator/form").digest("base64url") };
	}

	async close(secret: string): Promise<void> {
		await this.#records.deleteFrom("operator_session").where("session_digest", "=", this.#digest(secret)).execute();
	}

	/** With the operator's token in it: a new token ends every session. */
	#digest(secret: string): string {
		return createHmac("sha256", this.#token).update(secret).digest("hex");
	}
}

/** Compared as digests: neither content nor length shows in the time it takes. */
export function same(a: string, b: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(a), digest(b));
}
