/**
 * Where the settled entries of a log lie, and how old they are: runs of up to 256 entries in one row, because a row
 * of its own for each would be most of the work of settling.
 */
import type Database from "better-sqlite3";
import { ByteReader, ByteWriter } from "./bytes.ts";

export interface Position {
	readonly seq: number;
	/** The entry's number in the file. */
	readonly n: number;
	readonly timeMs: number;
}

type RunRow = [firstSeq: number, run: Buffer];

const RUN = 256;
const scratch = new ByteWriter(new ArrayBuffer(4096));

export class Positions {
	readonly #insert;
	readonly #selectFrom;
	readonly #delete;

	constructor(db: Database.Database) {
		this.#insert = db.prepare("INSERT INTO positions (log, first_seq, run) VALUES (?, ?, ?)");
		this.#selectFrom = db
			.prepare<[number, number, number], RunRow>(
				`SELECT first_seq, run FROM positions
				WHERE log = ? AND first_seq >= coalesce(
					(SELECT max(first_seq) FROM positions WHERE log = ? AND first_seq <= ?), 0)
				ORDER BY first_seq`,
			)
			.raw();
		this.#delete = db.prepare("DELETE FROM positions WHERE log = ? AND first_seq < ?");
	}

	/** Adds entries that follow those which the log has; the first of them has this seq. */
	append(log: number, firstSeq: number, entries: readonly Omit<Position, "seq">[]): void {
		for (let at = 0; at < entries.length; at += RUN) {
			let before = { n: 0, timeMs: 0 };
			for (const entry of entries.slice(at, at + RUN)) {
				scratch.varint(entry.n - before.n);
				scratch.signed(entry.timeMs - before.timeMs);
				before = entry;
			}
			this.#insert.run(log, firstSeq + at, scratch.copy());
		}
	}

	/** Those with a seq above this, ascending. */
	*after(log: number, seq: number): Generator<Position> {
		for (const run of this.#selectFrom.iterate(log, log, seq + 1)) {
			for (const position of positionsOf(run)) if (position.seq > seq) yield position;
		}
	}

	/** Forgets the runs that lie wholly at or below this. */
	forgetUpTo(log: number, seq: number): void {
		const [next] = this.after(log, seq);
		this.#delete.run(log, next === undefined ? seq + 1 : this.#startOf(log, next.seq));
	}

	#startOf(log: number, seq: number): number {
		return this.#selectFrom.get(log, log, seq)?.[0] ?? seq;
	}
}

function positionsOf([firstSeq, run]: RunRow): Position[] {
	const from = ByteReader.over(run);
	const positions: Position[] = [];
	let n = 0;
	let timeMs = 0;
	for (let seq = firstSeq; !from.done; seq++) {
		n += from.varint();
		timeMs += from.signed();
		positions.push({ seq, n, timeMs });
	}
	return positions;
}
