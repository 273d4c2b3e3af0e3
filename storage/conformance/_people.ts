/** The people, devices and logs that the storage tests are told with. */
import type { AccountId, BlobId, ConversationId, DeviceId } from "@troth/protocol";
import type { Answer, StoredEntry, Subscription } from "../ports.ts";

const name = (kind: string, n: number) => `${kind}${n.toString(16)}`.padStart(32, "0");

export const alice = name("acc", 1) as AccountId;
export const bob = name("acc", 2) as AccountId;
export const carla = name("acc", 3) as AccountId;
export const alicePhone = name("de", 1) as DeviceId;
export const aliceLaptop = name("de", 2) as DeviceId;
export const bobPhone = name("de", 3) as DeviceId;
export const carlaPhone = name("de", 4) as DeviceId;
export const chat = name("c0", 1) as ConversationId;
export const club = name("c0", 2) as ConversationId;

export const conversationNumber = (n: number) => name("c1", n) as ConversationId;
export const deviceNumber = (n: number) => name("d1", n) as DeviceId;

export const NOON = Date.UTC(2027, 0, 15, 12);

/** Sixteen bytes in hex that are different for each number. */
export const digestNumber = (n: number) => name("d19e57", n);
export const treeNumber = (n: number) => name("7ee", n).padStart(64, "0") as BlobId;

export function entry(seq: number, options: Partial<StoredEntry> = {}): StoredEntry {
	return { seq, timeMs: NOON + seq, kind: 1, senderAccount: alice, body: new Uint8Array([seq, 2, 3]), ...options };
}

export function answer(clientSeq: number, seq: number): Answer {
	return { clientSeq, digest: digestNumber(clientSeq), seq, timeMs: NOON + seq };
}

export function subscription(log: Subscription["log"], device: DeviceId, account: AccountId): Subscription {
	return { log, device, account, leaf: 0, role: "member", from: 0, acked: 0, floor: 0, until: undefined };
}

export const NO_LIMITS = { entries: 10_000, bytes: 1 << 30 };
