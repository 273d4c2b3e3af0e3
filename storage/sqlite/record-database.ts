/** The relational records' database: one statement in, its rows out. Runs in a worker, or in the thread for memory. */
import Database from "better-sqlite3";
import { StoreError } from "../ports.ts";

/** What a statement did. */
export interface StatementResult {
	readonly rows: readonly unknown[];
	/** Rows changed; undefined for statements that only read. */
	readonly changes: number | undefined;
	readonly lastId: bigint | undefined;
}

const STATEMENTS_KEPT = 500;

export class RecordDatabase {
	readonly #db: Database.Database;
	readonly #statements = new Map<string, Database.Statement>();
	/** The caller is between `begin` and its end. SQLite may have taken the transaction back by itself. */
	#transaction = false;

	/** @param from path of the file, ":memory:", or what `bytes` gave, to begin another one in memory. Throws SqliteError. */
	constructor(from: string | Buffer) {
		this.#db = new Database(from);
		this.#db.pragma("journal_mode = WAL");
		this.#db.pragma("synchronous = FULL");
		this.#db.pragma("foreign_keys = ON");
		// What is deleted (numbers, keys) has to leave the file, not only the index (hazard 25).
		this.#db.pragma("secure_delete = ON");
	}

	/** Runs one statement. Throws SqliteError, or StoreError where its transaction is gone. */
	execute(sql: string, parameters: readonly unknown[]): StatementResult {
		if (this.#transaction && !this.#db.inTransaction) {
			// A full disk ends a transaction; what follows must not be stored without what came before.
			throw new StoreError("StoreFailed", "the transaction was taken back by an earlier failure");
		}
		const statement = this.#prepare(sql);
		const bound = parameters.map(toSqlite);
		if (statement.reader) {
			const rows = statement.all(bound).map((row) => fromSqlite(row as Record<string, unknown>));
			return { rows, changes: statement.readonly ? undefined : rows.length, lastId: undefined };
		}
		const { changes, lastInsertRowid } = statement.run(bound);
		return { rows: [], changes, lastId: BigInt(lastInsertRowid) };
	}

	begin(): void {
		this.#db.exec("BEGIN IMMEDIATE");
		this.#transaction = true;
	}

	/** Durable when it returns. When it throws, nothing of the transaction is stored. */
	commit(): void {
		const lost = this.#transaction && !this.#db.inTransaction;
		try {
			if (lost) throw new StoreError("StoreFailed", "the transaction was taken back by an earlier failure");
			this.#db.exec("COMMIT");
		} finally {
			this.rollback();
		}
	}

	/** Takes back what is open; nothing where nothing is. */
	rollback(): void {
		this.#transaction = false;
		if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
	}

	/** The whole database as it is now, outside of a transaction. */
	bytes(): Buffer {
		return this.#db.serialize();
	}

	close(): void {
		this.#db.close();
	}

	#prepare(sql: string): Database.Statement {
		const known = this.#statements.get(sql);
		if (known !== undefined) return known;
		if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear();
		const statement = this.#db.prepare(sql);
		this.#statements.set(sql, statement);
		return statement;
	}
}

function toSqlite(value: unknown): unknown {
	if (typeof value === "boolean") return value ? 1 : 0;
	return value ?? null;
}

/** Bytes of their own: a view into a shared pool would take the whole pool along to another thread. */
function fromSqlite(row: Record<string, unknown>): Record<string, unknown> {
	for (const [name, value] of Object.entries(row)) if (Buffer.isBuffer(value)) row[name] = new Uint8Array(value);
	return row;
}
