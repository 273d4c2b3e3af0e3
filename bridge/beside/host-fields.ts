/**
 * Where the door finds fields beside a host: the yes in the service's own records, the values with the host, asked now.
 * The yes is looked at twice, before anything is asked about somebody and after the answer came: a slow host must not
 * let something out that was taken back meanwhile.
 */
import type { AccountId } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { ConsentTables } from "../consent/tables.ts";
import type { FieldSource, SharedPurpose, ShareViewRow } from "../door/source/share-source.ts";
import { type HostFacts, isHostPurpose } from "./facts/host-facts.ts";
import type { BesideRecords } from "./records/schema.ts";

export class HostFields implements FieldSource, AsyncDisposable {
	readonly #records: Kysely<BesideRecords>;
	readonly #facts: HostFacts;

	/** @param records the service's own; the door only reads them */
	constructor(records: Kysely<ConsentTables>, facts: HostFacts) {
		this.#records = records as unknown as Kysely<BesideRecords>;
		this.#facts = facts;
	}

	async values<P extends SharedPurpose>(account: AccountId, purpose: P): Promise<ShareViewRow<P> | undefined> {
		if (!isHostPurpose(purpose)) return undefined;
		const before = await this.#yes(account, purpose);
		if (before === undefined) return undefined;
		const values = await this.#facts.read(purpose, before.host_id);
		const yes = await this.#yes(account, purpose);
		if (yes === undefined || values === undefined) return undefined;
		const { generation, purpose_hash: purposeHash } = yes;
		return { generation, purposeHash, phone: undefined, values: values as ShareViewRow<P>["values"] };
	}

	#yes(account: AccountId, purpose: string) {
		return this.#records
			.selectFrom("consent_choice as choice")
			.innerJoin("person", "person.account_id", "choice.account_id")
			.select(["choice.generation", "choice.purpose_hash", "person.host_id"])
			.where("choice.account_id", "=", account)
			.where("choice.purpose", "=", purpose)
			.where("choice.state", "=", "granted")
			.executeTakeFirst();
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#facts[Symbol.asyncDispose]();
	}
}
