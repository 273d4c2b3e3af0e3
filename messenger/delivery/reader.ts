/**
 * The reading side of one attached device: its cursors, and the window of what may be under way unacknowledged. A
 * reader that is slow waits here and nowhere else: owners of logs never wait for it (promise 12).
 */
import { type DeviceId, LIMITS, type LogId } from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import { Cursor } from "./cursor.ts";
import type { LogOwner } from "./log-owner.ts";
import type { Member } from "./member.ts";
import { type EntryMessage, storedEntryMessage } from "./wire.ts";

/** What a reader needs of its stream. */
export interface Outlet {
	write(message: Buffer): void;
	/** More is waiting for the socket than is good: `pump` is called when it has gone. */
	isFull(): boolean;
	/** A log could not be read; the stream has to end, and the device comes back. */
	fail(error: unknown): void;
	/** All that waited at attach has been sent. */
	caughtUp(): void;
}

/** Shared by all readers that never had to wait. */
const NO_CURSORS: Cursor[] = [];

export class Reader {
	readonly device: DeviceId;
	readonly #outlet: Outlet;
	readonly #logs: LogStore;
	#cursors: Map<LogId, Cursor> | undefined;
	/** Cursors with something to send, in turn. */
	#queue: Cursor[] = NO_CURSORS;
	#open = false;
	#closed = false;
	#reading = false;
	#pumping = false;
	#inFlight = 0;
	#inFlightBytes = 0;
	/** Cursors that have not passed their goal yet, and 1 while more may come. */
	#goals = 0;
	/** Items that the device acknowledged since they were last asked for. */
	#delivered = 0;
	/** When entries last left or were acknowledged while the window was full; for the slow reader check. */
	stalledSinceMs: number | undefined;

	constructor(device: DeviceId, outlet: Outlet, logs: LogStore) {
		this.device = device;
		this.#outlet = outlet;
		this.#logs = logs;
	}

	/** From now on entries may leave. */
	open(): void {
		this.#open = true;
		this.pump();
	}

	/** The stream is gone: the logs forget it. */
	close(): void {
		this.#closed = true;
		this.#open = false;
		this.#queue = NO_CURSORS;
		for (const cursor of this.#cursors?.values() ?? []) {
			if (cursor.member.cursor === cursor) cursor.member.cursor = undefined;
		}
		this.#cursors = undefined;
	}

	cursor(log: LogId): Cursor | undefined {
		return this.#cursors?.get(log);
	}

	/** The cursor of this device in a log; made where there is none. */
	bind(member: Member): Cursor {
		this.#cursors ??= new Map();
		let cursor = this.#cursors.get(member.owner.log);
		if (cursor === undefined) {
			cursor = new Cursor(this, member);
			this.#cursors.set(member.owner.log, cursor);
		}
		cursor.follow(member);
		member.cursor = cursor;
		return cursor;
	}

	/** The owner of this log goes out of memory. */
	unbind(owner: LogOwner): void {
		this.#cursors?.delete(owner.log);
	}

	/** The cursor has something to send, and could not send it at once. */
	enqueue(cursor: Cursor): void {
		if (cursor.queued || this.#closed) return;
		cursor.queued = true;
		if (this.#queue === NO_CURSORS) this.#queue = [cursor];
		else this.#queue.push(cursor);
		this.pump();
	}

	/** At least one entry may always be under way, however large (hazard 19). */
	hasRoom(bytes: number, log: LogId): boolean {
		if (!this.#open || this.#outlet.isFull()) return false;
		if (this.#inFlight === 0) return true;
		const windows = this.#windowsOf(log);
		return (
			this.#inFlight < windows * LIMITS.windowEntries && this.#inFlightBytes + bytes <= windows * LIMITS.windowBytes
		);
	}

	/**
	 * The device's own log has a second window: where a hint was lost, a conversation's entries came before the Welcome, and
	 * the device acknowledges none of them until it has that.
	 */
	#windowsOf(log: LogId): number {
		return log === this.device ? 2 : 1;
	}

	/** Sends what is no entry: outside of the window, and not before the device is attached. */
	tell(message: Buffer): void {
		if (this.#open) this.#outlet.write(message);
	}

	/** Sends what may as well be lost: not to a reader that is slow. */
	mention(message: Buffer): void {
		if (this.#open && !this.#outlet.isFull()) this.#outlet.write(message);
	}

	take(message: Buffer): void {
		this.#inFlight++;
		this.#inFlightBytes += message.length;
		this.#outlet.write(message);
	}

	release(bytes: number): void {
		this.#inFlight--;
		this.#delivered++;
		this.#inFlightBytes -= bytes;
	}

	/** Sent, and not acknowledged. */
	get underWay(): number {
		return this.#inFlight;
	}

	/** How many items were acknowledged since this was last asked. */
	takeDelivered(): number {
		const delivered = this.#delivered;
		this.#delivered = 0;
		return delivered;
	}

	/** Cumulative acknowledgement; gives the cursor if it moved. */
	acknowledge(log: LogId, seq: number): Cursor | undefined {
		const cursor = this.#cursors?.get(log);
		if (cursor === undefined || !cursor.acknowledge(seq)) return undefined;
		this.stalledSinceMs = undefined;
		return cursor;
	}

	/** Does something wait for acknowledgements or for the socket? */
	isWaiting(): boolean {
		const [next] = this.#queue;
		return next !== undefined && !this.#reading && !this.hasRoom(1, next.member.owner.log);
	}

	/** Sends from the queue what there is room for. */
	pump(): void {
		// A send can lead back here; the outer call goes on anyway.
		if (this.#pumping || !this.#open) return;
		this.#pumping = true;
		let undecided = 0;
		while (this.#open && undecided < this.#queue.length) {
			const outcome = this.#serve(this.#queue[0] as Cursor);
			if (outcome === "undecided") undecided++;
			else if (outcome !== "done") {
				if (outcome === "full") this.#serveOwn();
				break;
			}
		}
		this.#pumping = false;
	}

	/** What became of the cursor's turn; "full" where the window leaves no room for it. */
	#serve(cursor: Cursor): "done" | "undecided" | "full" | "reading" {
		const { tail, log } = cursor.member.owner;
		if (!this.hasRoom(1, log)) return "full";
		const outcome = cursor.advance((seq) => tail.get(seq));
		if (outcome === "full") return "full";
		if (outcome === "missing") return this.#read(cursor) ? "reading" : "full";
		this.#dequeue(cursor);
		if (outcome === "done") {
			cursor.queued = false;
			// The subscription may have ended before the goal.
			if (cursor.goal !== 0) this.reachedGoal(cursor);
		} else this.#queue.push(cursor);
		return outcome;
	}

	/** The first in turn has to wait for acknowledgements; what those may wait for has not. */
	#serveOwn(): void {
		const own = this.#cursors?.get(this.device);
		if (own?.queued === true && own !== this.#queue[0]) this.#serve(own);
	}

	/** It is the first, but for the own log out of turn. */
	#dequeue(cursor: Cursor): void {
		if (this.#queue[0] === cursor) this.#queue.shift();
		else this.#queue.splice(this.#queue.indexOf(cursor), 1);
	}

	/** One page at a time, and only when there is room for a good part of a window. False where there is not. */
	#read(cursor: Cursor): boolean {
		if (this.#reading) return true;
		const { log } = cursor.member.owner;
		const windows = this.#windowsOf(log);
		const [windowEntries, windowBytes] = [windows * LIMITS.windowEntries, windows * LIMITS.windowBytes];
		const half = 2 * this.#inFlight > windowEntries || 2 * this.#inFlightBytes > windowBytes;
		if (this.#inFlight > 0 && half && log !== this.device) return false;
		this.#reading = true;
		const room = { entries: windowEntries - this.#inFlight, bytes: windowBytes - this.#inFlightBytes };
		this.#logs
			.read(log, cursor.sent, room)
			.then((page) => this.#deliverPage(cursor, page.map(storedEntryMessage)))
			.catch((error) => this.#outlet.fail(error));
		return true;
	}

	#deliverPage(cursor: Cursor, page: readonly EntryMessage[]): void {
		this.#reading = false;
		if (!this.#open) return;
		const first = page[0];
		const expected = cursor.sent + 1;
		if (first === undefined || first.seq > expected) {
			// Trimmed while it was read: the owner knows. If it does not, somebody else has trimmed, and the owner is stale.
			if (cursor.member.owner.trimmed < expected) {
				cursor.member.owner.abandon();
				this.#outlet.fail(new Error("entries are missing in the store"));
				return;
			}
		} else {
			cursor.advance((seq) => page[seq - first.seq]);
			this.#giveTurn(cursor);
		}
		this.pump();
	}

	/** The next log has its turn. */
	#giveTurn(cursor: Cursor): void {
		if (this.#queue[0] !== cursor) return;
		this.#queue.shift();
		this.#queue.push(cursor);
	}

	// ── All that waited at attach ────────────────────────────────────────────────────────────────────────────────

	/** More goals may come until `goalsSet`. */
	expectGoals(): void {
		this.#goals = 1;
	}

	/** QueueEmpty has to wait until this cursor has sent what there is now. */
	setGoal(cursor: Cursor): void {
		if (cursor.goal !== 0 || !cursor.hasMore()) return;
		cursor.goal = cursor.member.end();
		this.#goals++;
	}

	reachedGoal(cursor: Cursor): void {
		cursor.goal = 0;
		this.goalDone();
	}

	/** One goal is reached, or the last one was set. */
	goalDone(): void {
		if (--this.#goals === 0) this.#outlet.caughtUp();
	}
}
