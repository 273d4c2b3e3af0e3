/** A local store in one SQLite file. */
import { chmodSync, closeSync, constants, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { LocalStoreError } from "./errors.ts";
import { checkKey, checkLimit } from "./keys.ts";
import type { LocalStore } from "./port.ts";

/** "Trth"; says that the file is ours. */
const APPLICATION_ID = 0x54727468;
const VERSION = 1;

/**
 * Deleted and replaced values stay in the write-ahead log until it is written over. The log is cut off after each
 * checkpoint, so that this is after so many pages (of 4 KiB) at the latest.
 */
const CHECKPOINT_PAGES = 256;

/**
 * Opens the store, and makes it where there is none: the file readable by its owner alone, its folder too where it is
 * made here. Throws ProfileInUse while another process (or this one) has it open; the lock ends with its holder, also
 * by kill -9.
 */
export function openSqliteStore(path: string): LocalStore {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	// Made here, because SQLite would make it readable for all; its log files take over the mode.
	closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
	chmodSync(path, 0o600);
	const database = new Database(path, { timeout: 0 });
	try {
		prepare(database);
	} catch (cause) {
		database.close();
		throw toStoreError(cause);
	}
	return new SqliteStore(database);
}

function prepare(database: Database.Database): void {
	database.pragma("locking_mode = EXCLUSIVE");
	database.pragma("journal_mode = WAL");
	database.pragma("synchronous = FULL");
	database.pragma("secure_delete = ON");
	database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
	database.pragma("journal_size_limit = 0");
	// The first write takes the lock, and keeps it until the end.
	database.exec("BEGIN IMMEDIATE");
	const version = database.pragma("user_version", { simple: true });
	const application = database.pragma("application_id", { simple: true });
	if (version === 0 && application === 0) {
		database.exec("CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID");
		database.pragma(`application_id = ${APPLICATION_ID}`);
		database.pragma(`user_version = ${VERSION}`);
	} else if (version !== VERSION || application !== APPLICATION_ID) {
		throw new LocalStoreError("Unreadable", "not a local store, or one of a later version");
	}
	database.exec("COMMIT");
}

type Row = readonly [key: string, value: Buffer];

class SqliteStore implements LocalStore {
	readonly #database: Database.Database;
	readonly #get: Database.Statement<[string], readonly [Buffer]>;
	readonly #ascending: Database.Statement<[string, string, number], Row>;
	readonly #descending: Database.Statement<[string, string, number], Row>;
	readonly #writeAll: (batch: ReadonlyMap<string, Uint8Array | undefined>) => void;

	constructor(database: Database.Database) {
		this.#database = database;
		const range = "SELECT key, value FROM entry WHERE key >= ? AND key < ? ORDER BY key";
		this.#get = database.prepare<[string], readonly [Buffer]>("SELECT value FROM entry WHERE key = ?").raw();
		this.#ascending = database.prepare<[string, string, number], Row>(`${range} LIMIT ?`).raw();
		this.#descending = database.prepare<[string, string, number], Row>(`${range} DESC LIMIT ?`).raw();
		const put = database.prepare<[string, Uint8Array]>(
			"INSERT INTO entry (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		);
		const remove = database.prepare<[string]>("DELETE FROM entry WHERE key = ?");
		this.#writeAll = database.transaction((batch: ReadonlyMap<string, Uint8Array | undefined>) => {
			for (const [key, value] of batch) {
				if (value === undefined) remove.run(key);
				else put.run(key, value);
			}
		}).immediate;
	}

	async get(key: string): Promise<Uint8Array | undefined> {
		return this.#run(() => {
			const row = this.#get.get(key);
			return row && bytes(row[0]);
		});
	}

	async range(
		from: string,
		to: string,
		options: { readonly limit?: number; readonly reverse?: boolean } = {},
	): Promise<readonly (readonly [key: string, value: Uint8Array])[]> {
		const limit = checkLimit(options.limit) ?? -1;
		const statement = options.reverse ? this.#descending : this.#ascending;
		return this.#run(() => statement.all(from, to, limit).map(([key, value]) => [key, bytes(value)] as const));
	}

	async write(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
		for (const key of batch.keys()) checkKey(key);
		this.#run(() => this.#writeAll(batch));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.#database.open) return;
		// Nothing that was deleted shall survive in the log.
		this.#run(() => this.#database.pragma("wal_checkpoint(TRUNCATE)"));
		this.#database.close();
	}

	#run<T>(step: () => T): T {
		if (!this.#database.open) throw new LocalStoreError("Closed", "the store is closed");
		try {
			return step();
		} catch (cause) {
			throw toStoreError(cause);
		}
	}
}

function bytes(buffer: Buffer): Uint8Array {
	return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function toStoreError(cause: unknown): LocalStoreError {
	if (cause instanceof LocalStoreError) return cause;
	const code = cause instanceof Database.SqliteError ? cause.code : "";
	if (code.startsWith("SQLITE_BUSY")) {
		return new LocalStoreError("ProfileInUse", "another process has this profile open", { cause });
	}
	if (code === "SQLITE_FULL") return new LocalStoreError("Full", "no space left for the local store", { cause });
	if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
		return new LocalStoreError("Unreadable", "the file of the local store is damaged or none", { cause });
	}
	return new LocalStoreError("Failed", "the local store failed", { cause });
}
