/**
 * What the gateway keeps beside its device: which Cloud API id is which message, what receivers of webhooks have not
 * taken yet, templates. Never the text of a message. Times are UTC milliseconds, ids lower-case hex.
 */
import type { AccountId, ConversationId } from "@troth/protocol";
import type { GeneratedAlways } from "kysely";

export interface GatewayRecords {
	contact: ContactTable;
	message: MessageTable;
	webhook: WebhookTable;
	template: TemplateTable;
	answer: AnswerTable;
	setting: SettingTable;
}

/** Somebody the business talks to. */
interface ContactTable {
	account_id: AccountId;
	conversation: ConversationId | null;
	/** Digits of the number that the business used; null where the person began and never gave it. */
	phone: string | null;
	/** Digits that stand for them at this business alone, unless it used their number. */
	alias: string;
	/** The newest row of the conversation that was looked at for inbound messages. */
	heard_key: string;
}

export type MessageStatus = "sent" | "delivered" | "read" | "failed";

interface MessageTable {
	wamid: string;
	direction: "in" | "out";
	conversation: ConversationId;
	seq: number | null;
	/** Digits the business knows the other side by. */
	address: string;
	/** Outbound only; inbound ones are `read` once the business said so. */
	status: MessageStatus | "received";
	/** `biz_opaque_callback_data`, echoed in every status. */
	callback: string | null;
	at_ms: number;
}

/** A change that the receiver has not confirmed yet. */
interface WebhookTable {
	id: GeneratedAlways<number>;
	/** One change, `{field, value}`, as JSON. */
	change: string;
	/** Changes of one person go out in their order, as long as none fails. */
	lane: string;
	/** Message id and status: what a receiver tells repeats by. */
	dedupe: string;
	attempts: number;
	due_at_ms: number;
	created_at_ms: number;
}

export type TemplateStatus = "APPROVED" | "PAUSED" | "DISABLED";

export interface TemplateTable {
	/** Decimal digits, below 2^53: clients read it as a number. */
	id: string;
	version: number;
	name: string;
	language: string;
	purpose: "utility" | "marketing" | "authentication";
	status: TemplateStatus;
	body: string;
}

/** The answer to a request with an Idempotency-Key. */
interface AnswerTable {
	key: string;
	/** SHA-256 of path and body. */
	digest: string;
	status: number;
	body: string;
	at_ms: number;
}

interface SettingTable {
	name: "webhook";
	value: string;
}
