/** Devices' stores with a history, without a server. */
import { randomBytes } from "node:crypto";
import { type AccountId, type ConversationId, type DeviceId, type MessageId, toHex } from "@troth/protocol";
import { UNKNOWN_ACCOUNT } from "../identity/directory.ts";
import { createMlsEngine } from "../mls/mls-engine.ts";
import { nodeCryptoProvider } from "../mls/provider.node.ts";
import { KEYS, orderKey, within } from "../state/keys.ts";
import { LocalState } from "../state/local-state.ts";
import type { BodyRecord, ConversationRecord, MessageRecord, ProfileRecord } from "../state/records.ts";
import { type MemoryData, MemoryStore } from "../store/memory.ts";
import type { LocalStore } from "../store/port.ts";
import type { ArchiveSource } from "./make-archive.ts";
import type { ArchiveTarget } from "./take-archive.ts";

export const engine = createMlsEngine(nodeCryptoProvider);
export const random = (length: number) => new Uint8Array(randomBytes(length));
const newId = () => toHex(random(16));
export const newAccount = () => newId() as AccountId;

/** A device's store, opened. */
export interface TestDevice extends ArchiveSource, ArchiveTarget {
	readonly data: MemoryData;
	readonly told: ConversationId[];
}

export async function newDevice(
	options: { account?: AccountId; data?: MemoryData; store?: (data: MemoryData) => LocalStore } = {},
): Promise<TestDevice> {
	const { account = newAccount(), data = new Map() } = options;
	const state = await LocalState.open(options.store?.(data) ?? new MemoryStore(data), engine);
	let profile: ProfileRecord = {
		account,
		device: newId() as DeviceId,
		phone: "+15550100001",
		name: "Alice",
		nameChangedAtMs: 5,
		server: "http://127.0.0.1:7000",
		origin: "http://127.0.0.1:7000",
		generation: 1,
		halted: undefined,
		settings: { readReceipts: true, typingIndicators: true },
	};
	const told: ConversationId[] = [];
	return {
		data,
		told,
		state,
		random,
		serverNow: () => 1_700_000_000_000,
		profile: () => profile,
		changeProfile: async (change) => {
			profile = { ...profile, ...change };
		},
		announcer: { conversation: (id) => void told.push(id) },
	};
}

/** Somebody the device knows. */
export async function addPerson(device: TestDevice, name: string): Promise<AccountId> {
	const account = newAccount();
	await device.state.transact(async (draft) => {
		const identityKey = toHex(random(32));
		draft.write(KEYS.account(account), { ...UNKNOWN_ACCOUNT, account, name, nameChangedAtMs: 7, identityKey });
	});
	return account;
}

/** A direct conversation with so many texts, the last one at `untilMs`. */
export async function addConversation(
	device: TestDevice,
	peer: AccountId,
	texts: number,
	untilMs = 1_700_000_000_000,
): Promise<ConversationId> {
	const id = newId() as ConversationId;
	const self = device.profile().account;
	const record: ConversationRecord = {
		id,
		kind: "direct",
		peer,
		name: undefined,
		nameChangedAtMs: 0,
		state: "active",
		members: [self, peer].map((account) => ({
			account,
			role: "member",
			devices: [],
			deliveredSeq: texts,
			readSeq: texts,
		})),
		lastOrder: texts,
		lastKey: orderKey(texts),
		unread: 0,
		readSeq: texts,
		publishedReadSeq: texts,
		activityMs: untilMs,
		profileSentMs: 5,
		forked: false,
		removalsRequired: [],
	};
	await device.state.transact(async (draft) => {
		draft.write(KEYS.conversation(id), record);
		for (let order = 1; order <= texts; order++) {
			const text = { kind: "text", text: `no. ${order}`, replyTo: undefined } as const;
			const timeMs = untilMs - (texts - order) * 1000;
			const row = { key: orderKey(order), seq: order, sender: order % 2 === 0 ? self : peer, timeMs, body: text };
			const message = newId() as MessageId;
			draft.write(KEYS.message(id, row.key), { ...row, id: message, failed: undefined });
			draft.write(KEYS.messageKey(id, message), row.key);
		}
	});
	return id;
}

/** A row after all others. */
export async function addRow(
	device: TestDevice,
	id: ConversationId,
	row: { readonly body: BodyRecord } & Partial<MessageRecord>,
): Promise<MessageRecord> {
	return device.state.transact(async (draft) => {
		const record = await draft.read(KEYS.conversation(id));
		if (record === undefined) throw new Error("no such conversation");
		const key = orderKey(record.lastOrder + 1);
		const activityMs = row.timeMs ?? record.activityMs;
		draft.write(KEYS.conversation(id), { ...record, lastOrder: record.lastOrder + 1, lastKey: key, activityMs });
		const written: MessageRecord = {
			seq: undefined,
			id: undefined,
			sender: undefined,
			timeMs: activityMs,
			failed: undefined,
			...row,
			key,
		};
		draft.write(KEYS.message(id, key), written);
		return written;
	});
}

/** What a conversation shows, oldest first. */
export async function rowsOf({ state }: TestDevice, id: ConversationId): Promise<readonly MessageRecord[]> {
	return state.range<MessageRecord>(within(KEYS.messages(id)));
}

/** A row without what differs between devices. */
export const shown = ({ key: _, ...row }: MessageRecord) => row;

export async function collect(parts: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
	const all: Uint8Array[] = [];
	for await (const part of parts) all.push(part);
	return all;
}

export async function* each(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield* parts;
}
