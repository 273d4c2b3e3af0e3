/** Opens the store of the relational records. */
import { Kysely, sql, type Transaction } from "kysely";
import { StoreError } from "./ports.ts";
import { RecordDatabase } from "./sqlite/record-database.ts";
import { RecordDialect, type RecordSession } from "./sqlite/record-dialect.ts";
import type { RecordMethods } from "./sqlite/record-worker.ts";
import { type Host, toStoreError, WorkerHost } from "./sqlite/worker-host.ts";
import { crossed } from "./sqlite/worker-service.ts";

export type RecordsAt =
	/** A file of its own, in a worker of its own; durable when a statement or transaction resolves. */
	| { readonly kind: "sqlite"; readonly path: string }
	/** The same SQL, in this thread, gone at the end. */
	| { readonly kind: "memory" };

/**
 * A relational store with the caller's own schema, to be migrated by the caller with Kysely's Migrator. Everything it
 * rejects with is a StoreError: `Conflict` where a unique or primary key is taken, `StoreFull` where the disk is.
 * Transactions follow one another; inside one use its own handle, a query on the store waits until it ends. Blobs are
 * Uint8Arrays. `db.destroy()`, or `await using`, ends it.
 */
export async function openRecords<Schema>(at: RecordsAt): Promise<Kysely<Schema>> {
	return recordsOver(await openSession(at));
}

/** The same over any session: what stands under it may be simulated. */
export async function recordsOver<Schema>(session: RecordSession): Promise<Kysely<Schema>> {
	const db = new Kysely<Schema>({ dialect: new RecordDialect(session) });
	// Kysely closes only what it has used once.
	await sql`select 1`.execute(db);
	return db;
}

/**
 * What was deleted before leaves the files too, not only the tables: the write-ahead log is emptied into the database
 * (whose freed pages are overwritten, `secure_delete`) and cut to nothing. Call it wherever something must be gone
 * when it is acknowledged. Rejects with StoreError `StoreFailed` where another connection keeps the log in use.
 */
export async function eraseDeleted<Schema>(records: Kysely<Schema>): Promise<void> {
	const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(TRUNCATE)`.execute(records);
	if (rows[0]?.busy === 1) throw new StoreError("StoreFailed", "the write-ahead log is in use");
}

/**
 * The same store, or the same transaction, for code that knows only some of its tables. They are tables of the whole: that
 * is checked. Kysely's own types take no store with more tables than they name.
 */
export function partOf<Part, Whole extends Part>(records: Transaction<Whole>): Transaction<Part>;
export function partOf<Part, Whole extends Part>(records: Kysely<Whole>): Kysely<Part>;
export function partOf(records: unknown): unknown {
	return records;
}

async function openSession(at: RecordsAt): Promise<RecordSession> {
	switch (at.kind) {
		case "sqlite": {
			const { path } = at;
			const host = new WorkerHost<RecordMethods>(new URL("./sqlite/record-worker.ts", import.meta.url), { path });
			try {
				await host.call("open", undefined);
			} catch (error) {
				await host.close();
				throw error;
			}
			return overHost(host);
		}
		case "memory":
			return inThread(new RecordDatabase(":memory:"));
	}
}

function overHost(host: Host<RecordMethods>): RecordSession {
	return {
		execute: (sql, parameters) => host.call("execute", { sql, parameters }),
		begin: () => host.call("begin", undefined),
		commit: () => host.call("commit", undefined),
		rollback: () => host.call("rollback", undefined),
		close: () => host.close(),
	};
}

function inThread(database: RecordDatabase): RecordSession {
	const run = async <Value>(work: () => Value): Promise<Value> => {
		try {
			return work();
		} catch (error) {
			throw toStoreError(crossed(error));
		}
	};
	return {
		execute: (sql, parameters) => run(() => database.execute(sql, parameters)),
		begin: () => run(() => database.begin()),
		commit: () => run(() => database.commit()),
		rollback: () => run(() => database.rollback()),
		close: () => run(() => database.close()),
	};
}
