/**
 * Kysely on one SQLite connection that answers asynchronously. Queries and transactions take turns: a transaction has
 * the connection for itself until it ends, and a query beside it waits.
 */
import {
	type CompiledQuery,
	type DatabaseConnection,
	type DatabaseIntrospector,
	type Dialect,
	type DialectAdapter,
	type Driver,
	type Kysely,
	type QueryCompiler,
	type QueryResult,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
} from "kysely";
import type { StatementResult } from "./record-database.ts";

/** Where statements run, one after the other. Rejects with StoreError. */
export interface RecordSession {
	execute(sql: string, parameters: readonly unknown[]): Promise<StatementResult>;
	begin(): Promise<void>;
	commit(): Promise<void>;
	rollback(): Promise<void>;
	close(): Promise<void>;
}

export class RecordDialect implements Dialect {
	readonly #session: RecordSession;

	constructor(session: RecordSession) {
		this.#session = session;
	}

	createDriver(): Driver {
		return new RecordDriver(this.#session);
	}

	createQueryCompiler(): QueryCompiler {
		return new SqliteQueryCompiler();
	}

	createAdapter(): DialectAdapter {
		return new RecordAdapter();
	}

	createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
		return new SqliteIntrospector(db);
	}
}

class RecordAdapter extends SqliteAdapter {
	/** SQLite takes back changes of the schema like any others, so that migrations apply whole or not at all. */
	override get supportsTransactionalDdl(): boolean {
		return true;
	}
}

class RecordDriver implements Driver {
	readonly #session: RecordSession;
	readonly #connection: DatabaseConnection;

	constructor(session: RecordSession) {
		this.#session = session;
		this.#connection = new RecordConnection(session);
	}

	async init(): Promise<void> {}

	/** Kysely itself hands the one connection from user to user, because the adapter says there is only one. */
	async acquireConnection(): Promise<DatabaseConnection> {
		return this.#connection;
	}

	async releaseConnection(): Promise<void> {}

	beginTransaction(): Promise<void> {
		return this.#session.begin();
	}

	commitTransaction(): Promise<void> {
		return this.#session.commit();
	}

	rollbackTransaction(): Promise<void> {
		return this.#session.rollback();
	}

	destroy(): Promise<void> {
		return this.#session.close();
	}
}

class RecordConnection implements DatabaseConnection {
	readonly #session: RecordSession;

	constructor(session: RecordSession) {
		this.#session = session;
	}

	async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
		const { rows, changes, lastId } = await this.#session.execute(sql, parameters);
		return {
			rows: rows as Row[],
			...(changes !== undefined && { numAffectedRows: BigInt(changes) }),
			...(lastId !== undefined && { insertId: lastId }),
		};
	}

	streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
		throw new TypeError("records are read in pages, not streamed");
	}
}
