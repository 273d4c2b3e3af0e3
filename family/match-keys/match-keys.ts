/**
 * Match keys: under which number a person may be found, for one purpose. A key is there while a yes is: the person's own
 * here (`self`) or a share with a proof (`share`). Whatever is derived from a key (suggestions, audience rows) listens
 * here and is made and deleted in the key's own transaction, so that after a recall nothing derived can be left.
 */
import { randomBytes } from "node:crypto";
import { ID_BYTES, toHex } from "@troth/protocol";
import type { Transaction } from "kysely";
import type { PersonId } from "../people/person.ts";
import type { MatchKeyRow, Records } from "../records/schema.ts";

export type MatchPurpose = MatchKeyRow["purpose"];

/** What a part of the company that derives rows from match keys does with them. */
export interface MatchKeyListener {
	/** The key is stored; `transaction` is the one it is stored in. */
	arrived(transaction: Transaction<Records>, key: MatchKeyRow): Promise<void>;
	/** The key is deleted; everything derived from it has to go in this `transaction`. */
	gone(transaction: Transaction<Records>, key: MatchKeyRow): Promise<void>;
}

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

	/** Stores a key; it replaces the one of the same person, purpose, source and subject. */
	async add(transaction: Transaction<Records>, key: Omit<MatchKeyRow, "match_key_id">): Promise<void> {
		const { person_id: person, purpose, source, subject } = key;
		await this.remove(transaction, { person, purpose, source, subject });
		const row = { ...key, match_key_id: toHex(randomBytes(ID_BYTES)) };
		await transaction.insertInto("match_key").values(row).execute();
		for (const listener of this.#listeners) await listener.arrived(transaction, row);
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
		for (const key of await query.execute())
			for (const listener of this.#listeners) await listener.gone(transaction, key);
	}
}
