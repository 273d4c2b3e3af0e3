/** Keys one can trust: safety numbers, what changed, and the ways out of a changed key or a forked history. */
import type { AccountId, ConversationId } from "@troth/protocol";
import type { Person } from "./api.ts";

export interface SafetyNumber {
	/** 12 groups of 5 digits, equal on both sides. */
	readonly digits: readonly string[];
	/**
	 * 2 groups of 5 digits from the epoch authenticator of the direct conversation: equal while both sides hold the same
	 * history of it, changing with every epoch. Undefined where there is no such conversation.
	 */
	readonly epochDigits: readonly string[] | undefined;
	/** Compared and confirmed by the person on one of their devices, and unchanged since. */
	readonly verified: boolean;
	/** What the other side scans: an address of the app with both sides' fingerprints (`identity/safety-code.ts`). */
	readonly code: string;
	/** What changed about this person and was not settled yet. */
	readonly change: KeyChange | undefined;
	/** The number with the key that was refused, where there is one: what the other side shows if that one is theirs. */
	readonly offeredDigits: readonly string[] | undefined;
}

/**
 * `key`: the server shows another identity key for the same account; the pinned one stays until it is accepted.
 * `number`: the person's number belongs to another account now, `successor`.
 */
export interface KeyChange {
	readonly what: "key" | "number";
	/** They were verified before: nothing is sent to them until the person has looked at it. */
	readonly asks: boolean;
	/** The person has looked at it. */
	readonly seen: boolean;
	readonly successor: Person | undefined;
}

/**
 * What a row says about somebody's keys. `unlisted`: a device that is not, or not any more, in their signed list is still
 * in the chat, and the server does not let it be removed. `left-out`: their new account is not in this group, and this
 * person may not add it.
 */
export type KeysChanged = "key" | "devices" | "number" | "unlisted" | "left-out";

/** Whose keys changed, where they are in a conversation. */
export interface ChangedPerson extends KeyChange {
	readonly person: Person;
}

/**
 * `same`: nobody stands in between. `offered`: their code holds the key that was refused here. `differs`: their
 * fingerprints are others than those of this device. `for-another`: a right code, and not of this person, or not for
 * this account. `unreadable`: no such code.
 */
export type SafetyOutcome = "same" | "offered" | "differs" | "for-another" | "unreadable";

export interface SafetyComparison {
	/** Whose code it was; undefined where it is none. */
	readonly account: AccountId | undefined;
	readonly outcome: SafetyOutcome;
}

export interface TrustDevice {
	safetyNumber(account: AccountId): Promise<SafetyNumber>;
	confirmSafetyNumber(account: AccountId, verified: boolean): Promise<void>;
	/**
	 * Compares what was scanned or typed: the other side's code, or its 60 digits. `account`: whose it has to be; a code
	 * names its account itself, digits do not.
	 */
	compareSafetyCode(code: string, account?: AccountId): Promise<SafetyComparison>;
	/** The person has seen that something changed and goes on with the keys as they were pinned. */
	acknowledgeKeyChange(account: AccountId): Promise<void>;
	/**
	 * Takes what changed: the other identity key, or the account that has the number now. The direct conversation goes on
	 * in a new group with it; its id is the answer, undefined where there was none. In groups, devices that the key does not
	 * list are replaced and a new account takes the place of the former one; that goes on by itself, and a row says where
	 * this person may not do it. Rejects with NOT_FOUND where nothing changed, and as `restartConversation` does.
	 */
	acceptKeyChange(account: AccountId): Promise<ConversationId | undefined>;
	/**
	 * Gives the conversation's group up and goes on in a new one of the same people, with the history kept: the way out
	 * where members hold different histories. The answer is the new conversation. Rejects with NOT_FOUND, NOT_A_MEMBER,
	 * NO_KEY_PACKAGE, DEVICE_LIST_INVALID, UNAVAILABLE.
	 */
	restartConversation(id: ConversationId): Promise<ConversationId>;
}
