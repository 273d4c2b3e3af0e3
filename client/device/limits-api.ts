/** What was done about this account and others, as apps see it: a part of the device's surface (`api.ts`). */
import type { AbusePurpose, AccountId, ConversationId, ReportReason } from "@troth/protocol";

/** What a limit takes away. None: it is a note. */
export type RestrictionView = "new-conversations" | "new-devices";

/** A limit on the own account: since when, until when, why, and who said so. Times are UTC milliseconds. */
export interface LimitView {
	readonly purpose: AbusePurpose;
	/** Of the closed vocabulary of `protocol/abuse.ts`; a newer server may know more. */
	readonly label: string;
	readonly scoreClass: string | undefined;
	readonly caseId: string | undefined;
	/** Id of the company that said so; undefined where the operator of this server did. */
	readonly toldBy: string | undefined;
	/** Where to write to that company. */
	readonly contact: string | undefined;
	readonly sinceMs: number;
	readonly untilMs: number;
	readonly restrictions: readonly RestrictionView[];
	/** `objectTo` is possible. */
	readonly canObject: boolean;
	readonly objectedAtMs: number | undefined;
}

/** Messages that a report shows to the operator: the newest of the person in a conversation, at most 10 of the last 20 there. */
export interface Revealed {
	readonly conversation: ConversationId;
	readonly messages: number;
}

export interface LimitsDevice {
	/** None for nearly everybody. */
	limits(): Promise<readonly LimitView[]>;
	/**
	 * Objects to what the operator of this server did: no company is told of it until the operator has looked again.
	 * Rejects with NOT_FOUND, FORBIDDEN.
	 */
	objectTo(purpose: AbusePurpose): Promise<readonly LimitView[]>;
	/**
	 * Tells the operator about a person, and of what they wrote only what is revealed; gives how many messages that were.
	 * Rejects with NOT_FOUND, RATE_LIMITED.
	 */
	report(account: AccountId, reason: ReportReason, reveal?: Revealed): Promise<number>;
}
