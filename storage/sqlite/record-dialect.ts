/**
 * Kysely on one SQLite connection that answers asynchronously. Queries and transactions take turns: a transaction has
 * the connection for itself until it ends.
 */
import {
	CompiledQuery,
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

/** Where statements run. Rejects with StoreError. */
export interface RecordSession {
	execute(sql: string, parameters: readonly unknown[]): Promise<StatementResult>;
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
		return new SqliteAdapter();
	}

	createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
		return new SqliteIntrospector(db);
	}
}

class RecordDriver implements Driver {
	readonly #session: RecordSession;
	readonly #connection: DatabaseConnection;
	#busy = false;
	readonly #waiting: (() => void)[] = [];

	constructor(session: RecordSession) {
		this.#session = session;
		this.#connection = new RecordConnection(session);
	}

	async init(): Promise<void> {}

	async acquireConnection(): Promise<DatabaseConnection> {
		if (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
		this.#busy = true;
		return this.#connection;
	}

	async releaseConnection(): Promise<void> {
		const next = this.#waiting.shift();
		// The connection passes from hand to hand without ever being free in between.
		if (next !== undefined) next();
		else this.#busy = false;
	}

	async beginTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw("begin immediate"));
	}

	async commitTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw("commit"));
	}

	async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw("rollback"));
	}

	async destroy(): Promise<void> {
		await this.#session.close();
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
