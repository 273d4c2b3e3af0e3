/**
 * Match keys: under which number a person may be found, for one purpose. A key is there while a yes is: the person's own
 * here (`self`) or a share with a proof (`share`). Whatever is derived from a key (suggestions, audience rows) listens
 * here and is made and deleted in the key's own transaction, so that after a recall nothing derived can be left.
 */
import { randomBytes } from "node:crypto";
import { ID_BYTES, toHex } from "@troth/protocol";
import { sql, type Transaction } from "kysely";
import type { PersonId } from "../people/person.ts";
import type { MatchKeyRow, Records } from "../records/schema.ts";

export type MatchPurpose = MatchKeyRow["purpose"];

/** What a part of the company that derives rows from match keys does with them. Never called without keys. */
export interface MatchKeyListener {
	/** The keys are stored; `transaction` is the one they are stored in. */
	arrived(transaction: Transaction<Records>, keys: readonly MatchKeyRow[]): Promise<void>;
	/** The keys are deleted; everything derived from them has to go in this `transaction`. */
	gone(transaction: Transaction<Records>, keys: readonly MatchKeyRow[]): Promise<void>;
}

export type NewMatchKey = Omit<MatchKeyRow, "match_key_id">;

/** Which keys: every given field has to be equal. */
export interface WhichKeys {
	readonly person?: PersonId;
	readonly purpose?: MatchPurpose;
	readonly source?: "self" | "share";
	readonly subject?: string;
}

export class MatchKeys {
	readonly #listeners: MatchKeyListener[] = [];

	listen(listener: MatchKeyListener): void {
		this.#listeners.push(listener);
	}

	/** Stores keys; each replaces the one of the same person, purpose, source and subject. No two of them are the same. */
	async add(transaction: Transaction<Records>, keys: readonly NewMatchKey[]): Promise<void> {
		if (keys.length === 0) return;
		const which = keys.map(({ person_id, purpose, source, subject }) => {
			return sql`(${person_id}, ${purpose}, ${source}, ${subject})`;
		});
		const replaced = await transaction
			.deleteFrom("match_key")
			.where(sql<boolean>`(person_id, purpose, source, subject) in (values ${sql.join(which)})`)
			.returningAll()
			.execute();
		if (replaced.length > 0) for (const listener of this.#listeners) await listener.gone(transaction, replaced);
		const rows = keys.map((key) => ({ ...key, match_key_id: toHex(randomBytes(ID_BYTES)) }));
		await transaction.insertInto("match_key").values(rows).execute();
		for (const listener of this.#listeners) await listener.arrived(transaction, rows);
	}

	/** Deletes keys and all that is derived from them. At least one field has to be named. */
	async remove(transaction: Transaction<Records>, which: WhichKeys): Promise<void> {
		const { person, purpose, source, subject } = which;
		if (person === undefined && subject === undefined) throw new TypeError("whose keys?");
		let query = transaction.deleteFrom("match_key").returningAll();
		if (person !== undefined) query = query.where("person_id", "=", person);
		if (purpose !== undefined) query = query.where("purpose", "=", purpose);
		if (source !== undefined) query = query.where("source", "=", source);
		if (subject !== undefined) query = query.where("subject", "=", subject);
		const keys = await query.execute();
		if (keys.length > 0) for (const listener of this.#listeners) await listener.gone(transaction, keys);
	}
}

/** Whose keys for this purpose these are, each once. */
export function peopleOf(keys: readonly MatchKeyRow[], purpose: MatchPurpose): readonly PersonId[] {
	return [...new Set(keys.filter((key) => key.purpose === purpose).map(({ person_id }) => person_id))];
}
