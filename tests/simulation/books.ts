/**
 * The oracle's own books. It stands outside of everybody's program: it sees what lies on disks, what travels on wires
 * and what engines were asked to do, and believes nobody. What can be judged at once is judged here, what only the end
 * shows in `verdict.ts`. Numbers are those of the promises (architecture section 8).
 */
import { createHash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import {
	ClaimKeyPackagesResponseSchema,
	CommitPayloadSchema,
	type DeviceId,
	decodeEntry,
	EntryKind,
	FrameSchema,
	LIMITS,
	type LogId,
	toHex,
} from "@troth/protocol";
import type { LogWrite } from "@troth/storage";
import type { MlsEngine, MlsGroup } from "../../client/mls/engine.ts";
import { stateOf } from "../../client/mls/group-state.ts";
import { KEYS } from "../../client/state/keys.ts";
import type { ExporterRecord, LogRecord, OutboxRecord, ProfileRecord } from "../../client/state/records.ts";
import { bulkDigest } from "../../client/sync/bulk.ts";
import type { Answer, HttpRequest } from "./network.ts";
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
	readonly author: Person;
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
	readonly entries: Map<number, BookEntry>;
	readonly members: Map<DeviceId, Membership[]>;
	readonly committed: Set<number>;
	readonly numbers: Map<string, number>;
	head: number;
	epoch: number | undefined;
}

interface Meaning {
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
	/** Digests of what was sent and is no text. */
	readonly silent: readonly string[];
}

const DAY_MS = 24 * 3600 * 1000;

export class Books {
	readonly violations: Violation[] = [];
	readonly logs = new Map<LogId, LogBook>();
	/** Ranges that were told as lost, and as withheld, by device and log. */
	readonly gaps = new Map<string, Range[]>();
	readonly skipped = new Map<string, Range[]>();
	readonly #scheduler: Scheduler;
	readonly #people = new Map<DeviceId, Person>();
	readonly #said = new Map<string, Said | undefined>();
	readonly #meanings = new Map<string, Meaning>();
	readonly #generations = new Map<string, string>();
	/** By (device, log, epoch, generation): the bytes that left with it. */
	readonly #used = new Map<string, string>();
	readonly #secrets = new Map<string, string>();
	readonly #claimed = new Set<string>();
	/** Last-resort key packages: these are lent. */
	readonly #lent = new Set<string>();
	/** By device and log: everything up to here lies on the device's disk. */
	readonly #stored = new Map<string, number>();

	constructor(scheduler: Scheduler, before?: Memory) {
		this.#scheduler = scheduler;
		for (const [digest, meaning] of before?.meanings ?? []) this.#meanings.set(digest, meaning);
		for (const digest of before?.silent ?? []) this.#said.set(digest, undefined);
	}

	memory(): Memory {
		return { meanings: new Map(this.#meanings), silent: [...this.#said.keys()] };
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
				...{ log: id, entries: new Map(), members: new Map(), committed: new Set(), numbers: new Map() },
				...{ head: 0, epoch: undefined },
			};
			this.logs.set(id, book);
		}
		return book;
	}

	name(device: string): string {
		return this.#people.get(device as DeviceId)?.name ?? device.slice(0, 6);
	}

	isDevice(log: LogId): boolean {
		return this.#people.has(log as DeviceId);
	}

	/** May this device have this entry? */
	entitled(book: LogBook, device: DeviceId, seq: number): boolean {
		if (book.log === device) return true;
		const spans = book.members.get(device) ?? [];
		return spans.some(({ from, until }) => seq > from && (until === undefined || seq <= until));
	}

	/** Is this device in the conversation at the end of its log? */
	isMember(book: LogBook, device: DeviceId): boolean {
		return book.members.get(device)?.some(({ until }) => until === undefined) === true;
	}

	/** Was this entry on its way when its reader left? */
	wentPast(book: LogBook, device: DeviceId, seq: number): boolean {
		const spans = book.members.get(device) ?? [];
		return spans.some(({ from, until, leftWith }) => seq > Math.max(from, leftWith ?? seq) && seq <= (until ?? seq));
	}

	// ── The server's disk ────────────────────────────────────────────────────────────────────────────────────────

	durable(steps: readonly LogWrite[]): void {
		for (const step of steps) {
			if (step.kind === "append") this.#appended(this.log(step.log), step.entry.body, step.entry.seq);
			else if (step.kind === "trim") this.#trimmed(this.log(step.log), step.upTo);
			else if (step.kind === "unsubscribe")
				this.#ended(
					this.log(step.log),
					step.device,
					step.until,
					steps.some(({ kind }) => kind === "epoch"),
				);
		}
	}

	#appended(book: LogBook, body: Uint8Array, seq: number): void {
		const entry = decodeEntry(body);
		const senderDevice = toHex(entry.senderDevice);
		if (seq !== book.head + 1) this.broken("3", `entry ${seq} of ${short(book.log)} follows ${book.head}`);
		book.head = seq;
		const digest = sha256(entry.payload);
		const { clientSeq, epoch } = entry;
		const said = this.#said.get(digest);
		const kind = entry.kind as EntryKind;
		book.entries.set(seq, {
			seq,
			digest,
			kind,
			senderDevice,
			clientSeq,
			epoch,
			said,
			storedAtMs: this.#scheduler.now(),
		});
		if (this.isDevice(book.log)) return;
		this.#numbered(book, senderDevice, clientSeq, seq);
		if (kind === EntryKind.COMMIT) this.#committed(book, entry.payload, seq, epoch, senderDevice as DeviceId);
		else if (kind === EntryKind.MESSAGE) {
			if (!this.#said.has(digest))
				this.broken(
					"1",
					`the server stores what was never on ${this.name(senderDevice)}'s disk (${short(book.log)} ${seq})`,
				);
			if (epoch !== book.epoch)
				this.broken("6", `message ${seq} of ${short(book.log)} is for epoch ${epoch} and lies in ${book.epoch}`);
		}
	}

	#numbered(book: LogBook, device: string, clientSeq: number, seq: number): void {
		const last = book.numbers.get(device) ?? 0;
		if (clientSeq <= last)
			this.broken("2", `number ${clientSeq} of ${this.name(device)} is stored again as ${short(book.log)} ${seq}`);
		else if (clientSeq !== last + 1)
			this.broken("3", `${this.name(device)}'s numbers jump from ${last} to ${clientSeq}`);
		book.numbers.set(device, clientSeq);
	}

	#committed(book: LogBook, payload: Uint8Array, seq: number, epoch: number, committer: DeviceId): void {
		if (book.committed.has(epoch)) this.broken("4", `a second commit for epoch ${epoch} of ${short(book.log)}`);
		if (book.epoch !== undefined && epoch !== book.epoch)
			this.broken("6", `a commit for epoch ${epoch} of ${short(book.log)} lies in ${book.epoch}`);
		book.committed.add(epoch);
		book.epoch = epoch + 1;
		const meaning = this.#meanings.get(bulkDigest(fromBinary(CommitPayloadSchema, payload).commit) ?? "");
		if (meaning === undefined) {
			this.broken("4", `a commit that no device made (${short(book.log)} ${seq})`);
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
			if (!byCommit) span.leftWith = this.#stored.get(`${device} ${book.log}`) ?? 0;
		}
	}

	#trimmed(book: LogBook, upTo: number): void {
		const now = this.#scheduler.now();
		const own = new Map([[book.log as DeviceId, [{ from: 0, until: undefined }]]]);
		for (const [device, spans] of this.isDevice(book.log) ? own : book.members) {
			const stored = this.#stored.get(`${device} ${book.log}`) ?? 0;
			for (const { from, until } of spans) {
				for (let seq = Math.max(from, stored) + 1; seq <= Math.min(upTo, until ?? upTo, book.head); seq++) {
					const entry = book.entries.get(seq);
					if (entry === undefined || now - entry.storedAtMs > LIMITS.retentionMs - DAY_MS) continue;
					this.broken("7", `${short(book.log)} ${seq} is deleted, and ${this.name(device)} has only up to ${stored}`);
				}
			}
		}
	}

	// ── The wires ────────────────────────────────────────────────────────────────────────────────────────────────

	fromNode(device: DeviceId, bytes: Uint8Array): void {
		const { body } = fromBinary(FrameSchema, bytes);
		switch (body.case) {
			case "entry": {
				const { log, seq, payload, senderDevice } = body.value;
				const book = this.log(toHex(log) as LogId);
				const entry = book.entries.get(seq);
				if (entry === undefined) this.broken("1", `${short(book.log)} ${seq} is delivered before it is durable`);
				else if (entry.digest !== sha256(payload) || entry.senderDevice !== toHex(senderDevice))
					this.broken("3", `${this.name(device)} gets other bytes as ${short(book.log)} ${seq} than are stored`);
				if (!this.entitled(book, device, seq))
					this.broken("8", `${this.name(device)} gets ${short(book.log)} ${seq}, which is not for it`);
				return;
			}
			case "sendOk": {
				const { log, clientSeq, seq } = body.value;
				const entry = this.log(toHex(log) as LogId).entries.get(seq);
				if (entry?.senderDevice !== device || entry.clientSeq !== clientSeq)
					this.broken("1", `SendOk to ${this.name(device)} for ${short(toHex(log))} ${seq}, which is not stored`);
				return;
			}
			case "gap":
				this.#told(this.gaps, device, body.value);
				return;
			case "skipped":
				this.#told(this.skipped, device, body.value);
		}
	}

	#told(
		where: Map<string, Range[]>,
		device: DeviceId,
		{ log, from, to }: { log: Uint8Array; from: number; to: number },
	) {
		const key = `${device} ${toHex(log)}`;
		where.set(key, [...(where.get(key) ?? []), { from, to }]);
	}

	fromDevice(person: Person, bytes: Uint8Array): void {
		const device = person.deviceId;
		const { body } = fromBinary(FrameSchema, bytes);
		if (body.case === "ack") {
			const { log, seq } = body.value;
			const stored = this.#stored.get(`${device} ${toHex(log)}`) ?? 0;
			if (seq > stored)
				this.broken("7", `${person.name} acknowledges ${short(toHex(log))} ${seq} and has stored ${stored}`);
		} else if (body.case === "send") {
			const digest = sha256(body.value.payload);
			const generation = this.#generations.get(digest);
			const key = `${device} ${toHex(body.value.log)} ${generation}`;
			const before = this.#used.get(key);
			if (!this.#said.has(digest)) this.broken("1", `${person.name} sends what is not on its disk`);
			if (generation === undefined) this.broken("2", `${person.name} sends what its engine never encrypted`);
			else if (before !== undefined && before !== digest)
				this.broken("2", `${person.name} uses generation ${generation} of ${short(toHex(body.value.log))} twice`);
			this.#used.set(key, digest);
		}
	}

	/** @param lastResort the last-resort key packages there are now */
	answered(request: HttpRequest, answer: Answer, lastResort: () => readonly Uint8Array[]): void {
		if (answer.status !== 200 || !request.path.endsWith("/ClaimKeyPackages")) return;
		for (const keyPackage of lastResort()) this.#lent.add(sha256(keyPackage));
		for (const { keyPackage, deviceId } of fromBinary(ClaimKeyPackagesResponseSchema, answer.body).keyPackages) {
			const digest = sha256(keyPackage);
			if (this.#claimed.has(digest) && !this.#lent.has(digest))
				this.broken("9", `a key package of ${this.name(toHex(deviceId))} is given out twice`);
			this.#claimed.add(digest);
		}
	}

	// ── The devices ──────────────────────────────────────────────────────────────────────────────────────────────

	/** Something lies on a device's disk from now on. */
	kept(person: Person, batch: ReadonlyMap<string, Uint8Array | undefined>): void {
		for (const [key, value] of batch) {
			if (value === undefined) continue;
			if (key.startsWith(KEYS.logs)) this.#keptLog(person, decode<LogRecord>(value));
			else if (key.startsWith(KEYS.exportersPrefix))
				this.#keptSecrets(person, key.slice(KEYS.exportersPrefix.length), decode<ExporterRecord>(value));
			else if (key.startsWith(KEYS.outboxes)) this.#keptOutbox(person, decode<OutboxRecord>(value));
			else if (key === KEYS.profile) {
				const { halted } = decode<ProfileRecord>(value);
				if (halted !== undefined) this.broken("2", `${person.name} is taken for ${halted}, and is not`);
			}
		}
	}

	#keptLog({ deviceId }: Person, { log, seq }: LogRecord): void {
		const key = `${deviceId} ${log}`;
		this.#stored.set(key, Math.max(seq, this.#stored.get(key) ?? 0));
	}

	#keptSecrets(person: Person, conversation: string, [newest]: ExporterRecord): void {
		if (newest === undefined) return;
		const key = `${conversation} ${newest.epoch}`;
		const known = this.#secrets.get(key);
		if (known !== undefined && known !== newest.receipts)
			this.broken(
				"5",
				`${person.name} has other secrets in epoch ${newest.epoch} of ${short(conversation)} than others`,
			);
		this.#secrets.set(key, newest.receipts);
	}

	#keptOutbox(author: Person, { id, body, sealed }: OutboxRecord): void {
		if (sealed === undefined) return;
		this.#said.set(sealed.digest, body.kind === "text" ? { author, id, text: body.text } : undefined);
	}

	/** The engine of this person's device, watched. */
	watched(engine: MlsEngine): MlsEngine {
		const changes = (before: MlsGroup | undefined, next: MlsGroup, commit: Uint8Array) => {
			const earlier = new Set(before === undefined ? [] : engine.members(before).map(({ device }) => device));
			const later = new Set(engine.members(next).map(({ device }) => device));
			this.#meanings.set(sha256(commit), {
				added: before === undefined ? [] : [...later].filter((device) => !earlier.has(device)),
				removed: [...earlier].filter((device) => !later.has(device)),
			});
		};
		return {
			...engine,
			commit: async (group, change, authority) => {
				const result = await engine.commit(group, change, authority);
				changes(group, result.next, result.commit);
				return result;
			},
			joinExternal: async (...step) => {
				const result = await engine.joinExternal(...step);
				changes(undefined, result.next, result.commit);
				return result;
			},
			encrypt: async (group, plaintext, authenticatedData) => {
				const result = await engine.encrypt(group, plaintext, authenticatedData);
				const node = stateOf(group).secretTree[2 * engine.ownLeaf(group)];
				const authenticator = toHex(engine.epochAuthenticator(group)).slice(0, 8);
				this.#generations.set(
					sha256(result.message),
					`${node?.application.generation}@${engine.epoch(group)}/${authenticator}`,
				);
				return result;
			},
		};
	}
}

export function decode<T>(bytes: Uint8Array): T {
	return JSON.parse(new TextDecoder().decode(bytes)) as T;
}

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

/** As ids stand in the story. */
export function short(id: string): string {
	return id.slice(0, 6);
}
