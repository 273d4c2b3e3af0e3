/** Messages and conversations for tests: alice (oneself), bob and carla. */
import type { ConversationMember, ConversationView, MessageView, Person } from "@troth/client/device/api.ts";
import type { AccountId, ConversationId, MessageId } from "@troth/protocol";

const account = (n: number) => n.toString(16).padStart(32, "0") as AccountId;

export const alice: Person = { account: account(1), name: "Alice", phone: "+15550100001", self: true };
export const bob: Person = { account: account(2), name: "Bob", phone: "+15550100002", self: false };
export const carla: Person = { account: account(3), name: "Carla", phone: undefined, self: false };

/** Noon of a day in the machine's own time zone. */
export const NOON = new Date(2026, 10, 20, 12).getTime();
export const MINUTE = 60_000;

let made = 0;

export function message(sender: Person | undefined, minute: number, text: string | MessageView["body"]): MessageView {
	made += 1;
	const body = typeof text === "string" ? ({ kind: "text", text, replyTo: undefined } as const) : text;
	return {
		conversation: "cc".repeat(16) as ConversationId,
		key: made.toString().padStart(8, "0"),
		seq: made,
		id: made.toString(16).padStart(32, "0") as MessageId,
		sender,
		timeMs: NOON + minute * MINUTE,
		body,
		delivery: sender?.self === true && body.kind === "text" ? { state: "stored" } : undefined,
	};
}

export function member(person: Person, deliveredSeq = 0, readSeq = 0): ConversationMember {
	return { ...person, role: "member", devices: [], verified: false, deliveredSeq, readSeq };
}

export function conversation(title: string, members: readonly ConversationMember[]): ConversationView {
	return {
		id: "cc".repeat(16) as ConversationId,
		kind: members.length === 2 ? "direct" : "group",
		title,
		members,
		ended: false,
		blocked: false,
		unread: 0,
		last: undefined,
		epoch: 1,
		activityMs: NOON,
		forked: false,
		continuedBy: undefined,
		changed: [],
	};
}
