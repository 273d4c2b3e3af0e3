import { openReadOnly, type ReadOnlyDatabase } from "@troth/storage";
import { quoteName, type Rows } from "./sql-facts.ts";

/** A host's SQLite file, opened without the right to write. SQLite has no roles: the file is readable or it is not. */
export class SqliteRows implements Rows {
	readonly #path: string;
	#db: ReadOnlyDatabase | undefined;

	constructor(path: string) {
		this.#path = path;
	}

	async all(sql: string, parameters: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
		return this.#opened().all(sql.replaceAll(/\$\d+/g, "?"), parameters);
	}

	async columns(view: string): Promise<readonly string[]> {
		return [...this.#opened().columns(`select * from ${quoteName(view)}`)].sort();
	}

	async readableBeside(): Promise<readonly string[]> {
		return [];
	}

	/** Opened when it is first needed, so that a host that starts later is no defect. */
	#opened(): ReadOnlyDatabase {
		this.#db ??= openReadOnly(this.#path);
		return this.#db;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#db?.[Symbol.dispose]();
		this.#db = undefined;
	}
}
