/**
 * What a request keeps, put off until something has to read it: a row for each of its items is the same few statements
 * for all of them. Whoever reads or deletes items or match keys in the same transaction calls `write` before.
 */
import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import type { NewMatchKey } from "../match-keys/match-keys.ts";
import type { ConsentPinRow, Records, SharedItemRow } from "../records/schema.ts";

/** One item with the key that its subject said yes with; a match key where it carries a number. */
export interface Kept {
	readonly pin: ConsentPinRow;
	readonly item: SharedItemRow;
	readonly matchKey: NewMatchKey | undefined;
}

export class Keeping {
	readonly #matchKeys: FamilyContext["matchKeys"];
	readonly #transaction: Transaction<Records>;
	#kept: Kept[] = [];

	constructor({ matchKeys }: Pick<FamilyContext, "matchKeys">, transaction: Transaction<Records>) {
		this.#matchKeys = matchKeys;
		this.#transaction = transaction;
	}

	/** There is no item of the same subject and purpose, neither stored nor put off. */
	add(kept: Kept): void {
		this.#kept.push(kept);
	}

	/** Stores what was put off, and all that is derived from it. Rejects with StoreError. */
	async write(): Promise<void> {
		const kept = this.#kept;
		if (kept.length === 0) return;
		this.#kept = [];
		await this.#transaction
			.insertInto("consent_pin")
			.values(kept.map(({ pin }) => pin))
			.onConflict((conflict) => conflict.doNothing())
			.execute();
		await this.#transaction
			.insertInto("shared_item")
			.values(kept.map(({ item }) => item))
			.execute();
		const keys = kept.flatMap(({ matchKey }) => (matchKey === undefined ? [] : [matchKey]));
		await this.#matchKeys.add(this.#transaction, keys);
	}
}
