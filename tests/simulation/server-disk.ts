/**
 * The disk under the messenger's stores. What is written waits until the disk has synced it: a crash before that loses
 * it, a crash after it may lose only the answer. The logs are the memory engine's (the conformance suite holds it to the
 * answers of SQLite's), the records are real SQL.
 */
import { createHash } from "node:crypto";
import type { BlobId, LogId } from "@troth/protocol";
import { type BlobStore, type LogStore, type LogWrite, recordsOver, StoreError } from "@troth/storage";
import { MemoryLogStore } from "@troth/storage/memory/log-store.ts";
import { RecordDatabase, type StatementResult } from "@troth/storage/sqlite/record-database.ts";
import type { RecordSession } from "@troth/storage/sqlite/record-dialect.ts";
import { toStoreError } from "@troth/storage/sqlite/worker-host.ts";
import { crossed } from "@troth/storage/sqlite/worker-service.ts";
import type { Secrets } from "../../messenger/secrets.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";
import type { Scheduler } from "./scheduler.ts";

/** Everything that lies on a disk, to begin another one with. */
export interface DiskImage {
	readonly logs: readonly (readonly LogWrite[])[];
	/** Undefined where there are none yet. */
	readonly records: Buffer | undefined;
	readonly blobs: ReadonlyMap<BlobId, Uint8Array>;
	readonly secrets: Secrets;
}

/** Who watches the disk from the outside. */
export interface DiskWatcher {
	/** These steps are durable from now on. */
	durable(steps: readonly LogWrite[]): void;
}

interface Operation {
	readonly life: Life;
	readonly writes: boolean;
	readonly run: () => Promise<() => void>;
}

const SYNC_MS = 6;

export class ServerDisk {
	readonly secrets: Secrets;
	/** Takes nothing more while it is. */
	full = false;
	readonly #scheduler: Scheduler;
	readonly #dice: Dice;
	readonly #watcher: DiskWatcher;
	readonly #state = new MemoryLogStore();
	readonly #journal: (readonly LogWrite[])[] = [];
	readonly #blobs: Map<BlobId, Uint8Array>;
	readonly #records: RecordDatabase;
	/** Logs that a program writes on stale knowledge: it has to load them first. */
	readonly #stale = new Map<Life, Set<LogId>>();
	#waiting: Operation[] = [];
	#syncing = false;
	/** Whose transaction of the records is open, and who waits for its end. */
	#transaction: Life | undefined;
	#afterTransaction: (() => void)[] = [];

	private constructor(scheduler: Scheduler, dice: Dice, watcher: DiskWatcher, image: Omit<DiskImage, "logs">) {
		this.#scheduler = scheduler;
		this.#dice = dice;
		this.#watcher = watcher;
		this.secrets = image.secrets;
		this.#blobs = new Map(image.blobs);
		this.#records = new RecordDatabase(image.records ?? ":memory:");
	}

	static async from(image: DiskImage, scheduler: Scheduler, dice: Dice, watcher: DiskWatcher): Promise<ServerDisk> {
		const disk = new ServerDisk(scheduler, dice, watcher, image);
		for (const steps of image.logs) {
			await disk.#state.write(steps);
			watcher.durable(steps);
		}
		return disk;
	}

	/** What a new disk could begin with. */
	image(): DiskImage {
		return {
			logs: [...this.#journal],
			records: this.#records.bytes(),
			blobs: new Map(this.#blobs),
			secrets: this.secrets,
		};
	}

	/** The stores as one program sees them. At its end, what has not been synced is lost, or as much of it as the seed says. */
	stores(life: Life): {
		readonly logs: LogStore;
		readonly blobs: BlobStore;
		readonly records: <Schema>() => ReturnType<typeof recordsOver<Schema>>;
	} {
		life.onEnd(() => this.#abandoned(life));
		return {
			logs: this.#logs(life),
			blobs: this.#blobStore(life),
			records: () => recordsOver(this.#session(life)),
		};
	}

	#abandoned(life: Life): void {
		const own = this.#waiting.filter((operation) => operation.life === life);
		const kept = new Set(own.slice(0, this.#dice.between(0, own.length)));
		this.#waiting = this.#waiting.filter((operation) => operation.life !== life || kept.has(operation));
		if (this.#transaction === life) this.#rollBack();
	}

	// ── Logs ─────────────────────────────────────────────────────────────────────────────────────────────────────

	/** The memory engine, every answer of which takes its turn at the disk. */
	#logs(life: Life): LogStore {
		type Method = (...args: unknown[]) => Promise<unknown>;
		return new Proxy<LogStore>(this.#state, {
			get: (state, name) => {
				const method = Reflect.get(state, name, state) as unknown;
				if (name === Symbol.asyncDispose) return async () => {};
				if (typeof method !== "function") return method;
				if (name === "write")
					return (steps: readonly LogWrite[]) => this.#enqueue(life, true, () => this.#write(life, steps));
				return (...args: unknown[]) =>
					this.#enqueue(life, false, () => {
						if (name === "load") this.#stale.get(life)?.delete(args[0] as LogId);
						return (method as Method).apply(state, args);
					});
			},
		});
	}

	/**
	 * A store that several nodes share has to keep one thing more than one process needs: after an append that came too
	 * late, those that its owner sent behind it fail as well, though the head may look right to them by now.
	 */
	async #write(life: Life, steps: readonly LogWrite[]): Promise<void> {
		if (this.full) throw new StoreError("StoreFull", "the disk is full");
		const appended = steps.flatMap((step) => (step.kind === "append" ? [step.log] : []));
		const stale = this.#stale.get(life) ?? new Set();
		try {
			if (appended.some((log) => stale.has(log))) throw new StoreError("LogMoved", "an earlier append came too late");
			await this.#state.write(steps);
		} catch (error) {
			if (error instanceof StoreError && error.code === "LogMoved")
				this.#stale.set(life, new Set([...stale, ...appended]));
			throw error;
		}
		this.#journal.push(steps);
		this.#watcher.durable(steps);
	}

	/** What waits at the same time is synced together, in the order in which it came. */
	#enqueue<T>(life: Life, writes: boolean, run: () => Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			if (!life.alive) return;
			const operation = async () => {
				const outcome = await run().then(
					(value) => () => resolve(value),
					(error: unknown) => () => reject(error),
				);
				return outcome;
			};
			this.#waiting.push({ life, writes, run: operation });
			this.#arm();
		});
	}

	#arm(): void {
		if (this.#syncing) return;
		this.#syncing = true;
		this.#scheduler.after(this.#dice.between(0, SYNC_MS), () => void this.#sync());
	}

	async #sync(): Promise<void> {
		const batch = this.#waiting.splice(0);
		const answers: { readonly life: Life; readonly tell: () => void }[] = [];
		for (const { life, run } of batch) answers.push({ life, tell: await run() });
		const delayMs = batch.some(({ writes }) => writes) ? this.#dice.between(0, SYNC_MS) : 0;
		this.#scheduler.after(delayMs, () => {
			for (const { life, tell } of answers) if (life.alive) tell();
			this.#syncing = false;
			if (this.#waiting.length > 0) this.#arm();
		});
	}

	// ── Blobs ────────────────────────────────────────────────────────────────────────────────────────────────────

	#blobStore(life: Life): BlobStore {
		const later = <T>(work: () => T) => life.later(this.#dice.between(0, SYNC_MS), work);
		return {
			put: (bytes) => {
				const kept = bytes.slice();
				return later(() => {
					if (this.full) throw new StoreError("StoreFull", "the disk is full");
					const id = createHash("sha256").update(kept).digest("hex") as BlobId;
					this.#blobs.set(id, kept);
					return id;
				});
			},
			get: (id) => later(() => this.#blobs.get(id)?.slice()),
			delete: (id) => later(() => void this.#blobs.delete(id)),
			[Symbol.asyncDispose]: async () => {},
		};
	}

	/** Rows as they lie there, for the oracle. */
	peek(sql: string, parameters: readonly unknown[] = []): readonly unknown[] {
		return this.#records.execute(sql, parameters).rows;
	}

	// ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** One connection to one database: while a transaction is open, whoever else wants something waits. */
	#session(life: Life): RecordSession {
		const run = <T>(work: () => T) => this.#inTurn(life, () => failing(work));
		return {
			execute: (sql, parameters) => run(() => this.#execute(sql, parameters)),
			begin: () =>
				run(() => {
					this.#records.begin();
					this.#transaction = life;
				}),
			commit: () => run(() => this.#commit()),
			rollback: () => run(() => this.#rollBack()),
			close: async () => {},
		};
	}

	#execute(sql: string, parameters: readonly unknown[]): StatementResult {
		const writes = !/^\s*(select|pragma)\b/i.test(sql);
		if (writes && this.full) throw new StoreError("StoreFull", "the disk is full");
		return this.#records.execute(sql, parameters);
	}

	#commit(): void {
		try {
			this.#records.commit();
		} finally {
			this.#endTransaction();
		}
	}

	#rollBack(): void {
		this.#records.rollback();
		this.#endTransaction();
	}

	#endTransaction(): void {
		this.#transaction = undefined;
		for (const next of this.#afterTransaction.splice(0)) next();
	}

	async #inTurn<T>(life: Life, work: () => T): Promise<T> {
		for (;;) {
			if (this.#transaction !== undefined && this.#transaction !== life) {
				await new Promise<void>((resolve) => this.#afterTransaction.push(resolve));
				continue;
			}
			const outcome = await life.later(this.#dice.between(0, 2), () => {
				const free = this.#transaction === undefined || this.#transaction === life;
				return free ? { value: work() } : undefined;
			});
			if (outcome !== undefined) return outcome.value;
		}
	}
}

function failing<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw error instanceof StoreError ? error : toStoreError(crossed(error));
	}
}
