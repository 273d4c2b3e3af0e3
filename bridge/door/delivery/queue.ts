/**
 * What waits for one recipient, handed over in requests of bounded size: recalls first and without waiting for witnesses
 * (ADR 0006), shares when enough witnesses have seen them and only if they are permitted at that moment. State lies on
 * the disk, so that days and restarts in between change nothing.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ItemReceipt,
	ItemReceiptSchema,
	type SignedPolicy,
	SignedPolicySchema,
	toHex,
} from "@troth/protocol";
import {
	commitment,
	leafHash,
	leafOf,
	readShareRecord,
	rememberCheckpoints,
	type ShareRecord,
} from "@troth/transparency";
import { sql, type Transaction } from "kysely";
import type { DoorContext, Recipient } from "../context.ts";
import { fieldsOf, GateError, type Parcel, packRecall, packShare } from "../gate/gate.ts";
import { mintNow } from "../gate/moment.ts";
import { shareProofOf } from "../log/share-proof-of.ts";
import { readAhead } from "../source/read-ahead.ts";
import { isShared, type PersonSource } from "../source/share-source.ts";
import type { DoorRecords, ShareOutcome, ShareRow, ShareStateName } from "../store/schema.ts";
import { defer } from "../writing/write-batch.ts";
import { backoffMs } from "./backoff.ts";
import { type ReadReceipt, readReceipt } from "./receipt.ts";
import { neverConnected } from "./recipient-client.ts";

/** Runs of one queue beside each other: while the recipient works on one request, the next is made. */
export const REQUESTS_AT_ONCE = 2;
/** Items of one request. */
export const ITEMS_PER_REQUEST = 100;

type WaitingRow = ShareRow & { readonly share_key: Uint8Array };

/** A row that is ready to go. */
interface Ready {
	readonly row: WaitingRow;
	readonly record: ShareRecord;
	readonly parcel: Parcel;
}

/** A row that may not go any more. */
interface Held {
	readonly row: WaitingRow;
	readonly reason: string;
	/** Still permitted, with other fields than its record names: a new record is made of it. */
	readonly anew: boolean;
}

export class DeliveryQueue {
	readonly #context: DoorContext;
	readonly #recipient: Recipient;
	readonly #mayShare: () => boolean;
	/** Accounts that a request is about which has no answer yet. */
	readonly #underWay = new Set<AccountId>();
	#taking: Promise<unknown> = Promise.resolve();

	/** @param mayShare false until it is sure that the messenger's records are those that the door has read */
	constructor(context: DoorContext, recipient: Recipient, mayShare: () => boolean) {
		this.#context = context;
		this.#recipient = recipient;
		this.#mayShare = mayShare;
	}

	/**
	 * Hands over what may go now, one request after the other; `REQUESTS_AT_ONCE` of these may run beside each other.
	 * Rejects with StoreError; what the recipient does wrong is waited for.
	 */
	async run(): Promise<void> {
		while (await this.#handOver()) {
			// Until nothing is due, or the recipient has to be waited for.
		}
	}

	/** One request. True where there may be more to do at once. */
	async #handOver(): Promise<boolean> {
		const taken = this.#taking.then(() => this.#take());
		this.#taking = taken.catch(() => {});
		const { rows, failures } = await taken;
		try {
			return rows.length > 0 && (await this.#request(rows, failures));
		} finally {
			for (const { account_id } of rows) this.#underWay.delete(account_id);
		}
	}

	/** What the next request is about, and how often the recipient has failed in a row. */
	async #take(): Promise<{ readonly rows: readonly WaitingRow[]; readonly failures: number }> {
		const { store, clock } = this.#context;
		const waiting = await store
			.selectFrom("recipient")
			.selectAll()
			.where("recipient", "=", this.#recipient.id)
			.executeTakeFirst();
		const { failures = 0, next_at_ms = 0 } = waiting ?? {};
		// Who has failed is asked by one request alone whether it is there again.
		if (next_at_ms > clock.now() || (failures > 0 && this.#underWay.size > 0)) return { rows: [], failures };
		const rows = await this.#due();
		for (const { account_id } of rows) this.#underWay.add(account_id);
		return { rows, failures };
	}

	async #request(rows: readonly WaitingRow[], failuresBefore: number): Promise<boolean> {
		const { source, events } = this.#context;
		await this.#countAttempt(rows);
		const ready: Ready[] = [];
		const held: Held[] = [];
		const shares = rows.filter(({ kind }) => kind === "share");
		// The last thing before they leave.
		const people = await readAhead(
			source,
			shares.map((row) => ({ ...row, account: row.account_id })),
		);
		for (const row of rows) {
			const one = await this.#prepare(row, people).catch((error: unknown) => this.#gateClosed(row, error));
			if ("parcel" in one) ready.push(one);
			else held.push(one);
		}
		if (held.length > 0) await this.#hold(held);
		if (ready.length === 0) return true;
		const policies = await this.#policiesOf(ready);
		let answers: readonly ItemReceipt[];
		try {
			const parcels = ready.map(({ parcel }) => parcel);
			answers = await this.#recipient.client.deliver(parcels, policies);
		} catch (error) {
			const failures = failuresBefore + 1;
			const nextAtMs = this.#context.clock.now() + backoffMs(failures);
			await this.#waitFor(failures, nextAtMs);
			if (neverConnected(error)) await this.#uncountAttempt(ready.map(({ row }) => row));
			events.recipientFailed(this.#recipient.id, failures, nextAtMs, error);
			return false;
		}
		if (failuresBefore > 0) await this.#waitFor(0, 0);
		await this.#record(ready, answers);
		return true;
	}

	/** Recalls before shares: a long queue must not hold them up, and the recipient's fence allows it. */
	async #due(): Promise<readonly WaitingRow[]> {
		const { log, policies, events } = this.#context;
		const recalls = await this.#dueOf("recall", log.size, ITEMS_PER_REQUEST);
		try {
			await policies.refresh();
		} catch (error) {
			// Without knowing the policy in force nothing can be permitted, but everything can be taken back.
			events.failed("policies", error);
			return recalls;
		}
		if (!this.#mayShare()) return recalls;
		return [...recalls, ...(await this.#dueOf("share", log.witnessedSize, ITEMS_PER_REQUEST - recalls.length))];
	}

	#dueOf(kind: ShareRow["kind"], size: number, limit: number): Promise<WaitingRow[]> {
		const { store, clock } = this.#context;
		return (
			store
				.selectFrom("share")
				.innerJoin("chain", "chain.account_id", "share.account_id")
				.selectAll("share")
				.select("chain.share_key")
				.where("share.recipient", "=", this.#recipient.id)
				.where("share.kind", "=", kind)
				.where("share.state", "=", "logged")
				.where("share.leaf_index", "<", size)
				.where("share.next_at_ms", "<=", clock.now())
				// What another request says of the same account has to arrive first.
				.where("share.account_id", "not in", [...this.#underWay])
				.orderBy("share.id")
				.limit(limit)
				.execute()
		);
	}

	/** Before it is sent, so that nobody says of something that left that it did not. */
	async #countAttempt(rows: readonly WaitingRow[]): Promise<void> {
		const ids = rows.map(({ id }) => id);
		await this.#context.store
			.updateTable("share")
			.set((eb) => ({ attempts: eb("attempts", "+", 1) }))
			.where("id", "in", ids)
			.execute();
	}

	async #uncountAttempt(rows: readonly WaitingRow[]): Promise<void> {
		const ids = rows.map(({ id }) => id);
		await this.#context.store
			.updateTable("share")
			.set((eb) => ({ attempts: eb("attempts", "-", 1) }))
			.where("id", "in", ids)
			.execute();
	}

	async #prepare(row: WaitingRow, people: PersonSource): Promise<Ready | Held> {
		const record = readShareRecord(new TextEncoder().encode(row.record));
		if (record === undefined) return { row, reason: "RECORD_INVALID", anew: false };
		const { log } = this.#context;
		if (row.kind === "recall") {
			const proof = shareProofOf(log, row, row.share_key, "signed");
			return { row, record, parcel: packRecall(record, proof) };
		}
		const { purpose, recipient, generation } = row;
		if (!isShared(purpose)) return { row, reason: "PURPOSE_UNKNOWN", anew: false };
		const proof = shareProofOf(log, row, row.share_key, "witnessed");
		const question = { account: row.account_id, shareKey: row.share_key, purpose, recipient, generation };
		const minted = await mintNow({ ...this.#context, source: people }, question);
		// What only waits for whoever has the fields is recorded anew when they are there.
		if (!minted.permit) return { row, reason: minted.reason, anew: minted.reason === "FIELDS_UNAVAILABLE" };
		if (fieldsOf(minted.values).join() !== record.fields.join()) return { row, reason: "FIELDS_CHANGED", anew: true };
		// The number that a name followed from is another one by now.
		if (toHex(minted.subject) !== record.subject) return { row, reason: "SUBJECT_CHANGED", anew: true };
		return { row, record, parcel: packShare(purpose, record, proof, minted.grant, minted.values) };
	}

	/** A defect of ours about one item must not hold up the others. */
	#gateClosed(row: WaitingRow, error: unknown): Held {
		if (!(error instanceof GateError)) throw error;
		this.#context.events.failed("gate", error);
		return { row, reason: "GATE", anew: false };
	}

	/** They stay in the log, and each says of itself whether it ever left. */
	async #hold(held: readonly Held[]): Promise<void> {
		const { store, clock, events } = this.#context;
		await store.transaction().execute(async (records) => {
			for (const { row, anew } of held) {
				// As it was read: before this attempt, which did not happen.
				const { attempts } = row;
				const state: ShareStateName = attempts === 0 ? "withheld" : "overtaken";
				await records.updateTable("share").set({ state, attempts }).where("id", "=", row.id).execute();
				if (anew && !(await isRecordedLater(records, row)))
					await defer(records, { ...row, account: row.account_id }, clock.now());
			}
		});
		for (const { row, reason } of held) events.withheld(row.leaf_index, row.recipient, reason);
	}

	/** As they were signed, from the door's own store: taking back needs nothing of the messenger. */
	async #policiesOf(ready: readonly Ready[]): Promise<readonly SignedPolicy[]> {
		const hashes = new Set(ready.map(({ record }) => record.policyHash));
		const kept = await this.#context.store
			.selectFrom("policy")
			.select(["policy", "signature"])
			.where("policy_hash", "in", [...hashes])
			.execute();
		return kept.map(({ policy, signature }) =>
			create(SignedPolicySchema, { policy: new TextEncoder().encode(policy), signature }),
		);
	}

	async #record(ready: readonly Ready[], answers: readonly ItemReceipt[]): Promise<void> {
		const open = rememberCheckpoints();
		const read = ready.map(({ row, record, parcel }, at) => {
			const answer = answers[at];
			if (answer === undefined) throw new TypeError("an item has no answer");
			const sent = { record, leafHash: leafHash(leafIn(parcel)) };
			return { row, record, answer, receipt: readReceipt(answer, sent, this.#recipient.receipts, open) };
		});
		const nowMs = this.#context.clock.now();
		await this.#context.store.transaction().execute(async (records) => {
			const answered: AnsweredRow[] = [];
			for (const { row, answer, receipt } of read) {
				const outcome = outcomeOf(receipt);
				if (outcome !== undefined) answered.push({ id: row.id, outcome, receipt: toBinary(ItemReceiptSchema, answer) });
				else {
					const next_at_ms = nowMs + backoffMs(row.attempts + 1);
					await records.updateTable("share").set({ next_at_ms }).where("id", "=", row.id).execute();
				}
			}
			await recordAnswers(records, answered, nowMs);
		});
		for (const { row, record, receipt } of read) this.#tell(row, record, receipt, nowMs);
	}

	#tell(row: WaitingRow, record: ShareRecord, receipt: ReadReceipt, nowMs: number): void {
		const { events } = this.#context;
		const { leaf_index: leaf, kind, recipient } = row;
		if (receipt.kind === "proved") events.answered(leaf, kind, recipient, receipt.outcome, nowMs - record.t);
		else if (receipt.kind === "refused") events.refused(leaf, kind, recipient, receipt.reason);
		else events.receiptInvalid(leaf, recipient, receipt.reason);
	}

	async #waitFor(failures: number, nextAtMs: number): Promise<void> {
		await this.#context.store
			.insertInto("recipient")
			.values({ recipient: this.#recipient.id, failures, next_at_ms: nextAtMs })
			.onConflict((conflict) => conflict.column("recipient").doUpdateSet({ failures, next_at_ms: nextAtMs }))
			.execute();
	}
}

interface AnsweredRow {
	readonly id: number;
	readonly outcome: ShareOutcome;
	/** `ItemReceipt`, encoded. */
	readonly receipt: Uint8Array;
}

/** All of one request in one statement. */
async function recordAnswers(
	records: Transaction<DoorRecords>,
	answered: readonly AnsweredRow[],
	nowMs: number,
): Promise<void> {
	if (answered.length === 0) return;
	const rows = sql.join(answered.map(({ id, outcome, receipt }) => sql`(${id}, ${outcome}, ${receipt})`));
	await sql`
		with answer (id, outcome, receipt) as (values ${rows})
		update share set state = 'answered', outcome = answer.outcome, receipt = answer.receipt, answered_at_ms = ${nowMs}
		from answer where share.id = answer.id
	`.execute(records);
}

/** After a link the messenger itself asks for a share again. */
async function isRecordedLater(records: Transaction<DoorRecords>, row: WaitingRow): Promise<boolean> {
	const later = await records
		.selectFrom("share")
		.select("id")
		.where("account_id", "=", row.account_id)
		.where("purpose", "=", row.purpose)
		.where("recipient", "=", row.recipient)
		.where("generation", "=", row.generation)
		.where("kind", "=", "share")
		.where("id", ">", row.id)
		.executeTakeFirst();
	return later !== undefined;
}

function outcomeOf(receipt: ReadReceipt): ShareOutcome | undefined {
	if (receipt.kind === "refused") return "refused";
	return receipt.kind === "proved" ? receipt.outcome : undefined;
}

/** As it was sent, and stands in the log. */
function leafIn({ item: { share } }: Parcel): Uint8Array {
	if (share === undefined) throw new TypeError("a parcel has the proof of its record");
	return leafOf(commitment(share.salt, share.record), share.chain, share.context);
}
