/**
 * One stream's place in one log. Entries leave in order and exactly once per stream; what is lost to the device is told
 * as a Gap, what a blocked sender wrote as a Skipped range (promise 1), and nothing after the end of the subscription
 * leaves at all (promise 8).
 */
import { hash } from "node:crypto";
import { EntryKind, entryDigest, GapReason, toHex } from "@troth/protocol";
import type { Member } from "./member.ts";
import type { Reader } from "./reader.ts";
import { InFlight } from "./window.ts";
import { type EntryMessage, entryFields, frameMessage } from "./wire.ts";

/** How far `advance` came. */
export type Advance =
	/** Everything there is was sent. */
	| "done"
	/** The window or the socket is full. */
	| "full"
	/** The next entry is not at hand. */
	| "missing"
	/** It is being asked whom the reader has blocked. */
	| "undecided";

/** Where entries are looked up by number. */
type Source = (seq: number) => EntryMessage | undefined;
const nothing: Source = () => undefined;

/** Entries in one Skipped frame: 32 bytes of digest each. */
const SKIPPED_AT_ONCE = 128;

export class Cursor {
	readonly reader: Reader;
	member: Member;
	/** Everything up to here has left, as entry, Gap or Skipped. */
	sent: number;
	acked: number;
	/** Waits in the reader's queue for room. */
	queued = false;
	/** The head when the device attached: QueueEmpty is due when all cursors have passed theirs. */
	goal = 0;
	/** After a restore from a backup: everything unconfirmed up to here is to be told as lost. */
	#restoredTo = 0;
	readonly inFlight = new InFlight();

	constructor(reader: Reader, member: Member) {
		this.reader = reader;
		this.member = member;
		this.sent = member.position();
		this.acked = this.sent;
	}

	/**
	 * Goes on with this row of the same subscription: the owner was loaded again, or the device came back after it had
	 * been removed. What lies before `from` was never its own.
	 */
	follow(member: Member): void {
		this.member = member;
		this.sent = Math.max(this.sent, member.from);
		this.acked = Math.max(this.acked, member.from);
	}

	/** Sends a new entry if it is the next one and there is room. False: the cursor has to catch up. */
	offer(entry: EntryMessage): boolean {
		// The commit that brought this device back in is not for it: `advance` tells the gap.
		if (this.queued || entry.seq !== this.sent + 1 || entry.seq <= this.member.floor) return false;
		return this.#deliver(entry, nothing, entry.seq) === "sent";
	}

	/** Sends what follows, as long as `at` has it and there is room. */
	advance(at: Source): Advance {
		const { owner } = this.member;
		for (;;) {
			if (this.#restoredTo !== 0 && !this.#sendRestored()) return "full";
			const end = this.member.end();
			if (this.sent >= end) return "done";
			const lost = Math.min(end, Math.max(owner.trimmed, this.member.floor));
			if (this.sent < lost) {
				if (!this.#sendGap(lost)) return "full";
				continue;
			}
			const entry = at(this.sent + 1);
			if (entry === undefined) return "missing";
			const delivered = this.#deliver(entry, at, end);
			if (delivered !== "sent") return delivered;
		}
	}

	/** The device has stored everything up to `seq`. More than was sent to it can not be acknowledged. */
	acknowledge(seq: number): boolean {
		const acked = Math.min(seq, this.sent);
		if (acked <= this.acked) return false;
		this.acked = acked;
		for (;;) {
			const bytes = this.inFlight.shift(acked);
			if (bytes === undefined) return true;
			this.reader.release(bytes);
		}
	}

	/** The device's cursors belong to another generation of the store (hazard 21). The next `advance` tells it. */
	rebase(): void {
		this.#restoredTo = this.member.end();
	}

	hasMore(): boolean {
		return this.sent < this.member.end() || this.#restoredTo !== 0;
	}

	isIdle(): boolean {
		return !this.queued && this.inFlight.count === 0;
	}

	#deliver(entry: EntryMessage, at: Source, end: number): "sent" | "full" | "undecided" {
		const { blocked } = this.member.of;
		if (blocked === undefined) return "undecided";
		if (blocked.size > 0 && isFromBlocked(entry, blocked)) return this.#skip(entry, blocked, at, end);
		if (!this.reader.hasRoom(entry.message.length, this.member.owner.log)) return "full";
		this.#send(entry.message, entry.seq);
		return "sent";
	}

	#skip(first: EntryMessage, blocked: ReadonlySet<string>, at: Source, end: number): "sent" | "full" {
		const digests = [digestOf(first)];
		for (let seq = first.seq + 1; seq <= end && digests.length < SKIPPED_AT_ONCE; seq++) {
			const entry = at(seq);
			if (entry === undefined || !isFromBlocked(entry, blocked)) break;
			digests.push(digestOf(entry));
		}
		const to = first.seq + digests.length - 1;
		const value = { log: this.member.owner.logBytes, from: first.seq, to, digests };
		const message = frameMessage({ case: "skipped", value });
		if (!this.reader.hasRoom(message.length, this.member.owner.log)) return "full";
		this.#send(message, to);
		return "sent";
	}

	#sendGap(to: number): boolean {
		const { owner, floor } = this.member;
		// What was lost to this device first may be gone for everybody by now.
		const capped = floor >= owner.trimmed && floor > this.sent;
		return this.#sendRange(this.sent + 1, to, capped ? GapReason.CAP : GapReason.EXPIRED);
	}

	/** Also where nothing is unconfirmed: the device may remember more than the backup had, and learns the head here. */
	#sendRestored(): boolean {
		const to = this.#restoredTo;
		if (!this.#sendRange(Math.min(this.sent + 1, to), to, GapReason.RESTORED)) return false;
		this.#restoredTo = 0;
		return true;
	}

	#sendRange(from: number, to: number, reason: GapReason): boolean {
		const message = frameMessage({ case: "gap", value: { log: this.member.owner.logBytes, from, to, reason } });
		if (!this.reader.hasRoom(message.length, this.member.owner.log)) return false;
		this.#send(message, to);
		return true;
	}

	#send(message: Buffer, upTo: number): void {
		this.sent = upTo;
		this.inFlight.push(upTo, message.length);
		this.reader.take(message);
		if (this.goal !== 0 && this.sent >= this.goal) this.reader.reachedGoal(this);
	}
}

/** Commits always reach everybody: without them nobody could read on (hazard 22). */
function isFromBlocked({ kind, senderAccount }: EntryMessage, blocked: ReadonlySet<string>): boolean {
	return kind === EntryKind.MESSAGE && senderAccount !== undefined && blocked.has(senderAccount);
}

function digestOf(entry: EntryMessage): Uint8Array<ArrayBuffer> {
	const { seq, kind, senderDevice, payload } = entryFields(entry);
	const digest = entryDigest({ seq, kind, senderDevice: toHex(senderDevice), payload }, (bytes) =>
		hash("sha256", bytes, "buffer"),
	);
	return new Uint8Array(digest);
}
