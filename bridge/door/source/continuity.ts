/**
 * Are the messenger's records those that the door has read? Records from an older backup have forgotten withdrawals, and
 * give their numbers and generations out once more: what followed from them would be taken for done. Then the door
 * stands still and the messenger does not start, until somebody brings the newer records back.
 */
import { createHash } from "node:crypto";
import { type AccountId, CATALOGUE, isResidual, type Purpose } from "@troth/protocol";
import type { ShareOutboxRow } from "../../consent/tables.ts";
import type { DoorContext } from "../context.ts";
import { DoorStateError } from "../door-state-error.ts";

type Needs = Pick<DoorContext, "store" | "source">;

/** Accounts whose generations are compared in one go. */
const ACCOUNTS_PER_LOOK = 500;

/** What a person decides about; the generations of other purposes are times. */
const CHOICES = (Object.keys(CATALOGUE) as Purpose[]).filter((purpose) => !isResidual(purpose));

/** What a row of the outbox says, in 64 hex digits. */
export function markOf({
	id,
	account_id,
	kind,
	purpose,
	recipient,
	generation,
	created_at_ms,
}: ShareOutboxRow): string {
	const said = JSON.stringify([id, account_id, kind, purpose, recipient, generation, created_at_ms]);
	return createHash("sha256").update(said).digest("hex");
}

/**
 * The outbox only grows: the last row that was dealt with is still in it, and is the same. Rejects with DoorStateError
 * where it is not, with StoreError where a store does not answer.
 */
export async function assertOutboxGoesOn({ store, source }: Needs): Promise<number> {
	const position = await store.selectFrom("position").selectAll().executeTakeFirstOrThrow();
	const { outbox_id: id, outbox_mark: mark } = position;
	const [row] = id === 0 ? [] : await source.outboxAfter(id - 1, 1);
	if (id > 0 && (row?.id !== id || (mark !== null && mark !== markOf(row)))) throw older();
	return id;
}

/** No yes that was recorded here has a later generation than its person has given. Rejects as above. */
export async function assertGenerationsGoOn({ store, source }: Needs): Promise<void> {
	for (let after = "" as AccountId; ; ) {
		const chains = await store
			.selectFrom("chain")
			.select("account_id")
			.where("account_id", ">", after)
			.orderBy("account_id")
			.limit(ACCOUNTS_PER_LOOK)
			.execute();
		const accounts = chains.map(({ account_id }) => account_id);
		const last = accounts.at(-1);
		if (last === undefined) return;
		const recorded = await store
			.selectFrom("share")
			.select(({ fn }) => ["account_id", "purpose", fn.max("generation").as("generation")])
			.where("account_id", "in", accounts)
			.where("kind", "=", "share")
			.where("purpose", "in", CHOICES)
			.groupBy(["account_id", "purpose"])
			.execute();
		const given = await source.generationsOf(accounts);
		const behind = recorded.some(({ account_id, purpose, generation }) => {
			const known = given.get(account_id);
			return known !== undefined && (known.get(purpose) ?? 0) < generation;
		});
		if (behind) throw older();
		after = last;
	}
}

function older(): DoorStateError {
	return new DoorStateError("the messenger's records are older than what the door has read of them");
}
