/**
 * What one conversation sends, one thing after the other: texts up to `sendsInFlight` at a time, commits alone. The
 * lane looks at what is stored and does the next possible step; it remembers nothing that a crash could lose.
 */
import { type ConversationId, idBytes, LIMITS, Refusal, type RefusalCode, type Timer } from "@troth/protocol";
import { rejoin } from "../conversations/rejoin.ts";
import { changeConversation, writeRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { alarmUnlisted, keepsUnlisted, withRemovals } from "../identity/unlisted.ts";
import { KEYS, within } from "../state/keys.ts";
import { StateClosed } from "../state/local-state.ts";
import type { ConversationRecord, OutboxRecord } from "../state/records.ts";
import { loseTheWay } from "../sync/apply-commit.ts";
import { markStored, removeFromOutbox } from "../sync/apply-own.ts";
import { CopiedProfile } from "../sync/needs.ts";
import { OperationQueue } from "./operation-queue.ts";
import { sealRows, unsealRows } from "./seal.ts";
import { submitPending } from "./submit.ts";

/** Where this lane stands with the server on the present stream. */
interface Refused {
	/** Sealed again once this epoch is reached. */
	readonly epoch: number;
	/** The lowest number that is free. */
	readonly number: number;
}

interface Answer {
	readonly clientSeq: number;
	readonly seq: number;
	readonly timeMs: number;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

export class Lane {
	readonly id: ConversationId;
	readonly operations: OperationQueue;
	readonly #context: DeviceContext;
	readonly #inFlight = new Set<number>();
	readonly #answers: Answer[] = [];
	#refused: Refused | undefined;
	/** The last number that the server said it has, on this stream. */
	#accepted = 0;
	/** The commit with this number is in the log; its entry is on its way. */
	#confirmed: number | undefined;
	#pause: Timer | undefined;
	#failures = 0;
	#running = false;
	#again = false;

	constructor(context: DeviceContext, id: ConversationId) {
		this.#context = context;
		this.id = id;
		this.operations = new OperationQueue(context, id);
	}

	/** True where this object holds nothing that the store does not. */
	get idle(): boolean {
		const waiting = this.#running || this.#inFlight.size > 0 || this.#pause !== undefined;
		return !waiting && this.#refused === undefined && this.operations.empty;
	}

	/** Something changed: look what can be done now. */
	kick(): void {
		this.#again = true;
		if (this.#running) return;
		this.#running = true;
		void this.#run().finally(() => {
			this.#running = false;
			// Kicked after the loop had ended and before it was said so.
			if (this.#again) this.kick();
		});
	}

	/** The stream is gone: what was under way goes out again, with the same bytes, on the next one. */
	reset(): void {
		this.#inFlight.clear();
		this.#refused = undefined;
		this.#accepted = 0;
		this.#confirmed = undefined;
		this.#resume();
		this.operations.detached();
	}

	async #run(): Promise<void> {
		try {
			while (this.#again) {
				this.#again = false;
				while (await this.#step()) {
					// One step after the other until there is nothing to do now.
				}
			}
		} catch (error) {
			this.#again = false;
			if (error instanceof StateClosed) return;
			if (error instanceof CopiedProfile) return this.#context.requireRelink();
			this.#rest();
		}
	}

	/** Does the next thing; false where there is nothing to do until something happens. */
	async #step(): Promise<boolean> {
		const { state, attendance } = this.#context;
		if (!attendance.ready || this.#pause !== undefined) return false;
		const record = state.kept(KEYS.conversation(this.id));
		if (record === undefined) return false;
		if (record.state === "ended") return this.#giveUp("NOT_A_MEMBER");
		if (record.state === "refused") return this.#giveUp("DEVICE_LIST_INVALID");
		const pending = await state.read(KEYS.pendingCommit(this.id));
		if (pending !== undefined) {
			if (this.#inFlight.size > 0 || this.#confirmed === pending.clientSeq) return false;
			return this.#submit(pending.clientSeq);
		}
		// It has its turn to come (`linking/join-conversations.ts`).
		if (record.state === "creating" || record.state === "joining") return false;
		if (this.#refused !== undefined) return this.#reseal(record, this.#refused);
		if (record.state === "behind") return this.#inFlight.size === 0 && this.#rejoin();
		const rows = await this.#unstored(LIMITS.sendsInFlight);
		if (await this.#transmit(rows)) return true;
		if (rows.length > 0 && record.removalsRequired.length > 0) this.operations.settle();
		if (!this.operations.empty) return this.#inFlight.size === 0 && this.#advance();
		return this.#seal(rows);
	}

	async #advance(): Promise<boolean> {
		const outcome = await this.operations.advance();
		if (!(outcome instanceof Refusal)) return outcome;
		await this.#unsettled(outcome);
		return true;
	}

	/** Leaves that had to go stay: nothing is sent before they are gone. */
	async #unsettled(refusal: Refusal): Promise<void> {
		const { state } = this.#context;
		if (keepsUnlisted(refusal) && (await alarmUnlisted(this.#context, this.id))) return;
		// This device has no keys any more, or is out: what became of it is found out by comparing.
		if (refusal.code === "NOT_A_MEMBER")
			return state.transact((draft) => loseTheWay(this.#context, draft, this.id, "behind"));
		// A reason that concerns this account alone is that of what waits here.
		if (refusal.code === "TERMS_NOT_ACCEPTED" || refusal.code === "SUSPENDED") await this.#giveUp(refusal.code);
		else this.#rest(refusal.fields.retryAtMs);
	}

	async #unstored(limit: number): Promise<readonly OutboxRecord[]> {
		// Rows that wait for their entry to pass stand before those that are not stored yet.
		const rows = await this.#context.state.range<OutboxRecord>(within(KEYS.outboxOf(this.id)), {
			limit: limit + LIMITS.windowEntries,
		});
		return rows.filter(({ storedSeq }) => storedSeq === undefined).slice(0, limit);
	}

	/** Sends what is sealed and not under way on this stream. */
	async #transmit(rows: readonly OutboxRecord[]): Promise<boolean> {
		let sent = false;
		for (const { key, sealed } of rows) {
			if (sealed === undefined || this.#inFlight.has(sealed.clientSeq)) continue;
			const payload = await this.#context.state.readBytes(KEYS.outboxBytes(this.id, key));
			// Refused meanwhile: it goes out again with other bytes.
			if (this.#refused !== undefined || this.#pause !== undefined) return sent;
			if (payload === undefined) continue;
			const frame = { log: idBytes(this.id), clientSeq: sealed.clientSeq, epoch: sealed.epoch, payload };
			this.#inFlight.add(sealed.clientSeq);
			if (!this.#context.session.send({ case: "send", value: frame })) {
				this.#inFlight.delete(sealed.clientSeq);
				return false;
			}
			sent = true;
		}
		return sent;
	}

	async #seal(rows: readonly OutboxRecord[]): Promise<boolean> {
		const sealed = rows.filter((row) => row.sealed !== undefined).length;
		const next = rows.filter((row) => row.sealed === undefined).slice(0, LIMITS.sendsInFlight - sealed);
		if (next.length === 0) return false;
		await this.#context.state.transact((draft) => sealRows(this.#context, draft, this.id, next));
		return true;
	}

	/** Every send that was under way has been answered: those that were refused get a new epoch or new numbers. */
	async #reseal(record: ConversationRecord, refused: Refused): Promise<boolean> {
		if (this.#inFlight.size > 0) return false;
		const epoch = this.#context.state.kept(KEYS.exporters(this.id))?.[0]?.epoch ?? 0;
		// Who has lost the way gets there by a commit of its own, which takes the first of their numbers.
		if (record.state !== "behind" && epoch < refused.epoch) return false;
		const sealed = (await this.#unstored(LIMITS.sendsInFlight)).filter((row) => row.sealed !== undefined);
		// A refusal may be about a number that was sent once more before it came, and is stored by now.
		const free = Math.max(refused.number, this.#accepted + 1);
		await this.#context.state.transact((draft) => unsealRows(draft, this.id, sealed, free));
		this.#refused = undefined;
		// Their numbers are free now: the commit that is waited for takes the first of them.
		if (record.removalsRequired.length > 0) this.operations.settle();
		return true;
	}

	async #submit(clientSeq: number): Promise<boolean> {
		const outcome = await submitPending(this.#context, this.id);
		switch (outcome.kind) {
			case "stored":
				this.#failures = 0;
				this.#confirmed = clientSeq;
				return true;
			case "again":
				this.#rest(outcome.retryAtMs);
				return false;
			case "replan":
				this.operations.lostRace(clientSeq);
				this.#takeBack(outcome.number, outcome.epoch);
				return true;
			case "refused":
				if (this.operations.refused(clientSeq, outcome.refusal)) await this.#unsettled(outcome.refusal);
				if (outcome.refusal.code === "GROUP_FULL" && (await this.#waitForRoom())) return true;
				if (++this.#failures > 3) this.#rest();
				return true;
		}
	}

	/** There is no room for one more device of this account: tried again at the next attach. */
	async #waitForRoom(): Promise<boolean> {
		return this.#context.state.transact(async (draft) => {
			const record = await draft.read(KEYS.conversation(this.id));
			const log = await draft.read(KEYS.log(this.id));
			if (record?.state !== "behind" || log?.joining !== true) return false;
			draft.write(KEYS.conversation(this.id), { ...record, state: "joining", full: true });
			draft.after(() => this.#context.announcer.conversation(this.id));
			return true;
		});
	}

	async #rejoin(): Promise<boolean> {
		const outcome = await rejoin(this.#context, this.id);
		if (outcome === "later") this.#rest();
		return outcome === "done";
	}

	/** The server has it. Answers that come together are kept together. */
	sendOk(answer: Answer): void {
		this.#failures = 0;
		this.#accepted = Math.max(this.#accepted, answer.clientSeq);
		this.#answers.push(answer);
		if (this.#answers.length === 1) this.#context.background(() => this.#keepAnswers());
	}

	async #keepAnswers(): Promise<void> {
		let answers: readonly Answer[] = [];
		await this.#context.state.transact(async (draft) => {
			answers = this.#answers.splice(0);
			for (const { clientSeq, seq, timeMs } of answers) {
				const key = await draft.read(KEYS.outboxNumber(this.id, clientSeq));
				const row = key === undefined ? undefined : await draft.read(KEYS.outbox(this.id, key));
				if (row?.sealed?.clientSeq === clientSeq) await markStored(this.#context, draft, this.id, row, seq, timeMs);
			}
		});
		// Not before its bytes are gone: a step that has read the rows already would send it once more.
		for (const { clientSeq } of answers) this.#inFlight.delete(clientSeq);
		this.kick();
	}

	/** The server does not have it, and the number is free. */
	async sendRefused(clientSeq: number, refusal: Refusal): Promise<void> {
		try {
			await this.#heed(clientSeq, refusal);
		} finally {
			// It counts as under way until everything that follows from the answer is done: what is sealed anew meanwhile
			// would take numbers that are about to be freed.
			this.#inFlight.delete(clientSeq);
			this.kick();
		}
	}

	async #heed(clientSeq: number, refusal: Refusal): Promise<void> {
		const { epoch = 0, expectedClientSeq = 0, removeDevices = [], retryAtMs } = refusal.fields;
		switch (refusal.code) {
			case "STALE_EPOCH":
				this.#takeBack(clientSeq, epoch);
				return this.#compareEpochs(epoch);
			case "SEQ_OUT_OF_ORDER":
				return this.#takeBack(expectedClientSeq > 0 ? Math.min(expectedClientSeq, clientSeq) : clientSeq, 0);
			case "COMMIT_REQUIRED":
				this.#takeBack(clientSeq, 0);
				await this.#context.state.transact(async (draft) => {
					await changeConversation(draft, this.id, (record) => withRemovals(record, removeDevices));
				});
				return;
			case "SEQ_REUSED":
			case "SEQ_TOO_OLD":
				return this.#context.requireRelink();
			case "RATE_LIMITED":
			case "UNAVAILABLE":
			case "INTERNAL":
				return this.#rest(retryAtMs);
			default:
				this.#takeBack(clientSeq, 0);
				return this.#fail(clientSeq, refusal.code);
		}
	}

	/** A server that is behind this device was restored from a backup: its epoch counts (hazard 21). */
	async #compareEpochs(epoch: number): Promise<void> {
		const own = this.#context.state.kept(KEYS.exporters(this.id))?.[0]?.epoch ?? 0;
		if (own > epoch) await this.#context.state.transact((draft) => loseTheWay(this.#context, draft, this.id, "behind"));
	}

	#takeBack(number: number, epoch: number): void {
		const before = this.#refused;
		this.#refused = {
			epoch: Math.max(epoch, before?.epoch ?? 0),
			number: Math.min(number, before?.number ?? number),
		};
		// The same answer again and again must not become a loop at full speed.
		if (before === undefined && ++this.#failures > 3) this.#rest();
	}

	async #fail(clientSeq: number, code: RefusalCode): Promise<void> {
		await this.#context.state.transact(async (draft) => {
			const key = await draft.read(KEYS.outboxNumber(this.id, clientSeq));
			const row = key === undefined ? undefined : await draft.read(KEYS.outbox(this.id, key));
			if (row !== undefined) await failRow(this.#context, draft, this.id, row, code);
		});
	}

	/** Nothing can be sent here any more: what waits is shown as failed. */
	async #giveUp(code: RefusalCode): Promise<false> {
		this.operations.rejectAll(new Refusal(code, "the conversation takes nothing more from this device"));
		for (;;) {
			const rows = await this.#unstored(LIMITS.windowEntries);
			if (rows.length === 0) return false;
			await this.#context.state.transact(async (draft) => {
				for (const row of rows) await failRow(this.#context, draft, this.id, row, code);
			});
		}
	}

	/** Waits until `retryAtMs`, or longer with each failure in a row. */
	#rest(retryAtMs?: number): void {
		if (this.#pause !== undefined) return;
		const { clock } = this.#context;
		const wait = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 10));
		const wish = retryAtMs === undefined ? 0 : retryAtMs - this.#context.serverNow();
		this.#pause = clock.after(Math.max(wait, wish), () => {
			this.#pause = undefined;
			this.kick();
		});
	}

	#resume(): void {
		this.#pause?.cancel();
		this.#pause = undefined;
		this.#failures = 0;
	}
}

type Draft = Parameters<Parameters<DeviceContext["state"]["transact"]>[0]>[0];

/** Shows a message as failed and takes it out of the outbox. */
export async function failRow(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	row: OutboxRecord,
	code: RefusalCode,
): Promise<void> {
	removeFromOutbox(draft, id, row);
	const shown = row.body.kind === "text" ? await draft.read(KEYS.message(id, row.key)) : undefined;
	if (shown !== undefined) writeRow(context, draft, id, { ...shown, failed: code });
	draft.after(() => context.lanes.settled(id, row.id, { kind: "failed", refusal: new Refusal(code, "not sent") }));
}
