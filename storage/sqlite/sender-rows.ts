/** The settled sender rows. */
import type Database from "better-sqlite3";
import { readAnswers, writeAnswers } from "./answers.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { SenderState } from "./sender-state.ts";

const scratch = new ByteWriter(new ArrayBuffer(1024));

export class SenderRows {
	readonly #select;
	readonly #selectAll;
	readonly #put;

	constructor(db: Database.Database) {
		this.#select = db
			.prepare<[number, Uint8Array], [last: number, answers: Buffer]>(
				"SELECT last_client_seq, answers FROM senders WHERE log = ? AND device = ?",
			)
			.raw();
		this.#selectAll = db
			.prepare<[number], [device: string, last: number, answers: Buffer]>(
				"SELECT lower(hex(device)), last_client_seq, answers FROM senders WHERE log = ?",
			)
			.raw();
		this.#put = db.prepare(`
			INSERT INTO senders (log, device, last_client_seq, answers) VALUES (?, ?, ?, ?)
			ON CONFLICT (log, device) DO UPDATE SET last_client_seq = excluded.last_client_seq, answers = excluded.answers`);
	}

	read(log: number, device: string): SenderState | undefined {
		const row = this.#select.get(log, Buffer.from(device, "hex"));
		return row && toState(row[0], row[1]);
	}

	/** All rows of a log, by device. */
	readAll(log: number): Map<string, SenderState> {
		return new Map(this.#selectAll.all(log).map(([device, last, answers]) => [device, toState(last, answers)]));
	}

	write(log: number, device: string, row: SenderState): void {
		writeAnswers(scratch, row.answers());
		this.#put.run(log, Buffer.from(device, "hex"), row.lastClientSeq, scratch.copy());
	}
}

function toState(lastClientSeq: number, answers: Uint8Array): SenderState {
	return SenderState.whole(lastClientSeq, readAnswers(ByteReader.over(answers)));
}
