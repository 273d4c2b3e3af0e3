/**
 * Where the door finds fields beside a host: the yes in the service's own records, the values with the host, asked now.
 * The yes is looked at twice, before anything is asked about somebody and after the answer came: a slow host must not
 * let something out that was taken back meanwhile. What a link says comes from the person's browser, and sums are counted here: no host is asked.
 */
import { type AccountId, dayText, isResidual, type ResidualPurpose } from "@troth/protocol";
import type { Kysely } from "kysely";
import { INSTALLATION } from "../consent/installation.ts";
import type { ConsentTables } from "../consent/tables.ts";
import { type FieldSource, type SharedPurpose, ShareSource, type ShareViewRow } from "../door/source/share-source.ts";
import { type HostFacts, type HostPurpose, type HostValues, isHostPurpose } from "./facts/host-facts.ts";
import type { BesideRecords } from "./records/schema.ts";

export class HostFields implements FieldSource, AsyncDisposable {
	readonly #records: Kysely<BesideRecords>;
	/** The service's own views. */
	readonly #own: FieldSource;
	readonly #facts: HostFacts;

	/** @param records the service's own; the door only reads them */
	constructor(records: Kysely<ConsentTables>, facts: HostFacts) {
		this.#records = records as unknown as Kysely<BesideRecords>;
		this.#own = new ShareSource(records);
		this.#facts = facts;
	}

	async values<P extends SharedPurpose>(
		account: AccountId,
		purpose: P,
		generation: number,
	): Promise<ShareViewRow<P> | undefined> {
		const isOwn = purpose === "account_linking" || account === INSTALLATION;
		if (isOwn) return this.#own.values(account, purpose, generation);
		if (!isHostPurpose(purpose)) return undefined;
		if (isResidual(purpose)) return this.#word(account, purpose, generation) as Promise<ShareViewRow<P> | undefined>;
		const before = await this.#yes(account, purpose);
		if (before === undefined) return undefined;
		const values = await this.#facts.read(purpose, before.host_id);
		const yes = await this.#yes(account, purpose);
		if (yes === undefined || values === undefined) return undefined;
		const { purpose_hash: purposeHash, device_type, os } = yes;
		// What of it the purpose has, and the policy lists, is the gate's question.
		const known = { device_type, os, ...values } as ShareViewRow<P>["values"];
		return { generation: yes.generation, purposeHash, phone: undefined, values: known };
	}

	/** What asks nobody: as the host says it now, under the word that stands. One that was overtaken is not said. */
	async #word<P extends HostPurpose & ResidualPurpose>(
		account: AccountId,
		purpose: P,
		generation: number,
	): Promise<ShareViewRow<P> | undefined> {
		const before = await this.#said(account, purpose, generation);
		if (before === undefined) return undefined;
		const said: Partial<HostValues> | undefined = await this.#facts.read(purpose, before.host_id);
		if (said === undefined || (await this.#said(account, purpose, generation)) === undefined) return undefined;
		// Of use nothing is said under a day that is later than it was noted; it is said again in a week.
		if (purpose === "usage_metrics" && (said.last_used_day ?? "") > dayText(generation)) return undefined;
		const { phone_number: phone, ...values } = said;
		return {
			generation,
			purposeHash: undefined,
			phone: phone ?? undefined,
			values: values as ShareViewRow<P>["values"],
		};
	}

	#said(account: AccountId, purpose: string, generation: number) {
		return this.#records
			.selectFrom("said_word as word")
			.innerJoin("person", "person.account_id", "word.account_id")
			.select("person.host_id")
			.where("word.account_id", "=", account)
			.where("word.purpose", "=", purpose)
			.where("word.generation", "=", generation)
			.executeTakeFirst();
	}

	/** A yes that stands, and what is known of the device that was linked. */
	#yes(account: AccountId, purpose: string) {
		return this.#records
			.selectFrom("consent_choice as choice")
			.innerJoin("person", "person.account_id", "choice.account_id")
			.leftJoin("device_facts as device", "device.account_id", "choice.account_id")
			.select(["choice.generation", "choice.purpose_hash", "person.host_id", "device.device_type", "device.os"])
			.where("choice.account_id", "=", account)
			.where("choice.purpose", "=", purpose)
			.where("choice.state", "=", "granted")
			.executeTakeFirst();
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#facts[Symbol.asyncDispose]();
	}
}
