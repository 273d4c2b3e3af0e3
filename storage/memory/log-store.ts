/**
 * The log store in memory, for tests and simulation. Same answers as the SQLite one, no timers, no threads: a write is
 * applied before `write` returns, and nothing the caller holds is shared with the store.
 */
import type { AccountId, ConversationId, DeviceId, LogId } from "@troth/protocol";
import type { LogProgress, LogRecord, LogStore, LogWrite, RegisterRow, StoredEntry, UnreadLog } from "../ports.ts";
import { StoreError } from "../ports.ts";
import {
	applyStep,
	copyEntry,
	isLiveMember,
	isUnread,
	type LogState,
	newLog,
	sortedBy,
	toRecord,
} from "./log-state.ts";

export class MemoryLogStore implements LogStore {
	readonly generation: number;
	readonly #logs = new Map<LogId, LogState>();
	readonly #aliases = new Map<string, LogId>();
	#closed = false;

	constructor(options: { readonly generation?: number } = {}) {
		this.generation = options.generation ?? 1;
	}

	async write(steps: readonly LogWrite[]): Promise<void> {
		this.#assertOpen();
		const undo: (() => void)[] = [];
		try {
			for (const step of steps) {
				if (step.kind === "create") undo.push(this.#create(step));
				else undo.push(applyStep(this.#get(logOf(step)), step));
			}
		} catch (error) {
			for (const takeBack of undo.reverse()) takeBack();
			throw error;
		}
	}

	async load(log: LogId): Promise<LogRecord | undefined> {
		this.#assertOpen();
		const state = this.#logs.get(log);
		return state && toRecord(state);
	}

	async heads(logs: readonly LogId[]): Promise<ReadonlyMap<LogId, number>> {
		this.#assertOpen();
		return new Map(
			logs.flatMap((log) => {
				const state = this.#logs.get(log);
				return state === undefined ? [] : [[log, toRecord(state).head]];
			}),
		);
	}

	async findByAlias(alias: string): Promise<LogId | undefined> {
		this.#assertOpen();
		return this.#aliases.get(alias);
	}

	async subscriptionsOf(device: DeviceId): Promise<readonly UnreadLog[]> {
		this.#assertOpen();
		return this.#subscriptionsOf(device);
	}

	async unreadOf(device: DeviceId): Promise<readonly UnreadLog[]> {
		this.#assertOpen();
		return this.#subscriptionsOf(device).filter((row) => isUnread(row, row.head));
	}

	async read(
		log: LogId,
		after: number,
		limits: { readonly entries: number; readonly bytes: number },
	): Promise<readonly StoredEntry[]> {
		this.#assertOpen();
		const state = this.#logs.get(log);
		if (state === undefined) return [];
		const page: StoredEntry[] = [];
		let bytes = 0;
		for (const entry of state.entries.slice(Math.max(0, after - state.trimmed))) {
			bytes += entry.body.length;
			if (page.length > 0 && (page.length >= limits.entries || bytes > limits.bytes)) break;
			page.push(copyEntry(entry));
		}
		return page;
	}

	async progressOf(logs: readonly LogId[]): Promise<readonly LogProgress[]> {
		this.#assertOpen();
		const furthest = new Map<string, LogProgress>();
		for (const log of new Set(logs))
			for (const { account, acked } of this.#logs.get(log)?.subscriptions.values() ?? [])
				if (acked > (furthest.get(log + account)?.acked ?? 0)) furthest.set(log + account, { log, account, acked });
		return sortedBy([...furthest.values()], ({ log, account }) => log + account);
	}

	async registers(logs: readonly LogId[]): Promise<readonly RegisterRow[]> {
		this.#assertOpen();
		const rows = [...new Set(logs)].flatMap((log) => [...(this.#logs.get(log)?.registers.values() ?? [])]);
		return sortedBy(rows, (row) => row.log + row.device).map((row) => ({ ...row, sealed: row.sealed.slice() }));
	}

	async olderThan(timeMs: number, limit: number): Promise<readonly { readonly log: LogId; readonly upTo: number }[]> {
		this.#assertOpen();
		const old = [...this.#logs.values()].flatMap(({ log, trimmed, entries }) => {
			const oldest = entries[0];
			if (oldest === undefined || oldest.timeMs >= timeMs) return [];
			const kept = entries.findIndex((entry) => entry.timeMs >= timeMs);
			return [{ log, upTo: trimmed + (kept === -1 ? entries.length : kept), oldestMs: oldest.timeMs }];
		});
		return sortedBy(old, (row) => row.log)
			.sort((a, b) => a.oldestMs - b.oldestMs)
			.slice(0, limit)
			.map(({ log, upTo }) => ({ log, upTo }));
	}

	async conversationsOf(account: AccountId): Promise<readonly ConversationId[]> {
		this.#assertOpen();
		return [...this.#logs.values()]
			.filter(({ group, subscriptions }) => {
				return group !== undefined && [...subscriptions.values()].some((row) => isLiveMember(row, account));
			})
			.map(({ log }) => log as ConversationId)
			.sort();
	}

	async checkpoint(): Promise<void> {
		this.#assertOpen();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed = true;
	}

	#create(step: Extract<LogWrite, { kind: "create" }>): () => void {
		const { log, alias } = step;
		const existing = this.#logs.has(log) ? log : alias === undefined ? undefined : this.#aliases.get(alias);
		if (existing !== undefined) throw new StoreError("LogExists", "the log or its alias exists", { existing });
		this.#logs.set(log, newLog(step));
		if (alias !== undefined) this.#aliases.set(alias, log);
		return () => {
			this.#logs.delete(log);
			if (alias !== undefined) this.#aliases.delete(alias);
		};
	}

	#subscriptionsOf(device: DeviceId): UnreadLog[] {
		const rows = [...this.#logs.values()].flatMap(({ head, trimmed, subscriptions }) => {
			const row = subscriptions.get(device);
			return row === undefined ? [] : [{ ...row, head, trimmed }];
		});
		return sortedBy(rows, (row) => row.log);
	}

	async copyTo(): Promise<void> {
		throw new StoreError("StoreFailed", "what is in memory has no file to copy");
	}

	#get(log: LogId): LogState {
		const state = this.#logs.get(log);
		if (state === undefined) throw new StoreError("LogMissing", "no such log");
		return state;
	}

	#assertOpen(): void {
		if (this.#closed) throw new StoreError("StoreFailed", "the store is closed");
	}
}

function logOf(step: Exclude<LogWrite, { kind: "create" }>): LogId {
	if (step.kind === "subscribe") return step.subscription.log;
	if (step.kind === "register") return step.row.log;
	return step.log;
}
