/**
 * The log store on SQLite, as its callers see it. Writes that come while the worker is busy wait together and cross
 * as one group: the longer a commit takes, the more share the next one.
 */
import type { AccountId, ConversationId, DeviceId, LogId } from "@troth/protocol";
import type { LogProgress, LogRecord, LogStore, LogWrite, RegisterRow, StoredEntry, UnreadLog } from "../ports.ts";
import { StoreError } from "../ports.ts";
import { ByteReader } from "./bytes.ts";
import { GroupEncoder } from "./group-encoder.ts";
import type { ReadLimits } from "./log-queries.ts";
import type { GroupAnswer, LogMethods, LogServiceOptions } from "./log-service.ts";
import { readEntry } from "./record.ts";
import { type Host, toStoreError, WorkerHost } from "./worker-host.ts";

interface Waiting {
	readonly resolve: () => void;
	readonly reject: (error: StoreError) => void;
}

export class SqliteLogStore implements LogStore {
	readonly generation: number;
	readonly #host: Host<LogMethods>;
	readonly #encoder = new GroupEncoder();
	/** The writes in the encoder, in their order. */
	#waiting: Waiting[] = [];
	/** Questions that came after writes that wait. */
	#behind: (() => void)[] = [];
	#groupCrossing = false;
	#flush: NodeJS.Immediate | undefined;

	private constructor(host: Host<LogMethods>, generation: number) {
		this.#host = host;
		this.generation = generation;
	}

	/** Opens or creates the database file. One process has it at a time. Rejects with StoreError. */
	static open(options: LogServiceOptions): Promise<SqliteLogStore> {
		return SqliteLogStore.over(new WorkerHost<LogMethods>(new URL("./log-worker.ts", import.meta.url), options));
	}

	/** The same over any host. The store closes it. */
	static async over(host: Host<LogMethods>): Promise<SqliteLogStore> {
		try {
			return new SqliteLogStore(host, await host.call("open", undefined));
		} catch (error) {
			await host.close();
			throw error;
		}
	}

	write(steps: readonly LogWrite[]): Promise<void> {
		try {
			this.#encoder.add(steps);
		} catch (cause) {
			return Promise.reject(new StoreError("StoreFailed", "a value that cannot be stored", { cause }));
		}
		return new Promise((resolve, reject) => {
			this.#waiting.push({ resolve, reject });
			// After this turn's input, so that everything it brings shares the commit.
			if (!this.#groupCrossing) this.#flush ??= setImmediate(() => this.#send());
		});
	}

	load(log: LogId): Promise<LogRecord | undefined> {
		return this.#ask("load", log);
	}

	async heads(logs: readonly LogId[]): Promise<ReadonlyMap<LogId, number>> {
		const heads = await this.#ask("heads", logs);
		return new Map(logs.flatMap((log, at) => (heads[at] === undefined ? [] : [[log, heads[at]]])));
	}

	findByAlias(alias: string): Promise<LogId | undefined> {
		return this.#ask("findByAlias", alias);
	}

	subscriptionsOf(device: DeviceId): Promise<readonly UnreadLog[]> {
		return this.#ask("subscriptionsOf", device);
	}

	unreadOf(device: DeviceId): Promise<readonly UnreadLog[]> {
		return this.#ask("unreadOf", device);
	}

	async read(log: LogId, after: number, limits: ReadLimits): Promise<readonly StoredEntry[]> {
		const { buffer, length } = await this.#ask("read", { log, after, limits });
		const entries: StoredEntry[] = [];
		const page = new ByteReader(buffer, 0, length);
		while (!page.done) entries.push(readEntry(page));
		return entries;
	}

	progressOf(logs: readonly LogId[]): Promise<readonly LogProgress[]> {
		return this.#ask("progressOf", logs);
	}

	registers(logs: readonly LogId[]): Promise<readonly RegisterRow[]> {
		return this.#ask("registers", logs);
	}

	olderThan(timeMs: number, limit: number): Promise<readonly { readonly log: LogId; readonly upTo: number }[]> {
		return this.#ask("olderThan", { timeMs, limit });
	}

	conversationsOf(account: AccountId): Promise<readonly ConversationId[]> {
		return this.#ask("conversationsOf", account);
	}

	copyTo(path: string): Promise<void> {
		return this.#ask("copyTo", path);
	}

	checkpoint(): Promise<void> {
		return this.#ask("checkpoint", undefined);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#send();
		await this.#host.close();
	}

	/** A question sees every write before it: it crosses behind the writes that wait, without hurrying them. */
	#ask<Name extends keyof LogMethods>(
		method: Name,
		argument: Parameters<LogMethods[Name]>[0],
	): Promise<Awaited<ReturnType<LogMethods[Name]>>> {
		if (this.#waiting.length === 0) return this.#host.call(method, argument);
		return new Promise((resolve) => {
			this.#behind.push(() => resolve(this.#host.call(method, argument)));
		});
	}

	#send(): void {
		clearImmediate(this.#flush);
		this.#flush = undefined;
		if (this.#waiting.length === 0) return;
		const waiting = this.#waiting;
		const behind = this.#behind;
		this.#waiting = [];
		this.#behind = [];
		this.#groupCrossing = true;
		const { buffer, length } = this.#encoder.take();
		this.#host.call("commit", { buffer, length }, [buffer]).then(
			(answer) => this.#finish(waiting, answer),
			(error: StoreError) => this.#fail(waiting, error),
		);
		for (const ask of behind) ask();
	}

	#finish(waiting: readonly Waiting[], { buffer, failures, error }: GroupAnswer): void {
		this.#encoder.giveBack(buffer);
		if (error !== undefined) {
			this.#fail(waiting, toStoreError(error));
			return;
		}
		for (const { index, code, existing } of failures) {
			const reason = "the store refused a transaction";
			waiting[index]?.reject(toStoreError({ code, reason, ...(existing !== undefined && { existing }) }));
		}
		// A promise that is rejected already stays so.
		for (const { resolve } of waiting) resolve();
		this.#groupEnded();
	}

	#fail(waiting: readonly Waiting[], error: StoreError): void {
		for (const { reject } of waiting) reject(error);
		this.#groupEnded();
	}

	#groupEnded(): void {
		this.#groupCrossing = false;
		if (this.#waiting.length > 0) this.#flush ??= setImmediate(() => this.#send());
	}
}
