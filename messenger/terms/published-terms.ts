/** The versions of the terms that were ever published here, in the records, and the one in force. */
import { lintSuccession, type Policies, type Policy, PolicyError, readPublishedPolicy } from "@troth/bridge";
import { type Clock, LABELS } from "@troth/protocol";
import { StoreError } from "@troth/storage";
import type { Kysely } from "kysely";
import type { Events } from "../events.ts";
import type { Records } from "../records/schema.ts";
import type { PolicyKey } from "./policy-key.ts";

/** A policy, when it came into force, and the server's signature over it. */
export interface PublishedVersion {
	readonly policy: Policy;
	readonly publishedAtMs: number;
	readonly signature: Uint8Array;
}

export interface TermsSettings {
	/** Published where nothing is yet. */
	readonly first: Policy;
	/** Lies ready for the operator to publish. */
	readonly next: Policy | undefined;
}

export class PublishedTerms implements Policies {
	readonly #records: Kysely<Records>;
	readonly #clock: Clock;
	readonly #events: Events;
	readonly #key: PolicyKey;
	readonly #next: Policy | undefined;
	#versions: readonly PublishedVersion[] = [];

	private constructor(
		records: Kysely<Records>,
		clock: Clock,
		events: Events,
		key: PolicyKey,
		next: Policy | undefined,
	) {
		this.#records = records;
		this.#clock = clock;
		this.#events = events;
		this.#key = key;
		this.#next = next;
	}

	/**
	 * Reads what was published. Where nothing was, `first` is published now. What people accepted stays what it was:
	 * a file that was edited afterwards is reported and not used.
	 */
	static async open(
		records: Kysely<Records>,
		clock: Clock,
		events: Events,
		key: PolicyKey,
		{ first, next }: TermsSettings,
	): Promise<PublishedTerms> {
		const terms = new PublishedTerms(records, clock, events, key, next);
		await terms.#read();
		if (terms.#versions.length === 0) await terms.#insert(first, false);
		const same = terms.published(first.version);
		if (same !== undefined && same.policy.canonical !== first.canonical) events.termsFileDiffers(first.version);
		return terms;
	}

	/** The version in force: what new accounts accept, and what others have 30 days for from its notice on. */
	get inForce(): PublishedVersion {
		const inForce = this.#versions.at(-1);
		if (inForce === undefined) throw new TypeError("no terms are published");
		return inForce;
	}

	get current(): Policy {
		return this.inForce.policy;
	}

	/** From the first on. */
	get versions(): readonly PublishedVersion[] {
		return this.#versions;
	}

	/** What lies ready to be published; undefined where nothing does, or it is published already. */
	get next(): Policy | undefined {
		return this.#next !== undefined && this.#next.version > this.current.version ? this.#next : undefined;
	}

	/** Undefined for a version that was never published here. */
	published(version: number): PublishedVersion | undefined {
		return this.#versions.find(({ policy }) => policy.version === version);
	}

	version(version: number): Policy | undefined {
		return this.published(version)?.policy;
	}

	/**
	 * Puts a version into force, and notes that every device has to be told. Undefined where its number is not newer than
	 * the one in force. Rejects with PolicyError where it must not follow the versions before it.
	 */
	async publish(policy: Policy): Promise<PublishedVersion | undefined> {
		if (policy.version <= this.current.version) return undefined;
		const earlier = this.#versions.map((version) => version.policy);
		const findings = lintSuccession(policy, earlier);
		if (findings.length > 0) throw new PolicyError("AGAINST_RULES", "it can not follow the versions before", findings);
		try {
			return await this.#insert(policy, true);
		} catch (error) {
			// Somebody published the same number meanwhile.
			if (error instanceof StoreError && error.code === "Conflict") return undefined;
			throw error;
		}
	}

	async #read(): Promise<void> {
		const rows = await this.#records.selectFrom("terms_version").selectAll().orderBy("version").execute();
		this.#versions = rows.map((row) => ({
			policy: readPublishedPolicy(row.policy),
			publishedAtMs: row.published_at_ms,
			signature: row.signature ?? this.#sign(row.policy),
		}));
		// Published before there were signatures.
		for (const { version } of rows.filter(({ signature }) => signature === null))
			await this.#records
				.updateTable("terms_version")
				.set({ signature: this.published(version)?.signature ?? null })
				.where("version", "=", version)
				.execute();
	}

	async #insert(policy: Policy, announce: boolean): Promise<PublishedVersion> {
		const version = policy.version;
		const published = { policy, publishedAtMs: this.#clock.now(), signature: this.#sign(policy.canonical) };
		const { publishedAtMs, signature } = published;
		await this.#records.transaction().execute(async (transaction) => {
			await transaction
				.insertInto("terms_version")
				.values({ version, policy: policy.canonical, published_at_ms: publishedAtMs, signature })
				.execute();
			if (announce) await transaction.insertInto("terms_rollout").values({ version, after_device: "" }).execute();
		});
		this.#versions = [...this.#versions, published];
		this.#events.termsPublished(version);
		return published;
	}

	#sign(canonical: string): Uint8Array {
		return this.#key.sign(LABELS.policy, new TextEncoder().encode(canonical));
	}
}
