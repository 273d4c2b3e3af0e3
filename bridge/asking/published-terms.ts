/** The versions of the terms that were ever published here, in the records, and the one in force. */
import { type Clock, LABELS } from "@troth/protocol";
import { StoreError } from "@troth/storage";
import type { Kysely, Transaction } from "kysely";
import { noteNarrowing } from "../consent/narrowing.ts";
import type { Policies } from "../consent/standing.ts";
import type { ConsentTables } from "../consent/tables.ts";
import type { Finding } from "../policy/lint.ts";
import { lintSuccession, type Policy, readPublishedPolicy } from "../policy/policy.ts";
import { PolicyError } from "../policy/policy-error.ts";
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

/** What publishing is done with. */
export interface TermsGround {
	readonly records: Kysely<ConsentTables>;
	readonly clock: Clock;
	readonly policyKey: PolicyKey;
	readonly events: {
		termsPublished(version: number): void;
		termsFileDiffers(version: number): void;
	};
	/** What else a policy must not do here; nothing for one that can be kept. */
	lint?(policy: Policy): readonly Finding[];
	/** Notes, in the transaction of the publication, that everybody has to be told. The first version needs no telling. */
	announce?(transaction: Transaction<ConsentTables>, version: number, nowMs: number): Promise<void>;
}

export class PublishedTerms implements Policies {
	readonly #ground: TermsGround;
	readonly #next: Policy | undefined;
	#versions: readonly PublishedVersion[] = [];

	private constructor(ground: TermsGround, next: Policy | undefined) {
		this.#ground = ground;
		this.#next = next;
	}

	/**
	 * Reads what was published. Where nothing was, `first` is published now. What people accepted stays what it was:
	 * a file that was edited afterwards is reported and not used. Rejects with PolicyError where the version in force, or
	 * the one that lies ready, can not be kept here.
	 */
	static async open(ground: TermsGround, { first, next }: TermsSettings): Promise<PublishedTerms> {
		const terms = new PublishedTerms(ground, next);
		await terms.#read();
		const inForce = terms.#versions.at(-1)?.policy ?? first;
		for (const policy of [inForce, ...(next === undefined ? [] : [next])])
			assertKept(policy, ground.lint?.(policy) ?? []);
		if (terms.#versions.length === 0) await terms.#insert(first, false);
		const same = terms.published(first.version);
		if (same !== undefined && same.policy.canonical !== first.canonical) ground.events.termsFileDiffers(first.version);
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
		assertKept(policy, this.#ground.lint?.(policy) ?? []);
		try {
			return await this.#insert(policy, true);
		} catch (error) {
			// Somebody published the same number meanwhile.
			if (error instanceof StoreError && error.code === "Conflict") return undefined;
			throw error;
		}
	}

	async #read(): Promise<void> {
		const rows = await this.#ground.records.selectFrom("terms_version").selectAll().orderBy("version").execute();
		this.#versions = rows.map((row) => ({
			policy: readPublishedPolicy(row.policy),
			publishedAtMs: row.published_at_ms,
			signature: row.signature ?? this.#sign(row.policy),
		}));
		// Published before there were signatures.
		for (const { version } of rows.filter(({ signature }) => signature === null))
			await this.#ground.records
				.updateTable("terms_version")
				.set({ signature: this.published(version)?.signature ?? null })
				.where("version", "=", version)
				.execute();
	}

	async #insert(policy: Policy, announce: boolean): Promise<PublishedVersion> {
		const version = policy.version;
		const published = { policy, publishedAtMs: this.#ground.clock.now(), signature: this.#sign(policy.canonical) };
		const { publishedAtMs, signature } = published;
		await this.#ground.records.transaction().execute(async (transaction) => {
			await transaction
				.insertInto("terms_version")
				.values({ version, policy: policy.canonical, published_at_ms: publishedAtMs, signature })
				.execute();
			if (!announce) return;
			await noteNarrowing(transaction, version, publishedAtMs);
			await this.#ground.announce?.(transaction, version, publishedAtMs);
		});
		this.#versions = [...this.#versions, published];
		this.#ground.events.termsPublished(version);
		return published;
	}

	#sign(canonical: string): Uint8Array {
		return this.#ground.policyKey.sign(LABELS.policy, new TextEncoder().encode(canonical));
	}
}

function assertKept({ version }: Policy, findings: readonly Finding[]): void {
	const told = findings.map(({ code, path, message }) => `${path}: ${code}, ${message}`);
	if (findings.length > 0)
		throw new PolicyError("AGAINST_RULES", `version ${version} can not be kept here: ${told.join("; ")}`, findings);
}
