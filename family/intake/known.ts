/**
 * What the company knows about the people of one request, read for all of them in a few queries: each item is held
 * against half a dozen rows, and asking for each alone would be most of the work. It lives as long as the request's
 * transaction, and forgets what an item of it changed.
 */
import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import type { PersonId } from "../people/person.ts";
import type { Records, SharedItemRow } from "../records/schema.ts";
import type { BelievedShare } from "./judge.ts";

type KnownItem = Pick<SharedItemRow, "generation" | "grant_hash">;

/** Remembers what was looked up, and looks up what it does not remember. */
class Remembered<Value> {
	readonly #values = new Map<string, Value | undefined>();

	async get(key: string, look: () => Promise<Value | undefined>): Promise<Value | undefined> {
		if (!this.#values.has(key)) this.#values.set(key, await look());
		return this.#values.get(key);
	}

	/** Undefined for what is known not to be there. */
	set(key: string, value: Value | undefined): void {
		this.#values.set(key, value);
	}

	forget(): void {
		this.#values.clear();
	}
}

export class Known {
	readonly #records: Transaction<Records>;
	readonly #pins = new Remembered<Uint8Array>();
	readonly #highWater = new Remembered<number>();
	readonly #items = new Remembered<KnownItem>();
	readonly #links = new Remembered<PersonId>();
	readonly #holders = new Remembered<PersonId>();
	readonly #birthYears = new Remembered<number>();
	#deleted = false;

	constructor(records: Transaction<Records>) {
		this.#records = records;
	}

	/** Reads what these shares will be held against. Rejects with StoreError. */
	async lookUp({ keys: { tags } }: Pick<FamilyContext, "keys">, shares: readonly BelievedShare[]): Promise<void> {
		const subjects = [...new Set(shares.map(({ record }) => record.subject))];
		if (subjects.length === 0) return;
		const phones = shares.flatMap(({ values }) => (values.purpose === "account_linking" ? [] : [values.phone]));
		const holderTags = [...new Set(phones)].map((phone) => tags.people(phone));
		for (const { record } of shares) {
			this.#pins.set(record.subject, undefined);
			this.#links.set(record.subject, undefined);
			this.#highWater.set(keyOf(record), undefined);
			this.#items.set(keyOf(record), undefined);
		}
		for (const tag of holderTags) this.#holders.set(hex(tag), undefined);
		const records = this.#records;
		const pins = await records.selectFrom("consent_pin").selectAll().where("subject", "in", subjects).execute();
		for (const { subject, consent_key } of pins) this.#pins.set(subject, consent_key);
		const marks = await records.selectFrom("high_water").selectAll().where("subject", "in", subjects).execute();
		for (const mark of marks) this.#highWater.set(keyOf(mark), mark.generation);
		const items = await records
			.selectFrom("shared_item")
			.select(["subject", "purpose", "generation", "grant_hash"])
			.where("subject", "in", subjects)
			.execute();
		for (const item of items) this.#items.set(keyOf(item), item);
		const links = await records
			.selectFrom("account_link")
			.select(["subject", "person_id"])
			.where("subject", "in", subjects)
			.execute();
		for (const { subject, person_id } of links) this.#links.set(subject, person_id);
		if (holderTags.length === 0) return;
		const holders = await records
			.selectFrom("verified_phone")
			.innerJoin("person", "person.person_id", "verified_phone.person_id")
			.select(["people_tag", "verified_phone.person_id", "birth_year"])
			.where("people_tag", "in", holderTags)
			.execute();
		for (const { people_tag, person_id, birth_year } of holders) {
			this.#holders.set(hex(people_tag), person_id);
			this.#birthYears.set(person_id, birth_year);
		}
	}

	/** The key that the subject said yes with; no other is taken from it. */
	pin(subject: string): Promise<Uint8Array | undefined> {
		return this.#pins.get(subject, async () => {
			const row = await this.#records
				.selectFrom("consent_pin")
				.select("consent_key")
				.where("subject", "=", subject)
				.executeTakeFirst();
			return row?.consent_key;
		});
	}

	/** How far the subject was recalled for the purpose; 0 for not at all. */
	async highWater(subject: string, purpose: string): Promise<number> {
		const generation = await this.#highWater.get(keyOf({ subject, purpose }), async () => {
			const row = await this.#records
				.selectFrom("high_water")
				.select("generation")
				.where("subject", "=", subject)
				.where("purpose", "=", purpose)
				.executeTakeFirst();
			return row?.generation;
		});
		return generation ?? 0;
	}

	/** What is kept about the subject for the purpose. */
	item(subject: string, purpose: string): Promise<KnownItem | undefined> {
		return this.#items.get(keyOf({ subject, purpose }), () =>
			this.#records
				.selectFrom("shared_item")
				.select(["generation", "grant_hash"])
				.where("subject", "=", subject)
				.where("purpose", "=", purpose)
				.executeTakeFirst(),
		);
	}

	/** Whose account the subject is linked to. */
	linkedTo(subject: string): Promise<PersonId | undefined> {
		return this.#links.get(subject, async () => {
			const row = await this.#records
				.selectFrom("account_link")
				.select("person_id")
				.where("subject", "=", subject)
				.executeTakeFirst();
			return row?.person_id;
		});
	}

	/** Who verified the number with this tag. */
	holder(peopleTag: Uint8Array): Promise<PersonId | undefined> {
		return this.#holders.get(hex(peopleTag), async () => {
			const row = await this.#records
				.selectFrom("verified_phone")
				.select("person_id")
				.where("people_tag", "=", peopleTag)
				.executeTakeFirst();
			return row?.person_id;
		});
	}

	async birthYear(person: PersonId): Promise<number> {
		const year = await this.#birthYears.get(person, async () => {
			const row = await this.#records
				.selectFrom("person")
				.select("birth_year")
				.where("person_id", "=", person)
				.executeTakeFirstOrThrow();
			return row.birth_year;
		});
		return year ?? 0;
	}

	/** Something was deleted, or may have been: what is remembered does not hold any more. */
	deleted(): void {
		this.#deleted = true;
		this.forget();
	}

	/** Has anything been deleted that has to leave the files, too? */
	get hasDeleted(): boolean {
		return this.#deleted;
	}

	/** More changed than one item. */
	forget(): void {
		for (const memory of [this.#pins, this.#highWater, this.#items, this.#links]) memory.forget();
	}

	/** The one item that changed is this one, now as it says. */
	kept(subject: string, purpose: string, consentKey: Uint8Array, item: KnownItem): void {
		this.#pins.set(subject, consentKey);
		this.#items.set(keyOf({ subject, purpose }), item);
	}
}

function keyOf({ subject, purpose }: { readonly subject: string; readonly purpose: string }): string {
	return `${subject} ${purpose}`;
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}
