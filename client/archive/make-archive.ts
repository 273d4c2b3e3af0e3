/**
 * Everything that is worth keeping of a device, as an archive: people, pictures, conversations, what was said, gaps,
 * settings and receipts. Never a ratchet, a private key or a sending position: only what this file names leaves the
 * store (hazard 16).
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
	type AccountId,
	ArchiveLock,
	ArchiveRecordSchema,
	type ConversationId,
	ConversationKind,
	fromHex,
	idBytes,
	MemberRole,
} from "@troth/protocol";
import { carryContact } from "../finding/carried-contact.ts";
import { KEYS, within } from "../state/keys.ts";
import type { LocalState } from "../state/local-state.ts";
import type {
	AccountRecord,
	ContactRecord,
	ConversationRecord,
	MessageRecord,
	ProfileRecord,
} from "../state/records.ts";
import type { DecisionRecord } from "../state/sharing-records.ts";
import { newHeader, type OpenHeader, PartCipher, sealHead } from "./cipher.ts";
import { picturesOf } from "./pictures.ts";
import { type After, toArchiveRow } from "./rows.ts";

/** What is read; a DeviceContext is one. */
export interface ArchiveSource {
	readonly state: LocalState;
	readonly random: (length: number) => Uint8Array<ArrayBuffer>;
	profile(): ProfileRecord;
	serverNow(): number;
}

/** Plaintext of a part before it is sealed; the last record may go over it. */
const PART_BYTES = 128 * 1024;
/** Rows of each conversation that stand before the older ones of all. */
const NEWEST = 32;
const PAGE = 64;

type RecordInit = NonNullable<MessageInitShape<typeof ArchiveRecordSchema>["record"]>;

/**
 * The archive under this secret: first its head, then its parts, each at most LIMITS.archivePartBytes long. What is written
 * to the store meanwhile may be in it or not. Reads page by page: a long history takes no more memory than a short one.
 *
 * @param secret 32 bytes
 * @param header where the secret was made from a code
 * @param partBytes smaller than usual only in tests
 */
export async function* makeArchive(
	source: ArchiveSource,
	secret: Uint8Array,
	header: OpenHeader = newHeader(source.random, { lock: ArchiveLock.SECRET, iterations: 0 }),
	partBytes = PART_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	const head = sealHead(secret, header);
	const cipher = await PartCipher.open(secret, head);
	yield head;
	let number = 0;
	let writer = new BinaryWriter();
	let length = 0;
	for await (const record of recordsOf(source)) {
		if (length >= partBytes) {
			yield cipher.seal(writer.finish(), number++, false);
			writer = new BinaryWriter();
			length = 0;
		}
		const bytes = toBinary(ArchiveRecordSchema, create(ArchiveRecordSchema, { record }));
		writer.tag(1, WireType.LengthDelimited).bytes(bytes);
		length += bytes.length;
	}
	yield cipher.seal(writer.finish(), number, true);
}

/** In the order that `archive.proto` says. */
async function* recordsOf(source: ArchiveSource): AsyncGenerator<RecordInit> {
	const { state } = source;
	const counts = { people: 0, conversations: 0, rows: 0 };
	yield { case: "owner", value: ownerOf(source) };
	const { readReceipts, typingIndicators } = source.profile().settings;
	yield { case: "settings", value: { readReceipts, typingIndicators } };
	for (const decision of await state.range<DecisionRecord>(within(KEYS.decisions)))
		yield { case: "decision", value: decisionOf(decision) };
	for (const account of [...state.keptWithin<AccountRecord>(KEYS.accounts)]) {
		if (account.account === source.profile().account) continue;
		counts.people++;
		yield { case: "person", value: personOf(account) };
	}
	for (const contact of [...state.keptWithin<ContactRecord>(KEYS.contacts)])
		yield { case: "contact", value: carryContact(contact) };
	const link = (await state.read(KEYS.finding))?.link;
	if (link !== undefined)
		yield {
			case: "contactLink",
			value: { token: fromHex(link.token) ?? new Uint8Array(), madeAtMs: BigInt(link.madeAtMs) },
		};
	const conversations = [...state.keptWithin<ConversationRecord>(KEYS.conversations)]
		.filter((record) => record.state !== "creating")
		.sort((a, b) => b.activityMs - a.activityMs);
	const rest: RowReader[] = [];
	for (const record of conversations) {
		counts.conversations++;
		yield { case: "conversation", value: { ...conversationOf(record), upToSeq: await reachOf(source, record) } };
		const reader = new RowReader(source, record);
		for await (const row of reader.next(NEWEST)) {
			counts.rows++;
			yield { case: "row", value: row };
		}
		if (!reader.ended) rest.push(reader);
	}
	for await (const picture of picturesOf(source)) yield { case: "picture", value: picture };
	for (const reader of rest) {
		for await (const row of reader.next(Number.POSITIVE_INFINITY)) {
			counts.rows++;
			yield { case: "row", value: row };
		}
	}
	yield { case: "end", value: counts };
}

/** How far everything is here; 0 where this device may lack something of before it came in. */
async function reachOf({ state }: ArchiveSource, { id, state: where }: ConversationRecord): Promise<number> {
	if (where === "joining" || (await state.read(KEYS.cameIn(id))) !== undefined) return 0;
	return state.kept(KEYS.log(id))?.seq ?? 0;
}

/** The rows of one conversation, from the newest to the oldest. */
class RowReader {
	readonly #state: LocalState;
	readonly #self: AccountId;
	readonly #record: ConversationRecord;
	readonly #from: string;
	#to: string;
	/** Where the last row without a place stands; undefined where the next one has to be looked for. */
	#after: After | undefined;
	ended = false;

	constructor({ state, profile }: ArchiveSource, record: ConversationRecord) {
		this.#state = state;
		this.#self = profile().account;
		this.#record = record;
		[this.#from, this.#to] = within(KEYS.messages(record.id));
	}

	async *next(count: number) {
		for (let left = count; left > 0 && !this.ended; ) {
			const limit = Math.min(left, PAGE);
			const page = await this.#read(limit, this.#to);
			for (const row of page) {
				this.#to = KEYS.message(this.#record.id, row.key);
				left--;
				if (this.#isLeftOut(row)) continue;
				this.#after = row.seq === undefined ? await this.#placeOf(row) : undefined;
				yield toArchiveRow(this.#record.id, row, this.#after ?? NOWHERE);
			}
			this.ended = page.length < limit;
		}
	}

	#read(limit: number, to: string): Promise<readonly MessageRecord[]> {
		return this.#state.range<MessageRecord>([this.#from, to], { limit, reverse: true });
	}

	/** What waits to be sent, and what this device alone may lack. */
	#isLeftOut(row: MessageRecord): boolean {
		return this.#waits(row) || (row.body.kind === "gap" && row.body.reason === "before");
	}

	/** Nobody knows yet whether the server will have it: it is this device's to send, and history of none. */
	#waits({ seq, failed, sender, body }: MessageRecord): boolean {
		return body.kind === "text" && sender === this.#self && seq === undefined && failed === undefined;
	}

	/** Counts from the nearest older row that has a place, so that what comes later changes nothing. */
	async #placeOf(row: MessageRecord): Promise<After> {
		if (this.#after !== undefined) return { ...this.#after, index: this.#after.index - 1 };
		let index = 1;
		for (let { key } = row; ; ) {
			const page = await this.#read(PAGE, KEYS.message(this.#record.id, key));
			for (const older of page) {
				if (older.seq !== undefined) return { seq: older.seq, index };
				if (!this.#isLeftOut(older)) index++;
			}
			if (page.length < PAGE) return { seq: 0, index };
			key = page.at(-1)?.key ?? "";
		}
	}
}

const NOWHERE: After = { seq: 0, index: 0 };

function ownerOf({ profile, serverNow }: ArchiveSource) {
	const { account, device, phone, name, nameChangedAtMs, origin } = profile();
	return {
		accountId: idBytes(account),
		deviceId: idBytes(device),
		phone,
		name,
		nameChangedAtMs: BigInt(nameChangedAtMs),
		server: origin,
		madeAtMs: BigInt(serverNow()),
	};
}

function decisionOf({ receipt, decidedAtMs, ...decision }: DecisionRecord) {
	return {
		...decision,
		grants: [...decision.grants],
		decidedAtMs: BigInt(decidedAtMs),
		receiptStatement: receipt?.statement ?? "",
		receiptSignature: receipt?.signature ?? "",
		recordedAtMs: BigInt(receipt?.recordedAtMs ?? 0),
	};
}

function personOf(record: AccountRecord) {
	const { account, name, nameChangedAtMs, phone, blocked, identityKey, confirmedKey, ownName, knownAs } = record;
	return {
		accountId: idBytes(account),
		name: name ?? "",
		nameChangedAtMs: BigInt(nameChangedAtMs),
		phone: phone ?? "",
		blocked,
		identityKey: fromHex(identityKey ?? "") ?? new Uint8Array(),
		confirmed: identityKey !== undefined && confirmedKey === identityKey,
		ownName: ownName ?? "",
		knownAs: knownAs ?? "",
	};
}

const bytesOf = (id: AccountId | ConversationId | undefined) => (id === undefined ? new Uint8Array() : idBytes(id));

function conversationOf(record: ConversationRecord) {
	const { id, kind, peer, name, nameChangedAtMs, members, readSeq, unread, activityMs, forked } = record;
	const { continues, continuedBy, tookPart = false } = record;
	return {
		id: idBytes(id),
		kind: kind === "direct" ? ConversationKind.DIRECT : ConversationKind.GROUP,
		peer: bytesOf(peer),
		name: name ?? "",
		nameChangedAtMs: BigInt(nameChangedAtMs),
		members: members.map((member) => ({
			accountId: idBytes(member.account),
			role: member.role === "admin" ? MemberRole.ADMIN : MemberRole.MEMBER,
			deliveredSeq: member.deliveredSeq,
			readSeq: member.readSeq,
		})),
		readSeq,
		unread,
		activityMs: BigInt(Math.round(activityMs)),
		forked,
		continues: bytesOf(continues),
		continuedBy: bytesOf(continuedBy),
		tookPart,
	};
}
