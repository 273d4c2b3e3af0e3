/**
 * From the outbox into the log. What was read, the records that follow from it, their leaves with their places and the
 * position in the outbox are one transaction of the door's store: after a crash all of it is there or nothing is, and
 * the tiles follow from the leaves (`log/share-log.ts`).
 */
import { type Purpose, toHex } from "@troth/protocol";
import { commitment, contextOf, linkOf, type ShareRecord, saltOf, shareRecordBytes } from "@troth/transparency";
import type { Transaction } from "kysely";
import type { DoorContext } from "../context.ts";
import { DoorStateError } from "../door-state-error.ts";
import { assertOutboxGoesOn, markOf } from "../source/continuity.ts";
import type { ShelvedPolicy } from "../source/policy-shelf.ts";
import type { DoorRecords } from "../store/schema.ts";
import { type Committed, padBatch } from "./batch.ts";
import { type Draft, planTask, readForTasks, type Task } from "./plan.ts";

/** Rows of the outbox that are dealt with in one transaction: what is kept in memory, however long the outbox is. */
export const ROWS_PER_BATCH = 256;

/** Deals with what waits. True where there may be more. Rejects with StoreError, PolicyUnsigned or DoorStateError. */
export async function writeBatch(context: DoorContext): Promise<boolean> {
	const { store, source, policies, clock, events } = context;
	const position = await assertOutboxGoesOn(context);
	const rows = await source.outboxAfter(position, ROWS_PER_BATCH);
	const due = await store
		.selectFrom("deferred")
		.selectAll()
		.where("due_at_ms", "<=", clock.now())
		.orderBy("id")
		.limit(ROWS_PER_BATCH)
		.execute();
	if (rows.length === 0 && due.length === 0) return false;
	await policies.refresh();
	const policy = policies.current;
	if (policy === undefined) return false;

	const drafts: Draft[] = [];
	const deferred: { readonly task: Task; readonly dueAtMs: number }[] = [];
	const tasks: Task[] = [
		...due.map((row) => ({ ...row, kind: "share" as const, account: row.account_id })),
		...rows.map((row) => ({ ...row, account: row.account_id, askedAtMs: row.created_at_ms })),
	];
	const read = await readForTasks(context, tasks);
	for (const task of tasks) {
		const plan = await planTask(context, task, read);
		if (plan.kind === "write") drafts.push(...plan.drafts);
		else if (plan.kind === "defer") deferred.push({ task, dueAtMs: plan.dueAtMs });
		else events.notRecorded(task.purpose, task.recipient, plan.reason);
	}

	const last = rows.at(-1);
	const size = await store.transaction().execute(async (records) => {
		const moved = await records
			.updateTable("position")
			.set(last === undefined ? { outbox_id: position } : { outbox_id: last.id, outbox_mark: markOf(last) })
			.where("outbox_id", "=", position)
			.executeTakeFirst();
		if (moved.numUpdatedRows !== 1n) throw new DoorStateError("another process writes in the door's store");
		const done = due.map(({ id }) => id);
		if (done.length > 0) await records.deleteFrom("deferred").where("id", "in", done).execute();
		for (const { task, dueAtMs } of deferred) await defer(records, task, dueAtMs);
		return append(records, drafts, policy, clock.now());
	});
	if (size > 0) events.batchWritten(size);
	return rows.length === ROWS_PER_BATCH || due.length === ROWS_PER_BATCH;
}

/** Puts a share off until then. */
export async function defer(
	records: Transaction<DoorRecords>,
	{ account, purpose, recipient, generation }: Omit<Task, "kind">,
	dueAtMs: number,
): Promise<void> {
	await records
		.insertInto("deferred")
		.values({ account_id: account, purpose: purpose as Purpose, recipient, generation, due_at_ms: dueAtMs })
		.onConflict((conflict) =>
			conflict.columns(["account_id", "purpose", "recipient", "generation"]).doUpdateSet({ due_at_ms: dueAtMs }),
		)
		.execute();
}

/** A record and its place in the account's chain. */
interface Numbered {
	readonly draft: Draft;
	readonly n: number;
	/** What the leaf commits to. */
	readonly record: Uint8Array;
}

/** The batch, with numbers, padding and places; gives its size. */
async function append(
	records: Transaction<DoorRecords>,
	drafts: readonly Draft[],
	policy: ShelvedPolicy,
	nowMs: number,
): Promise<number> {
	const context = contextOf(policy.hash, nowMs);
	const numbers = await takeNumbers(records, drafts);
	const committed = drafts.map((draft, at): Committed<Numbered> => {
		const n = numbers[at] ?? 0;
		const record = shareRecordBytes(recordOf(draft, policy, nowMs));
		return {
			item: { draft, n, record },
			commitment: commitment(saltOf(draft.shareKey, n), record),
			chain: linkOf(draft.shareKey, n),
		};
	});
	const batch = padBatch(committed, context);
	if (batch.length === 0) return 0;
	await keepPolicy(records, policy);
	const last = await records
		.selectFrom("leaf")
		.select((eb) => eb.fn.max("leaf_index").as("index"))
		.executeTakeFirst();
	const first = last?.index == null ? 0 : last.index + 1;
	await records
		.insertInto("leaf")
		.values(batch.map(({ leaf }, at) => ({ leaf_index: first + at, bytes: leaf })))
		.execute();
	const places = new Map(batch.map(({ item }, at) => [item, first + at]));
	// In the order of the outbox, which is the order in which they are sent.
	const placed = committed.map(({ item }) => {
		const leafIndex = places.get(item);
		if (leafIndex === undefined) throw new DoorStateError("a record has no place in its batch");
		return { ...item, leafIndex };
	});
	await insertShares(records, placed, context);
	return batch.length;
}

async function keepPolicy(records: Transaction<DoorRecords>, policy: ShelvedPolicy): Promise<void> {
	await records
		.insertInto("policy")
		.values({ policy_hash: toHex(policy.hash), policy: policy.canonical, signature: policy.signature })
		.onConflict((conflict) => conflict.column("policy_hash").doNothing())
		.execute();
}

/** Takes the next places in the accounts' chains, in the order of the drafts. */
async function takeNumbers(records: Transaction<DoorRecords>, drafts: readonly Draft[]): Promise<readonly number[]> {
	if (drafts.length === 0) return [];
	const keys = new Map(drafts.map(({ account, shareKey }) => [account, shareKey]));
	const chains = await records
		.selectFrom("chain")
		.select(["account_id", "next_n"])
		.where("account_id", "in", [...keys.keys()])
		.execute();
	const next = new Map(chains.map((chain) => [chain.account_id, chain.next_n]));
	const numbers = drafts.map(({ account }) => {
		const n = next.get(account) ?? 1;
		next.set(account, n + 1);
		return n;
	});
	await records
		.insertInto("chain")
		.values(
			[...keys].map(([account, key]) => ({ account_id: account, share_key: key, next_n: next.get(account) ?? 1 })),
		)
		.onConflict((conflict) =>
			conflict.column("account_id").doUpdateSet((eb) => ({ next_n: eb.ref("excluded.next_n") })),
		)
		.execute();
	return numbers;
}

function recordOf(draft: Draft, policy: ShelvedPolicy, nowMs: number): ShareRecord {
	const { account: _account, shareKey: _key, published: _values, askedAtMs: _asked, ...facts } = draft;
	return { ...facts, v: 1, policyHash: toHex(policy.hash), t: nowMs, answers: "" };
}

async function insertShares(
	records: Transaction<DoorRecords>,
	placed: readonly (Numbered & { readonly leafIndex: number })[],
	context: Uint8Array,
): Promise<void> {
	await records
		.insertInto("share")
		.values(
			placed.map(({ draft, n, record, leafIndex }) => ({
				account_id: draft.account,
				n,
				leaf_index: leafIndex,
				kind: draft.kind === "share" ? ("share" as const) : ("recall" as const),
				recipient: draft.recipient,
				subject: draft.subject,
				purpose: draft.purpose,
				generation: draft.generation,
				record: new TextDecoder().decode(record),
				context,
				state: "logged" as const,
				attempts: 0,
				next_at_ms: 0,
				outcome: null,
				receipt: null,
				answered_at_ms: null,
				asked_at_ms: draft.askedAtMs ?? null,
			})),
		)
		.execute();
	const published = placed.flatMap(({ draft, leafIndex }) =>
		draft.published === undefined ? [] : [{ leaf_index: leafIndex, value_list: draft.published }],
	);
	if (published.length > 0) await records.insertInto("published_value").values(published).execute();
}
