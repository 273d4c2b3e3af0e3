/**
 * The oracle's own books: what its witnesses saw (`disk-witness.ts`, `wire-witness.ts`, `device-witness.ts`), and what
 * nobody may forget. It stands outside of everybody's program and believes nobody. What can be judged at once the
 * witnesses judge, what only the end shows `verdict.ts`. Numbers are those of the promises (architecture section 8).
 */
import { hash } from "node:crypto";
import type { AccountId, DeviceId, EntryKind, LogId } from "@troth/protocol";
import type { Person } from "./person.ts";
import type { Scheduler } from "./scheduler.ts";

/** Something that must never happen, and happened. */
export interface Violation {
	readonly promise: string;
	readonly what: string;
	readonly atMs: number;
}

/** A text as its author's disk has it. */
export interface Said {
	readonly account: AccountId;
	readonly id: string;
	readonly text: string;
}

export interface BookEntry {
	readonly seq: number;
	readonly digest: string;
	readonly kind: EntryKind;
	readonly senderDevice: string;
	readonly clientSeq: number;
	readonly epoch: number;
	readonly storedAtMs: number;
	readonly said: Said | undefined;
}

/** While a device may have entries: from < seq ≤ until. */
interface Membership {
	readonly from: number;
	until: number | undefined;
	/** It left by itself, with everything up to here on its disk: what was still on its way finds nobody. */
	leftWith?: number;
}

export interface LogBook {
	readonly log: LogId;
	/** A device's own log: what concerns it alone. */
	isDevice: boolean;
	readonly entries: Map<number, BookEntry>;
	readonly members: Map<DeviceId, Membership[]>;
	readonly committed: Set<number>;
	readonly numbers: Map<string, number>;
	head: number;
	epoch: number | undefined;
}

/** Whom a commit brings in and takes out. */
export interface Meaning {
	readonly added: readonly DeviceId[];
	readonly removed: readonly DeviceId[];
}

export interface Range {
	readonly from: number;
	readonly to: number;
}

/** What was known before a run began: how its town came about. */
export interface Memory {
	readonly meanings: ReadonlyMap<string, Meaning>;
	readonly said: ReadonlyMap<string, Said | undefined>;
}

export class Books {
	readonly violations: Violation[] = [];
	readonly logs = new Map<LogId, LogBook>();
	/** What was on its author's disk before it left, by digest; undefined for what is no text. */
	readonly said: Map<string, Said | undefined>;
	/** Commits that devices made, by digest. */
	readonly meanings: Map<string, Meaning>;
	/** By device and log: everything up to here lies on the device's disk. */
	readonly stored = new Map<string, number>();
	/** Ranges that were told as lost, and as withheld, by device and log. */
	readonly gaps = new Map<string, Range[]>();
	readonly skipped = new Map<string, Range[]>();
	readonly #scheduler: Scheduler;
	readonly #people = new Map<DeviceId, Person>();

	constructor(scheduler: Scheduler, before?: Memory) {
		this.#scheduler = scheduler;
		this.meanings = new Map(before?.meanings);
		this.said = new Map(before?.said);
	}

	memory(): Memory {
		return { meanings: new Map(this.meanings), said: new Map(this.said) };
	}

	now(): number {
		return this.#scheduler.now();
	}

	meet(person: Person): void {
		this.#people.set(person.deviceId, person);
	}

	broken(promise: string, what: string): void {
		this.violations.push({ promise, what, atMs: this.#scheduler.now() });
	}

	log(id: LogId): LogBook {
		let book = this.logs.get(id);
		if (book === undefined) {
			book = {
				...{ log: id, isDevice: false, entries: new Map(), members: new Map() },
				...{ committed: new Set(), numbers: new Map(), head: 0, epoch: undefined },
			};
			this.logs.set(id, book);
		}
		return book;
	}

	*conversations(): Iterable<LogBook> {
		for (const book of this.logs.values()) if (!book.isDevice) yield book;
	}

	person(device: string): Person | undefined {
		return this.#people.get(device as DeviceId);
	}

	name(device: string): string {
		return this.person(device)?.name ?? device.slice(0, 6);
	}
}

/** May this device have this entry? */
export function isEntitled(book: LogBook, device: DeviceId, seq: number): boolean {
	if (book.log === device) return true;
	const spans = book.members.get(device) ?? [];
	return spans.some(({ from, until }) => seq > from && (until === undefined || seq <= until));
}

/** Is this device in the conversation at the end of its log? */
export function isMember(book: LogBook, device: DeviceId): boolean {
	return book.members.get(device)?.some(({ until }) => until === undefined) === true;
}

/** Was this entry on its way when its reader left? */
export function wentPast(book: LogBook, device: DeviceId, seq: number): boolean {
	const spans = book.members.get(device) ?? [];
	return spans.some(({ from, until, leftWith }) => seq > Math.max(from, leftWith ?? seq) && seq <= (until ?? seq));
}

export function decode<T>(bytes: Uint8Array): T {
	return JSON.parse(new TextDecoder().decode(bytes)) as T;
}

export function sha256(bytes: Uint8Array): string {
	return hash("sha256", bytes, "hex");
}

/** As ids stand in the story. */
export function short(id: string): string {
	return id.slice(0, 6);
}
