/**
 * The database file of the logs: schema and opening.
 *
 * What a hot step writes is appended only: entries at the end of `entries`, acknowledgements and trims at the end of
 * `journal`. Heads, positions, sender rows and cursors follow when the store settles (`settle.ts`); until then they
 * are what the tables say plus the entries after `settled` and the journal. So one small message does not rewrite a
 * page of each index it belongs to.
 */
import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import { StoreError } from "../ports.ts";

const SCHEMA_VERSION = 1;

const SCHEMA = `
CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Narrow, because every settling rewrites the rows of the logs that moved.
CREATE TABLE logs (
	n INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,
	alias TEXT UNIQUE,
	head INTEGER NOT NULL,
	trimmed INTEGER NOT NULL,
	purged INTEGER NOT NULL,  -- entries up to here are gone from the file, not only hidden
	oldest_ms INTEGER         -- time of the oldest kept entry
) STRICT;
CREATE INDEX logs_by_age ON logs (oldest_ms) WHERE oldest_ms IS NOT NULL;
CREATE INDEX logs_to_purge ON logs (n) WHERE purged < trimmed;

CREATE TABLE groups (
	log INTEGER PRIMARY KEY REFERENCES logs (n),
	kind TEXT NOT NULL,
	epoch INTEGER NOT NULL,
	group_info BLOB NOT NULL,
	tree BLOB NOT NULL,
	tree_bytes INTEGER NOT NULL,
	pending_removals BLOB NOT NULL
) STRICT;

-- In the order they were stored: clustering by log is several times slower with many logs.
CREATE TABLE entries (
	n INTEGER PRIMARY KEY,
	log INTEGER NOT NULL,
	record BLOB NOT NULL  -- record.ts
) STRICT;

-- Where the settled entries of a log lie.
CREATE TABLE positions (
	log INTEGER NOT NULL,
	first_seq INTEGER NOT NULL,
	run BLOB NOT NULL,  -- positions.ts
	PRIMARY KEY (log, first_seq)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: an old line of the journal must never meet a new subscription with its number.
CREATE TABLE subscriptions (
	n INTEGER PRIMARY KEY AUTOINCREMENT,
	log INTEGER NOT NULL REFERENCES logs (n),
	device BLOB NOT NULL,
	account BLOB NOT NULL,
	leaf INTEGER,
	role TEXT NOT NULL,
	from_seq INTEGER NOT NULL,
	acked INTEGER NOT NULL,
	floor INTEGER NOT NULL,
	until INTEGER,
	UNIQUE (log, device)
) STRICT;
CREATE INDEX subscriptions_by_device ON subscriptions (device);
CREATE INDEX subscriptions_by_account ON subscriptions (account);

CREATE TABLE senders (
	log INTEGER NOT NULL REFERENCES logs (n),
	device BLOB NOT NULL,
	last_client_seq INTEGER NOT NULL,
	answers BLOB NOT NULL,  -- answers.ts
	UNIQUE (log, device)
) STRICT;

CREATE TABLE registers (
	log INTEGER NOT NULL REFERENCES logs (n),
	device BLOB NOT NULL,
	version INTEGER NOT NULL,
	sealed BLOB NOT NULL,
	UNIQUE (log, device)
) STRICT;

-- One row per group commit: cursors and trims that the tables do not show yet (journal.ts).
CREATE TABLE journal (
	n INTEGER PRIMARY KEY,
	changes BLOB NOT NULL
) STRICT;

INSERT INTO meta (key, value) VALUES ('schema', ${SCHEMA_VERSION}), ('generation', 1), ('settled', 0);
`;

const PAGE_BYTES = 4096;
/** Pages of write-ahead log before they are copied into the file: rarely, because it stops the writer. */
const CHECKPOINT_PAGES = 20_000;
const CACHE_KIB = 32 * 1024;
const BUSY_MS = 2000;

export interface LogDatabaseOptions {
	readonly path: string;
	/** The most bytes the database file may take; a write beyond it is refused with StoreFull. */
	readonly maxBytes?: number | undefined;
	/** For the test that shows what a store without syncing looks like. Loses acknowledged entries in a power cut. */
	readonly unsafeSynchronous?: "off" | undefined;
}

/** Opens or creates the file and takes it for this process alone. */
export function openLogDatabase({ path, maxBytes, unsafeSynchronous }: LogDatabaseOptions): Database.Database {
	const db = new Database(path, { timeout: BUSY_MS });
	try {
		// One process owns the logs: a second one must not start, and the lock spares file locking per commit.
		db.pragma("locking_mode = EXCLUSIVE");
		db.pragma(`page_size = ${PAGE_BYTES}`);
		db.pragma("journal_mode = WAL");
		db.pragma(`synchronous = ${unsafeSynchronous === "off" ? "OFF" : "FULL"}`);
		db.pragma("secure_delete = ON");
		db.pragma("foreign_keys = ON");
		db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
		db.pragma(`cache_size = -${CACHE_KIB}`);
		if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`);
		migrate(db);
	} catch (error) {
		db.close();
		throw error;
	}
	return db;
}

function migrate(db: Database.Database): void {
	db.transaction(() => {
		const created = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined;
		if (!created) db.exec(SCHEMA);
		const version = readMeta(db, "schema");
		if (version !== SCHEMA_VERSION) {
			throw new StoreError("StoreFailed", `the logs are of schema ${version}, this version knows ${SCHEMA_VERSION}`);
		}
	}).immediate();
}

export type MetaKey = "schema" | "generation" | "settled";

export function readMeta(db: Database.Database, key: MetaKey): number {
	const value = db.prepare("SELECT value FROM meta WHERE key = ?").pluck().get(key);
	if (typeof value !== "number") throw new StoreError("StoreFailed", `the logs' meta table has no ${key}`);
	return value;
}

/** Raises the generation of an existing file and gives the new one. */
export function bumpGeneration(path: string): number {
	if (!existsSync(path)) throw new StoreError("StoreFailed", "there is no logs' file to raise the generation of");
	const db = openLogDatabase({ path });
	try {
		db.prepare("UPDATE meta SET value = value + 1 WHERE key = 'generation'").run();
		return readMeta(db, "generation");
	} finally {
		db.close();
	}
}
