/**
 * What comes without anybody's yes: on an interest or a duty of the messenger's, under a name that only this company
 * knows, and about nobody's account here. Each purpose has one consumer, which keeps what it needs; what all have in
 * common — the fence, the time it may be kept, what a recall takes — is here.
 */
import type { ResidualPurpose } from "@troth/protocol";
import type { ShareRecord } from "@troth/transparency";
import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { highWater } from "./high-water.ts";
import type { BelievedResidual } from "./judge.ts";

type Needs = Pick<FamilyContext, "clock" | "consumers">;

/** One thing that was said under one name: the next one does not replace it. */
export interface ResidualKey {
	/** 32 hex digits. */
	readonly subject: string;
	readonly purpose: ResidualPurpose;
	readonly generation: number;
}

/** Who uses the items of a purpose. Both functions run in the transaction of the intake. */
export interface ResidualConsumer {
	/** `refused`: the values can not be ones of this purpose; nothing may have been written then. */
	keep(transaction: Transaction<Records>, item: BelievedResidual): Promise<"kept" | "dropped" | "refused">;
	/** Deletes the item and everything derived from it. It may be gone already. */
	remove(transaction: Transaction<Records>, item: ResidualKey): Promise<void>;
}

const DAY_MS = 24 * 3600 * 1000;

/** What nobody here uses is dropped at once. */
export async function takeResidual(
	{ clock, consumers }: Needs,
	transaction: Transaction<Records>,
	item: BelievedResidual,
): Promise<"kept" | "dropped" | "stale" | "refused"> {
	const { subject, generation, policyHash, purposeHash } = item.record;
	const { purpose, policy } = item;
	if (generation <= (await highWater(transaction, subject, purpose))) return "stale";
	const consumer = consumers.get(purpose);
	if (consumer === undefined) return "dropped";
	const key = { subject, purpose, generation };
	// The bridge did not hear the answer and sends it again.
	await consumer.remove(transaction, key);
	const outcome = await consumer.keep(transaction, item);
	if (outcome !== "kept") return outcome;
	const now = clock.now();
	const facts = {
		policy_hash: policyHash,
		purpose_hash: purposeHash,
		policy_version: policy.version,
		received_at_ms: now,
		expires_at_ms: now + policy.retentionDays * DAY_MS,
	};
	await transaction
		.insertInto("residual_item")
		.values({ ...key, ...facts })
		.onConflict((conflict) => conflict.columns(["subject", "purpose", "generation"]).doUpdateSet(facts))
		.execute();
	return "kept";
}

/** Deletes everything that was said under this name up to this generation, and what was derived from it. */
export async function removeResidual(
	context: Needs,
	transaction: Transaction<Records>,
	{ subject, purpose, generation }: Pick<ShareRecord, "subject" | "purpose" | "generation">,
): Promise<void> {
	const items = await transaction
		.selectFrom("residual_item")
		.select(["subject", "purpose", "generation"])
		.where("subject", "=", subject)
		.where("purpose", "=", purpose as ResidualPurpose)
		.where("generation", "<=", generation)
		.execute();
	await removeAll(context, transaction, items);
}

/** Deletes what may not be kept any longer; gives how many items that was. */
export async function removeExpiredResidual(context: Needs, transaction: Transaction<Records>): Promise<number> {
	const items = await transaction
		.selectFrom("residual_item")
		.select(["subject", "purpose", "generation"])
		.where("expires_at_ms", "<=", context.clock.now())
		.execute();
	await removeAll(context, transaction, items);
	return items.length;
}

async function removeAll({ consumers }: Needs, transaction: Transaction<Records>, items: readonly ResidualKey[]) {
	for (const item of items) {
		await consumers.get(item.purpose)?.remove(transaction, item);
		await transaction
			.deleteFrom("residual_item")
			.where("subject", "=", item.subject)
			.where("purpose", "=", item.purpose)
			.where("generation", "=", item.generation)
			.execute();
	}
}
