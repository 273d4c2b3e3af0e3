/** The versions of the terms that were ever published here, in the records, and the one in force. */
import { type Policy, parsePolicy } from "@troth/bridge";
import type { Clock } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { Events } from "../events.ts";
import type { Records } from "../records/schema.ts";

/** A policy and when it came into force. */
export interface PublishedVersion {
	readonly policy: Policy;
	readonly publishedAtMs: number;
}

export class PublishedTerms {
	readonly #versions: readonly PublishedVersion[];

	private constructor(versions: readonly PublishedVersion[]) {
		this.#versions = versions;
	}

	/**
	 * Reads what was published. Where nothing was, `first` is published now. What people accepted stays what it was:
	 * a file that was edited afterwards is reported and not used.
	 */
	static async open(records: Kysely<Records>, clock: Clock, events: Events, first: Policy): Promise<PublishedTerms> {
		const stored = await records.selectFrom("terms_version").selectAll().orderBy("version").execute();
		const versions = stored.map((row) => ({ policy: parsePolicy(row.policy), publishedAtMs: row.published_at_ms }));
		if (versions.length === 0) {
			const publishedAtMs = clock.now();
			await records
				.insertInto("terms_version")
				.values({ version: first.version, policy: first.canonical, published_at_ms: publishedAtMs })
				.execute();
			events.termsPublished(first.version);
			return new PublishedTerms([{ policy: first, publishedAtMs }]);
		}
		const same = versions.find(({ policy }) => policy.version === first.version);
		if (same !== undefined && same.policy.canonical !== first.canonical) events.termsFileDiffers(first.version);
		return new PublishedTerms(versions);
	}

	/** The version that has to be accepted now. */
	get current(): PublishedVersion {
		const current = this.#versions.at(-1);
		if (current === undefined) throw new TypeError("no terms are published");
		return current;
	}

	/** Undefined for a version that was never published here. */
	version(version: number): PublishedVersion | undefined {
		return this.#versions.find(({ policy }) => policy.version === version);
	}
}
