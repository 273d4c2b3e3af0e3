/**
 * What the end shows: everything is healed, everybody is there, and time enough has passed. Now every stored text has
 * to be with everybody it was for, once, in one order, and nobody waits for anything.
 */
import { EntryKind } from "@troth/protocol";
import { KEYS } from "../../client/state/keys.ts";
import type {
	ConversationRecord,
	ExporterRecord,
	KeyPackageRecord,
	MessageRecord,
	OutboxRecord,
	PendingCommitRecord,
} from "../../client/state/records.ts";
import { type BookEntry, type Books, decode, isEntitled, isMember, type LogBook, short, wentPast } from "./books.ts";
import type { Person } from "./person.ts";

/** Refusals that a text may honestly end with. */
const HONEST_FAILURES: ReadonlySet<string> = new Set(["NOT_A_MEMBER"]);

/** Something is not at its end yet: why; undefined where everything is. */
export function unsettled(people: readonly Person[], books: Books): string | undefined {
	for (const person of people) {
		if (person.halted !== undefined) continue;
		const { data } = person.disk;
		for (const row of rows<OutboxRecord>(data, KEYS.outboxes))
			if (row.storedSeq === undefined) return `${person.name} has not sent something yet`;
		if (rows<PendingCommitRecord>(data, KEYS.pendingCommits).length > 0) return `${person.name} waits for a commit`;
		if (data.has(KEYS.historyToTake)) return `${person.name} waits for its history`;
		for (const book of books.conversations()) {
			if (!isMember(book, person.deviceId)) {
				if (people.some((other) => isElsewhereOf(other, person) && isMember(book, other.deviceId)))
					return `${person.name} is not in ${short(book.log)} yet`;
				continue;
			}
			const record = one<ConversationRecord>(data, KEYS.conversation(book.log as never));
			if (record?.state !== "active") return `${person.name}'s state of ${short(book.log)} is ${record?.state}`;
			const log = one<{ seq: number }>(data, KEYS.log(book.log));
			if ((log?.seq ?? 0) < book.head) return `${person.name} has ${log?.seq} of ${book.head} in ${short(book.log)}`;
		}
	}
	return undefined;
}

/** Another device of the same account, in service. */
function isElsewhereOf(other: Person, person: Person): boolean {
	return other !== person && other.account === person.account && other.halted === undefined;
}

/**
 * Checks every promise that only the end can show.
 *
 * @param used last-resort key packages that were given out and not replaced, by device
 */
export function judge(people: readonly Person[], books: Books, used: readonly string[]): void {
	for (const device of used)
		if (books.person(device)?.halted === undefined)
			books.broken("9", `${books.name(device)}'s last-resort key package was used and not replaced`);
	for (const book of books.conversations()) {
		for (const person of people) {
			judgeRows(books, book, person);
			judgeEpoch(books, book, person);
		}
	}
	for (const person of people) judgeUnsent(books, person);
}

function judgeRows(books: Books, book: LogBook, person: Person): void {
	const shown = rows<MessageRecord>(person.disk.data, KEYS.messages(book.log as never));
	const byId = new Map<string, MessageRecord>();
	const lastOf = new Map<string, number>();
	for (const row of shown) {
		const where = `${person.name}, ${short(book.log)}, row ${Number(row.key)}`;
		if (row.body.kind === "forked") books.broken("3", `${where}: the history counts as forked`);
		if (row.body.kind === "unreadable" && !lostTheWay(books, book, person))
			books.broken("1", `${where}: unreadable (${row.body.code})`);
		if (row.body.kind === "gap" && row.body.reason === "missing") books.broken("1", `${where}: entries left out`);
		if (row.body.kind !== "text" || row.id === undefined) continue;
		if (byId.has(row.id)) books.broken("2", `${where}: "${row.body.text}" is shown twice`);
		byId.set(row.id, row);
		if (row.seq === undefined) continue;
		const sender = book.entries.get(row.seq)?.senderDevice ?? "";
		if (row.seq <= (lastOf.get(sender) ?? 0)) books.broken("3", `${where}: shown out of order`);
		lastOf.set(sender, row.seq);
		judgeText(books, book, row, where);
	}
	for (const entry of book.entries.values())
		if (entry.kind === EntryKind.MESSAGE) judgeArrival(books, book, person, entry, byId, shown);
}

/**
 * After a gap (a month away) its keys or its Welcome are gone: what comes before it has found back in is shown, and can
 * not be read (hazards 18 and 19).
 */
function lostTheWay(books: Books, { log }: LogBook, { deviceId }: Person): boolean {
	return books.gaps.has(`${deviceId} ${deviceId}`) || books.gaps.has(`${deviceId} ${log}`);
}

function judgeText(books: Books, book: LogBook, row: MessageRecord, where: string): void {
	const said = book.entries.get(row.seq ?? 0)?.said;
	if (said === undefined || said.id !== row.id) {
		books.broken("3", `${where}: it is not what lies at ${row.seq}`);
		return;
	}
	if (said.account !== row.sender) books.broken("6", `${where}: shown as somebody else's`);
	if (row.body.kind === "text" && row.body.text !== said.text) books.broken("1", `${where}: another text`);
	if (row.failed !== undefined) books.broken("1", `${where}: shown as failed, and is stored`);
}

function judgeArrival(
	books: Books,
	book: LogBook,
	person: Person,
	{ seq, said }: BookEntry,
	byId: ReadonlyMap<string, MessageRecord>,
	shown: readonly MessageRecord[],
): void {
	if (said === undefined || byId.get(said.id)?.seq === seq) return;
	if (!isEntitled(book, person.deviceId, seq)) {
		if (isHistory(books, book, person, seq, said.id))
			books.broken("1", `${person.name}'s history is without "${said.text}" (${short(book.log)} ${seq})`);
		return;
	}
	if (wentPast(book, person.deviceId, seq)) return;
	const key = `${person.deviceId} ${book.log}`;
	const covers = ({ from, to }: { from: number; to: number }) => from <= seq && seq <= to;
	const gap = books.gaps.get(key)?.some(covers) === true && shown.some(({ body }) => body.kind === "gap");
	if (lostTheWay(books, book, person) && shown.some((row) => row.seq === seq && row.body.kind === "unreadable")) return;
	if (gap || books.skipped.get(key)?.some(covers) === true) return;
	books.broken("1", `${person.name} never got "${said.text}" (${short(book.log)} ${seq})`);
}

/** Said before a linked device came in, and with the device that linked it when it did. */
function isHistory(books: Books, book: LogBook, { deviceId, linked }: Person, seq: number, id: string): boolean {
	const from = book.members.get(deviceId)?.[0]?.from ?? 0;
	if (linked === undefined || seq > Math.min(from, linked.positions.get(book.log) ?? 0)) return false;
	const there = books.person(linked.by)?.disk.data ?? new Map();
	return rows<MessageRecord>(there, KEYS.messages(book.log as never)).some((row) => row.id === id && row.seq === seq);
}

function judgeEpoch(books: Books, book: LogBook, person: Person): void {
	if (person.halted !== undefined || !isMember(book, person.deviceId)) return;
	const epoch = one<ExporterRecord>(person.disk.data, KEYS.exporters(book.log as never))?.[0]?.epoch;
	if (epoch !== book.epoch)
		books.broken("5", `${person.name} is in epoch ${epoch} of ${short(book.log)}, not ${book.epoch}`);
}

function judgeUnsent(books: Books, person: Person): void {
	if (person.halted !== undefined) return;
	for (const row of rows<MessageRecord>(person.disk.data, "message/")) {
		if (row.sender !== person.account || row.body.kind !== "text") continue;
		if (row.failed !== undefined && !HONEST_FAILURES.has(row.failed))
			books.broken("1", `${person.name}'s "${row.body.text}" failed: ${row.failed}`);
		if (row.failed === undefined && row.seq === undefined)
			books.broken("1", `${person.name}'s "${row.body.text}" waits for ever`);
	}
	const packages = rows<KeyPackageRecord>(person.disk.data, KEYS.keyPackages);
	if (!packages.some(({ lastResort }) => lastResort))
		books.broken("9", `${person.name} has no last-resort key package`);
}

function rows<T>(data: ReadonlyMap<string, Uint8Array>, prefix: string): readonly T[] {
	return [...data]
		.filter(([key]) => key.startsWith(prefix))
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([, value]) => decode<T>(value));
}

function one<T>(data: ReadonlyMap<string, Uint8Array>, key: string): T | undefined {
	const value = data.get(key);
	return value === undefined ? undefined : decode<T>(value);
}
