/**
 * The owner of one log: its state in memory, the one place where entries get their numbers. Sends are numbered at once
 * and written without waiting for each other (the store commits them in groups); nobody hears of an entry before it is
 * durable (promise 1). A commit takes the log for itself (`exclusively`), so that what it decides on is durable.
 *
 * If a write fails, the owner is abandoned: what was under way is refused, and the next send loads the log anew. The
 * store refuses to append at any other place than the head, so an owner that is no longer the only one can never write
 * (promise 11).
 */
import {
	type AccountId,
	type DeviceId,
	type EntryFields,
	EntryKind,
	idBytes,
	LIMITS,
	type LogId,
	Refusal,
	type SendFields,
} from "@troth/protocol";
import type { GroupRecord, LogRecord, SenderRow } from "@troth/storage";
import { type LogWatch, requirePerson } from "../business/log-watch.ts";
import type { Session } from "../context.ts";
import type { Cursor } from "./cursor.ts";
import type { Member } from "./member.ts";
import { Members } from "./members.ts";
import { readMessageHeader } from "./message-header.ts";
import type { Reader } from "./reader.ts";
import { decideSend, payloadDigest } from "./send-rules.ts";
import type { OwnerSurroundings, SendReply } from "./surroundings.ts";
import { Tail } from "./tail.ts";
import { type Pending, type Placed, type Sender, type Submission, unavailable } from "./under-way.ts";
import { type EntryMessage, newEntryMessage } from "./wire.ts";

export class LogOwner {
	readonly log: LogId;
	readonly logBytes: Uint8Array<ArrayBuffer>;
	/** The last entry that has a number, and the last one that is durable. */
	head: number;
	durable: number;
	trimmed: number;
	group: GroupRecord | undefined;
	readonly members: Members = new Members(this);
	readonly tail = new Tail();
	/** The rules of business messages, where a member is a business. */
	watch: LogWatch | undefined;
	/** For the order in which owners leave memory. */
	lastUsedMs: number;
	/** When Progress was last told. */
	lastProgressMs = 0;
	/** When each account last sent: delivered marks of large groups go to those only. */
	readonly lastSentSeq = new Map<AccountId, number>();
	readonly #surroundings: OwnerSurroundings;
	readonly #senders = new Map<DeviceId, Sender>();
	readonly #rows: ReadonlyMap<DeviceId, SenderRow>;
	#pending: Pending[] = [];
	#waiting: Submission[] = [];
	#turns = 0;
	#turn: Promise<void> = Promise.resolve();
	#drained: (() => void)[] = [];
	#lost = false;

	constructor(surroundings: OwnerSurroundings, record: LogRecord) {
		this.#surroundings = surroundings;
		this.log = record.log;
		this.logBytes = idBytes(record.log);
		this.head = record.head;
		this.durable = record.head;
		this.trimmed = record.trimmed;
		this.group = record.group;
		this.lastUsedMs = surroundings.clock.now();
		for (const row of record.subscriptions) this.members.put(row);
		this.#rows = new Map(record.senders.map((row) => [row.device, row]));
		for (const row of record.senders)
			this.#noteSent(this.members.get(row.device)?.of.account, row.answers.at(-1)?.seq ?? 0);
	}

	get isLost(): boolean {
		return this.#lost;
	}

	/** The store's head lies behind the last number that was given here: another node wrote what is between. */
	isBehind(head: number): boolean {
		return this.#turns === 0 && this.head < head;
	}

	/** The stored row of a device's numbering. */
	senderRow(device: DeviceId): SenderRow | undefined {
		return this.#senders.get(device)?.row ?? this.#rows.get(device);
	}

	// ── Sends ────────────────────────────────────────────────────────────────────────────────────────────────────

	/** Takes a Send from a device's stream. The answer comes through `reply`, after the entry is durable. */
	submit(send: SendFields, session: Session, reply: SendReply): void {
		if (this.#lost) reply.sendRefused(send.log, send.clientSeq, unavailable());
		else if (this.#turns === 0) this.#decide(send, session, reply);
		else if (this.#waiting.length < WAITING_MAX) this.#waiting.push({ send, session, reply });
		else reply.sendRefused(send.log, send.clientSeq, this.#tooMany());
	}

	#decide(send: SendFields, session: Session, reply: SendReply): void {
		const { device } = session;
		const timeMs = this.#surroundings.clock.now();
		this.lastUsedMs = timeMs;
		try {
			const header = readMessageHeader(send.payload, this.logBytes, send.epoch);
			if (header.clientSeq !== send.clientSeq)
				throw new Refusal("MALFORMED", "the message names another number than its frame");
			const digest = payloadDigest(send.payload);
			const row = this.senderRow(device);
			const isMember = this.members.live(device) !== undefined;
			const numbered = { device, clientSeq: send.clientSeq, epoch: send.epoch, digest };
			const decision = decideSend({ head: this.head, group: this.group, isMember, row }, numbered, timeMs);
			if (decision.kind === "refuse") throw decision.refusal;
			if (decision.kind === "repeat") this.#repeat(decision.answer, reply);
			else {
				if (this.watch !== undefined) this.watch.require(session.account, header, timeMs);
				else if (header.category !== 0 || header.consentId !== undefined || header.hasTemplate) requirePerson(header);
				this.#accept(send, session, reply, decision.row, timeMs, header.frankingCommitment);
			}
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			reply.sendRefused(send.log, send.clientSeq, error);
		}
	}

	#tooMany(): Refusal {
		const retryAtMs = this.#surroundings.clock.now();
		return new Refusal("RATE_LIMITED", "too many sends wait for their answers", { retryAtMs });
	}

	#repeat(
		answer: { readonly clientSeq: number; readonly seq: number; readonly timeMs: number },
		reply: SendReply,
	): void {
		const first = this.#pending[0];
		const pending = first && this.#pending[answer.seq - first.entry.seq];
		if (pending === undefined) reply.sendOk(this, answer.clientSeq, answer.seq, answer.timeMs);
		else {
			pending.repeats ??= [];
			pending.repeats.push(reply);
		}
	}

	#accept(
		{ clientSeq, epoch, payload }: SendFields,
		session: Session,
		reply: SendReply,
		row: SenderRow,
		timeMs: number,
		commitment: Uint8Array | undefined,
	): void {
		const sender = this.#sender(session, row);
		if (sender.inFlight >= LIMITS.sendsInFlight) throw this.#tooMany();
		const entry = this.#makeEntry(
			{ kind: EntryKind.MESSAGE, clientSeq, epoch, payload },
			{ account: session.account, accountBytes: sender.accountBytes, deviceBytes: sender.deviceBytes },
			timeMs,
			commitment,
		);
		sender.row = row;
		sender.inFlight++;
		this.head = entry.seq;
		const pending: Pending = { entry, timeMs, clientSeq, sender, reply, repeats: undefined, landed: false };
		this.#pending.push(pending);
		const { seq, kind, senderAccount, body } = entry;
		const stored = { seq, timeMs, kind, senderAccount, body };
		this.#surroundings.logs.write([{ kind: "append", log: this.log, entry: stored, sender: row }]).then(
			() => this.#landed(pending),
			() => this.#failed(pending),
		);
	}

	#sender({ account, device }: Session, row: SenderRow): Sender {
		let sender = this.#senders.get(device);
		if (sender === undefined) {
			sender = { accountBytes: idBytes(account), deviceBytes: idBytes(device), row, inFlight: 0 };
			this.#senders.set(device, sender);
		}
		return sender;
	}

	#makeEntry(
		fields: Pick<EntryFields, "kind" | "clientSeq" | "epoch" | "payload">,
		sender: { account: AccountId; accountBytes: Uint8Array; deviceBytes: Uint8Array } | undefined,
		timeMs: number,
		commitment: Uint8Array | undefined,
	): EntryMessage {
		const log = this.logBytes;
		const senderAccount = sender?.accountBytes ?? NO_BYTES;
		const senderDevice = sender?.deviceBytes ?? NO_BYTES;
		const frankingTag =
			commitment && this.#surroundings.franking.tag({ commitment, log, senderAccount, senderDevice, timeMs });
		const { kind, clientSeq, epoch, payload } = fields;
		return newEntryMessage(
			{ log, seq: this.head + 1, timeMs, kind, senderAccount, senderDevice, clientSeq, epoch, payload, frankingTag },
			sender?.account,
		);
	}

	#landed(pending: Pending): void {
		pending.landed = true;
		// Answers and deliveries keep the order of the log, whatever order the writes resolve in.
		for (let first = this.#pending[0]; first?.landed === true; first = this.#pending[0]) {
			this.#pending.shift();
			this.#complete(first);
		}
		this.#afterPending();
	}

	#complete({ entry, timeMs, clientSeq, sender, reply, repeats }: Pending): void {
		sender.inFlight--;
		this.durable = entry.seq;
		this.#noteSent(entry.senderAccount, entry.seq);
		if (this.watch !== undefined && entry.senderAccount !== undefined) this.watch.wrote(entry.senderAccount, timeMs);
		// The answer first: a device with all its sends under way may then use the room that a delivery tells it of.
		reply.sendOk(this, clientSeq, entry.seq, timeMs);
		for (const repeat of repeats ?? []) repeat.sendOk(this, clientSeq, entry.seq, timeMs);
		this.publish(entry);
	}

	#failed(pending: Pending): void {
		this.abandon();
		remove(this.#pending, pending);
		const { clientSeq, reply, repeats } = pending;
		for (const waiting of [reply, ...(repeats ?? [])]) waiting.sendRefused(this.logBytes, clientSeq, unavailable());
		this.#afterPending();
	}

	#afterPending(): void {
		if (this.#pending.length > 0) return;
		for (const resolve of this.#drained.splice(0)) resolve();
	}

	#noteSent(account: AccountId | undefined, seq: number): void {
		if (account !== undefined && seq > (this.lastSentSeq.get(account) ?? 0)) this.lastSentSeq.set(account, seq);
	}

	// ── Delivery ─────────────────────────────────────────────────────────────────────────────────────────────────

	/** Hands a durable entry to every attached member that may have it: the same bytes to all. */
	publish(entry: EntryMessage): void {
		try {
			this.#publish(entry);
		} catch (error) {
			this.#surroundings.failed(error);
		}
	}

	#publish(entry: EntryMessage): void {
		const { seq } = entry;
		let missed = false;
		let late: Cursor[] | undefined;
		for (const member of this.members.list) {
			if (seq <= member.from || (member.until !== undefined && seq > member.until)) continue;
			const cursor = member.cursor ?? this.#bind(member);
			if (cursor === undefined) missed = true;
			else if (!cursor.offer(entry)) {
				if (late === undefined) late = [cursor];
				else late.push(cursor);
			}
		}
		if (late === undefined) this.tail.clear();
		else {
			this.tail.push(entry);
			for (const cursor of late) cursor.reader.enqueue(cursor);
		}
		if (missed) this.#surroundings.missed(this);
	}

	#bind(member: Member) {
		return this.#surroundings.reader(member.device)?.bind(member);
	}

	/** Lets attached members that are behind go on, after the log was loaded again. */
	resume(): void {
		for (const member of this.members.list) {
			const reader = this.#surroundings.reader(member.device);
			if (reader === undefined) continue;
			if (reader.cursor(this.log) === undefined && member.position() >= member.end()) continue;
			reader.enqueue(reader.bind(member));
		}
	}

	/** The readers of attached members, those of one device left out. */
	*readers(except?: DeviceId): Iterable<readonly [Member, Reader]> {
		for (const member of this.members.list) {
			if (member.until !== undefined || member.device === except) continue;
			const reader = member.cursor?.reader ?? this.#surroundings.reader(member.device);
			if (reader !== undefined) yield [member, reader];
		}
	}

	// ── Exclusive changes ────────────────────────────────────────────────────────────────────────────────────────

	/**
	 * Runs `work` alone on this log: every earlier send is durable, later ones wait. Work on several logs takes a
	 * conversation first, then device logs in the order of their ids, so that two never wait for each other.
	 */
	async exclusively<T>(work: () => Promise<T>): Promise<T> {
		const before = this.#turn;
		let done: () => void = () => {};
		this.#turn = new Promise((resolve) => {
			done = resolve;
		});
		this.#turns++;
		try {
			await before;
			await this.settled();
			if (this.#lost) throw unavailable();
			this.lastUsedMs = this.#surroundings.clock.now();
			return await work();
		} finally {
			done();
			if (--this.#turns === 0)
				for (const { send, session, reply } of this.#waiting.splice(0)) this.submit(send, session, reply);
		}
	}

	/** Resolves when nothing is on its way to the disk. */
	async settled(): Promise<void> {
		if (this.#pending.length > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
	}

	/** The next entry, not written yet. Only within `exclusively`. */
	place(
		fields: Pick<EntryFields, "kind" | "clientSeq" | "epoch" | "payload">,
		session: Session | undefined,
		timeMs: number,
	): Placed {
		const sender = session && {
			account: session.account,
			accountBytes: idBytes(session.account),
			deviceBytes: idBytes(session.device),
		};
		return { entry: this.#makeEntry(fields, sender, timeMs, undefined), timeMs };
	}

	/** The placed entry is durable, and `row` with it. Only within the same `exclusively`. */
	settle({ entry }: Placed, session: Session | undefined, row: SenderRow | undefined): void {
		if (session !== undefined && row !== undefined) this.#sender(session, row).row = row;
		this.head = entry.seq;
		this.durable = entry.seq;
		this.#noteSent(entry.senderAccount, entry.seq);
		this.publish(entry);
	}

	/** Nothing more is taken; what is under way is answered by what becomes of it. */
	abandon(): void {
		if (this.#lost) return;
		this.#lost = true;
		for (const { send, reply } of this.#waiting.splice(0)) reply.sendRefused(send.log, send.clientSeq, unavailable());
		this.#surroundings.abandoned(this);
	}

	/** Nothing is under way, neither to the disk nor to a reader. */
	isIdle(): boolean {
		if (this.#pending.length > 0 || this.#turns > 0) return false;
		return this.members.list.every(
			(member) => !member.unsaved && (member.cursor === undefined || member.cursor.isIdle()),
		);
	}
}

/** Sends that may wait while a commit is decided. */
const WAITING_MAX = 1024;
const NO_BYTES = new Uint8Array(0);

function remove<T>(list: T[], item: T): void {
	const at = list.indexOf(item);
	if (at !== -1) list.splice(at, 1);
}
