/** Inserts rows many at a time: a call into SQLite costs more than a row. Rows are held until `flush`. */
import type Database from "better-sqlite3";

type Value = number | Uint8Array;

const ROWS_PER_STATEMENT = 32;

export class RowInserter {
	readonly #columns: number;
	readonly #one;
	readonly #many;
	readonly #values: Value[];
	#used = 0;

	/** `target`: the table and its columns, as in `entries (n, log)`. */
	constructor(db: Database.Database, target: string, columns: number) {
		this.#columns = columns;
		this.#values = Array<Value>(columns * ROWS_PER_STATEMENT).fill(0);
		const row = `(${Array(columns).fill("?").join(", ")})`;
		this.#one = db.prepare(`INSERT INTO ${target} VALUES ${row}`);
		this.#many = db.prepare(`INSERT INTO ${target} VALUES ${Array(ROWS_PER_STATEMENT).fill(row).join(", ")}`);
	}

	add(...values: readonly Value[]): void {
		for (const value of values) this.#values[this.#used++] = value;
		if (this.#used < this.#values.length) return;
		this.#many.run(this.#values);
		this.#used = 0;
	}

	flush(): void {
		for (let at = 0; at < this.#used; at += this.#columns) {
			this.#one.run(this.#values.slice(at, at + this.#columns));
		}
		this.#used = 0;
	}

	drop(): void {
		this.#used = 0;
	}
}
