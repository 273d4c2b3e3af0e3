/**
 * What the stream brings, log by log and in order: applied and stored in one local transaction, then acknowledged.
 * Each log has a worker of its own, so one that waits for something does not hold up the others.
 */
import { type ConversationId, type DeviceId, type Frame, idBytes, type LogId, readId } from "@troth/protocol";
import { addressKey, fetchTemplate } from "../business/templates.ts";
import type { DeviceContext } from "../device/context.ts";
import { learnLists } from "../identity/fetch-lists.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import { StateClosed } from "../state/local-state.ts";
import { type Arrival, applyArrival } from "./apply-entry.ts";
import { fetchBlob } from "./bulk.ts";
import { CopiedProfile, type Evidence, Need, type NeedOf, noEvidence } from "./needs.ts";
import { newLog, skipUnhashed } from "./witness.ts";

/** Arrivals stored in one transaction. */
const BATCH = 64;
/** After a failed fetch, while the stream is still there. */
const RETRY_MS = 1_000;

export class Inbox {
	readonly #context: () => DeviceContext;
	#workers = new Map<LogId, LogWorker>();
	#idleWaiters: (() => void)[] = [];

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	/** Takes an entry, gap or skipped range. */
	frame(body: Extract<Frame["body"], { case: "entry" | "gap" | "skipped" }>): void {
		this.#push(body.value.log, arrivalOf(body));
	}

	#push(logBytes: Uint8Array, arrival: Arrival): void {
		const log = readId<LogId>(logBytes);
		if (log === undefined) return;
		let worker = this.#workers.get(log);
		if (worker === undefined) {
			worker = new LogWorker(this.#context(), log, () => this.#rested(log));
			this.#workers.set(log, worker);
		}
		worker.push(arrival);
	}

	/** The stream is gone: what is not stored yet comes again with the next one. */
	reset(): void {
		for (const worker of this.#workers.values()) worker.stop();
		this.#workers.clear();
		this.#tellIdle();
	}

	/** A conversation that entries were waiting for is there now. */
	wake(id: ConversationId): void {
		this.#workers.get(id)?.wake();
	}

	/** Entries of this log have come and are not stored yet. */
	isBehind(log: LogId): boolean {
		return this.#workers.get(log)?.empty === false;
	}

	/**
	 * Resolves when what came of this log up to `upTo` is stored; also where it can not be yet, because it waits for the
	 * device's own log or for a Welcome.
	 */
	applied(log: LogId, upTo = Number.POSITIVE_INFINITY): Promise<void> {
		return this.#workers.get(log)?.applied(upTo) ?? Promise.resolve();
	}

	/** Logs with entries for a conversation that this device has no trace of, and the first of their numbers. */
	orphans(): readonly { readonly log: ConversationId; readonly first: number }[] {
		return [...this.#workers.values()]
			.filter((worker) => worker.parked)
			.map(({ log, first }) => ({ log: log as ConversationId, first }));
	}

	/** Gives up what waits for a conversation that this device is no longer in. */
	async discard(id: ConversationId): Promise<void> {
		await this.#workers.get(id)?.discard();
	}

	/** Resolves when everything that came so far is stored, except what waits for its Welcome. */
	idle(): Promise<void> {
		return new Promise((resolve) => {
			this.#idleWaiters.push(resolve);
			this.#tellIdle();
		});
	}

	#rested(log: LogId): void {
		const worker = this.#workers.get(log);
		if (worker?.empty === true) this.#workers.delete(log);
		this.#tellIdle();
	}

	#tellIdle(): void {
		if ([...this.#workers.values()].some((worker) => worker.busy)) return;
		const waiters = this.#idleWaiters;
		this.#idleWaiters = [];
		for (const resolve of waiters) resolve();
	}
}

function arrivalOf(body: Parameters<Inbox["frame"]>[0]): Arrival {
	switch (body.case) {
		case "entry":
			return { kind: "entry", first: body.value.seq, last: body.value.seq, entry: body.value };
		case "gap":
			return { kind: "gap", first: body.value.from, last: body.value.to, gap: body.value };
		case "skipped":
			return { kind: "skipped", first: body.value.from, last: body.value.to, skipped: body.value };
	}
}

class LogWorker {
	readonly log: LogId;
	readonly #context: DeviceContext;
	readonly #rested: () => void;
	readonly #queue: Arrival[] = [];
	#evidence: Evidence = noEvidence();
	#running = false;
	#parked = false;
	#stopped = false;
	/** What is next here waits for the device's own log. */
	#waitsForOwn = false;
	#waiters: { readonly upTo: number; readonly resolve: () => void }[] = [];

	constructor(context: DeviceContext, log: LogId, rested: () => void) {
		this.#context = context;
		this.log = log;
		this.#rested = rested;
	}

	get empty(): boolean {
		return this.#queue.length === 0;
	}

	get busy(): boolean {
		return this.#running;
	}

	get parked(): boolean {
		return this.#parked;
	}

	get first(): number {
		return this.#queue[0]?.first ?? 0;
	}

	push(arrival: Arrival): void {
		this.#queue.push(arrival);
		if (!this.#parked) this.#start();
	}

	wake(): void {
		this.#parked = false;
		this.#start();
	}

	stop(): void {
		this.#stopped = true;
		this.#tellWaiters();
	}

	/** See `Inbox.applied`. */
	applied(upTo: number): Promise<void> {
		return new Promise((resolve) => {
			this.#waiters.push({ upTo, resolve });
			this.#tellWaiters();
		});
	}

	#tellWaiters(): void {
		const stuck = this.#stopped || this.#parked || this.#waitsForOwn;
		const isOver = (upTo: number) => stuck || this.empty || this.first > upTo;
		const over = this.#waiters.filter(({ upTo }) => isOver(upTo));
		this.#waiters = this.#waiters.filter(({ upTo }) => !isOver(upTo));
		for (const { resolve } of over) resolve();
	}

	#start(): void {
		if (this.#running || this.#stopped) return;
		this.#running = true;
		void this.#run().finally(() => {
			this.#running = false;
			this.#tellWaiters();
			// Woken after the loop had ended and before it was said so.
			if (!this.#parked && this.#queue.length > 0) this.#start();
			this.#rested();
		});
	}

	async #run(): Promise<void> {
		while (this.#queue.length > 0 && !this.#parked && !this.#stopped) {
			try {
				const { taken, acknowledge, need } = await this.#context.state.transact((draft) => this.#batch(draft));
				this.#queue.splice(0, taken);
				if (taken > 0) this.#evidence = noEvidence();
				this.#tellWaiters();
				if (this.#stopped) return;
				if (acknowledge !== undefined) this.#acknowledge(acknowledge);
				if (need !== undefined) await this.#fetch(need);
			} catch (error) {
				this.#stopped = true;
				if (!(error instanceof StateClosed)) await this.#failed(error);
				return;
			}
		}
	}

	/** Applies as many arrivals as can be applied now. */
	async #batch(draft: Draft): Promise<{ taken: number; acknowledge: number | undefined; need: NeedOf | undefined }> {
		let log = (await draft.read(KEYS.log(this.log))) ?? (this.#isOwn ? newLog(this.log, 0) : undefined);
		const first = this.#queue[0]?.last ?? 0;
		if (log === undefined || (first > log.seq && (await this.#isEnded(draft)))) {
			this.#parked = true;
			this.#context.attendance.awaitWelcome();
			return { taken: 0, acknowledge: undefined, need: undefined };
		}
		let taken = 0;
		for (const arrival of this.#queue.slice(0, BATCH)) {
			const part = draft.nested();
			try {
				await applyArrival(this.#context, part, log, arrival, this.#evidence);
			} catch (error) {
				if (error instanceof Need) return { taken, acknowledge: taken > 0 ? log.seq : undefined, need: error.of };
				throw error;
			}
			draft.absorb(part);
			log = (await draft.read(KEYS.log(this.log))) ?? log;
			taken++;
		}
		return { taken, acknowledge: log.seq, need: undefined };
	}

	/** What comes after the end is for when this device is welcomed again, or not for it at all. */
	async #isEnded(draft: Draft): Promise<boolean> {
		return (await draft.read(KEYS.conversation(this.log as ConversationId)))?.state === "ended";
	}

	/** Nobody welcomed this device again: what waited is not for it. */
	async discard(): Promise<void> {
		const last = this.#queue.at(-1)?.last;
		if (last === undefined || !this.#parked) return;
		await this.#context.state.transact(async (draft) => {
			const log = await draft.read(KEYS.log(this.log));
			if (log === undefined || !(await this.#isEnded(draft)) || log.seq >= last) return;
			draft.write(KEYS.log(this.log), skipUnhashed(log, last));
		});
		this.wake();
	}

	get #isOwn(): boolean {
		return this.log === (this.#context.self.device satisfies DeviceId);
	}

	#acknowledge(seq: number): void {
		this.#context.session.send({ case: "ack", value: { log: idBytes(this.log), seq } });
	}

	/** Fetches what the entry at the head of the queue needs; waits and tries again while there is a stream. */
	async #fetch(need: NeedOf): Promise<void> {
		while (!this.#stopped) {
			try {
				await this.#fetchOnce(need);
				return;
			} catch (error) {
				if (error instanceof StateClosed) throw error;
				await new Promise<void>((resolve) => {
					this.#context.clock.after(RETRY_MS, resolve);
				});
			}
		}
	}

	async #fetchOnce(need: NeedOf): Promise<void> {
		const { rpc } = this.#context;
		switch (need.kind) {
			case "blob":
				this.#evidence.blobs.set(need.blob, await fetchBlob(rpc, need.blob));
				return;
			case "template":
				this.#evidence.templates.set(addressKey(need.template), await fetchTemplate(rpc, need.template));
				return;
			case "device-lists":
				await learnLists(this.#context, need.accounts);
				for (const account of need.accounts) this.#evidence.asked.add(account);
				return;
			case "entries":
				await this.#context.inbox.applied(need.log, need.upTo);
				this.#evidence.waited.add(need.log);
				return;
			case "own-log":
				await this.#waitForOwn();
		}
	}

	/** The own log waits for nobody who waits for it. */
	async #waitForOwn(): Promise<void> {
		const own = this.#context.self.device;
		this.#waitsForOwn = true;
		this.#tellWaiters();
		await this.#context.inbox.applied(own);
		this.#waitsForOwn = false;
		this.#evidence.waited.add(own);
	}

	async #failed(error: unknown): Promise<void> {
		if (error instanceof CopiedProfile) return this.#context.requireRelink();
		// The local store failed. Nothing was acknowledged: it all comes again with the next stream.
		this.#context.session.interrupt();
	}
}
