/** A SQLite database that belongs to somebody else: it is read, and nothing of it can be changed from here. */
import Database from "better-sqlite3";
import { toStoreError } from "./sqlite/worker-host.ts";
import { crossed } from "./sqlite/worker-service.ts";

export interface ReadOnlyDatabase extends Disposable {
	/** Rows of a statement that only reads. Throws StoreError, also for one that would write. */
	all(sql: string, parameters: readonly unknown[]): readonly Readonly<Record<string, unknown>>[];
	/** Names of the columns that a statement gives. Throws StoreError. */
	columns(sql: string): readonly string[];
}

/** Opens the file without writing to it. Throws StoreError where there is none, or it is no database. */
export function openReadOnly(path: string): ReadOnlyDatabase {
	const guarded = <Value>(work: () => Value): Value => {
		try {
			return work();
		} catch (error) {
			throw toStoreError(crossed(error));
		}
	};
	const db = guarded(() => {
		const opened = new Database(path, { readonly: true, fileMustExist: true });
		opened.pragma("query_only = ON");
		return opened;
	});
	const prepare = (sql: string) => {
		const statement = db.prepare(sql);
		if (!statement.readonly) throw new TypeError("the statement would write");
		return statement;
	};
	return {
		all: (sql, parameters) => guarded(() => prepare(sql).all(...parameters) as Readonly<Record<string, unknown>>[]),
		columns: (sql) =>
			guarded(() =>
				prepare(sql)
					.columns()
					.map(({ name }) => name),
			),
		[Symbol.dispose]: () => void db.close(),
	};
}
