/** What becomes durable at the server, and is deleted there. */
import { fromBinary } from "@bufbuild/protobuf";
import { CommitPayloadSchema, type DeviceId, decodeEntry, EntryKind, LIMITS, type LogId, toHex } from "@troth/protocol";
import type { LogWrite } from "@troth/storage";
import { bulkDigest } from "../../client/sync/bulk.ts";
import { type Books, type LogBook, sha256, short } from "./books.ts";

const DAY_MS = 24 * 3600 * 1000;

export class DiskWitness {
	readonly #books: Books;
	/** By device and log: everything up to here is lost to it, and has to be told as a Gap. */
	readonly #floors = new Map<string, number>();

	constructor(books: Books) {
		this.#books = books;
	}

	durable(steps: readonly LogWrite[]): void {
		for (const step of steps) {
			if (step.kind === "create") this.#books.log(step.log).isDevice = step.group === undefined;
			else if (step.kind === "append") this.#appended(this.#books.log(step.log), step.entry.body, step.entry.seq);
			else if (step.kind === "trim") this.#trimmed(this.#books.log(step.log), step.upTo);
			else if (step.kind === "floor") this.#lost(step.device, step.log, step.floor);
			else if (step.kind === "subscribe") {
				const { device, log, floor } = step.subscription;
				this.#lost(device, log, floor);
			} else if (step.kind === "unsubscribe") {
				const byCommit = steps.some(({ kind }) => kind === "epoch");
				this.#ended(this.#books.log(step.log), step.device, step.until, byCommit);
			}
		}
	}

	#appended(book: LogBook, body: Uint8Array, seq: number): void {
		const books = this.#books;
		const entry = decodeEntry(body);
		const senderDevice = toHex(entry.senderDevice);
		// The place is taken: whoever writes there knows less of the log than the disk does.
		if (seq !== book.head + 1)
			books.broken(seq <= book.head ? "11" : "3", `entry ${seq} of ${short(book.log)} follows ${book.head}`);
		book.head = seq;
		const digest = sha256(entry.payload);
		const { clientSeq, epoch } = entry;
		const kind = entry.kind as EntryKind;
		const said = books.said.get(digest);
		const storedAtMs = books.now();
		book.entries.set(seq, { seq, digest, kind, senderDevice, clientSeq, epoch, said, storedAtMs });
		if (book.isDevice) return;
		this.#numbered(book, senderDevice, clientSeq, seq);
		if (kind === EntryKind.COMMIT) this.#committed(book, entry.payload, seq, epoch, senderDevice as DeviceId);
		else if (kind === EntryKind.MESSAGE) {
			if (!books.said.has(digest))
				books.broken(
					"1",
					`the server stores what was never on ${books.name(senderDevice)}'s disk (${short(book.log)} ${seq})`,
				);
			if (epoch !== book.epoch)
				books.broken("6", `message ${seq} of ${short(book.log)} is for epoch ${epoch} and lies in ${book.epoch}`);
		}
	}

	#numbered(book: LogBook, device: string, clientSeq: number, seq: number): void {
		const books = this.#books;
		const last = book.numbers.get(device) ?? 0;
		if (clientSeq <= last)
			books.broken("2", `number ${clientSeq} of ${books.name(device)} is stored again as ${short(book.log)} ${seq}`);
		else if (clientSeq !== last + 1)
			books.broken("3", `${books.name(device)}'s numbers jump from ${last} to ${clientSeq}`);
		book.numbers.set(device, clientSeq);
	}

	#committed(book: LogBook, payload: Uint8Array, seq: number, epoch: number, committer: DeviceId): void {
		const books = this.#books;
		if (book.committed.has(epoch)) books.broken("4", `a second commit for epoch ${epoch} of ${short(book.log)}`);
		if (book.epoch !== undefined && epoch !== book.epoch)
			books.broken("6", `a commit for epoch ${epoch} of ${short(book.log)} lies in ${book.epoch}`);
		book.committed.add(epoch);
		book.epoch = epoch + 1;
		const meaning = books.meanings.get(bulkDigest(fromBinary(CommitPayloadSchema, payload).commit) ?? "");
		if (meaning === undefined) {
			books.broken("4", `a commit that no device made (${short(book.log)} ${seq})`);
			return;
		}
		const live = (device: DeviceId) => book.members.get(device)?.find(({ until }) => until === undefined);
		for (const device of meaning.removed) {
			const span = live(device);
			if (span !== undefined && !meaning.added.includes(device)) span.until = seq;
		}
		// Whoever commits gets the commit back, also where it comes in by it.
		const joined = [...meaning.added.map((device) => [device, seq] as const), [committer, seq - 1] as const];
		for (const [device, from] of joined)
			if (live(device) === undefined)
				book.members.set(device, [...(book.members.get(device) ?? []), { from, until: undefined }]);
	}

	/** Taken out without a commit: it left. Nothing that is stored from now on is for it. */
	#ended(book: LogBook, device: DeviceId, until: number, byCommit: boolean): void {
		for (const span of book.members.get(device) ?? []) {
			if (span.until !== undefined) continue;
			span.until = until;
			if (!byCommit) span.leftWith = this.#books.stored.get(`${device} ${book.log}`) ?? 0;
		}
	}

	/** Its share was used up, or it was taken out and comes in again before it had all of its earlier time. */
	#lost(device: DeviceId, log: LogId, floor: number): void {
		const key = `${device} ${log}`;
		this.#floors.set(key, Math.max(floor, this.#floors.get(key) ?? 0));
	}

	#trimmed(book: LogBook, upTo: number): void {
		const books = this.#books;
		const now = books.now();
		const own = new Map([[book.log as DeviceId, [{ from: 0, until: undefined }]]]);
		for (const [device, spans] of book.isDevice ? own : book.members) {
			const key = `${device} ${book.log}`;
			const stored = books.stored.get(key) ?? 0;
			const settled = Math.max(stored, this.#floors.get(key) ?? 0);
			for (const { from, until } of spans) {
				for (let seq = Math.max(from, settled) + 1; seq <= Math.min(upTo, until ?? upTo, book.head); seq++) {
					const entry = book.entries.get(seq);
					if (entry === undefined || now - entry.storedAtMs > LIMITS.retentionMs - DAY_MS) continue;
					books.broken("7", `${short(book.log)} ${seq} is deleted, and ${books.name(device)} has only up to ${stored}`);
				}
			}
		}
	}
}
