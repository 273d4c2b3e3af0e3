/**
 * Forgets what the door kept about accounts that are gone, once nothing of it is open: every share is covered by a recall
 * that its recipient acknowledged. What stays in the log is then uniform bytes to everybody who does not have the share
 * key, and the door is one of them.
 */
import type { AccountId } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import { sql } from "kysely";
import { INSTALLATION } from "../consent/installation.ts";
import type { DoorContext } from "./context.ts";

/** Chains looked at in one go. */
const CHAINS_PER_LOOK = 100;

export class ForgetGone {
	readonly #context: DoorContext;
	#after = "" as AccountId | "";

	constructor(context: DoorContext) {
		this.#context = context;
	}

	/** Looks at the next chains, and begins anew at the end. Not while a batch is written. Rejects with StoreError. */
	async look(): Promise<void> {
		const { store, source, events } = this.#context;
		const chains = await store
			.selectFrom("chain")
			.select("account_id")
			.where("account_id", "!=", INSTALLATION)
			.where("account_id", ">", this.#after as AccountId)
			.orderBy("account_id")
			.limit(CHAINS_PER_LOOK)
			.execute();
		this.#after = chains.length < CHAINS_PER_LOOK ? "" : (chains.at(-1)?.account_id ?? "");
		let forgotten = 0;
		for (const { account_id: account } of chains) {
			if ((await source.shareKey(account)) !== undefined || (await this.#isOpen(account))) continue;
			await store.transaction().execute(async (records) => {
				for (const table of ["share", "deferred", "chain"] as const)
					await records.deleteFrom(table).where("account_id", "=", account).execute();
			});
			events.chainForgotten();
			forgotten++;
		}
		if (forgotten > 0) await eraseDeleted(store);
	}

	/** Is there something shared that was not taken back for certain? */
	async #isOpen(account: AccountId): Promise<boolean> {
		const { rows } = await sql<{ open: number }>`
			select exists (
				select 1 from share
				where account_id = ${account} and kind = 'share' and not exists (
					select 1 from share as recall
					where recall.account_id = share.account_id and recall.purpose = share.purpose
						and recall.recipient = share.recipient and recall.subject = share.subject
						and recall.generation >= share.generation
						and recall.kind = 'recall' and recall.outcome = 'recalled'
				)
			) as open
		`.execute(this.#context.store);
		return rows[0]?.open !== 0;
	}
}
