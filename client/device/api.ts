/**
 * A device as apps see it: `troth`, the web app (through its worker) and the business gateway use this and nothing
 * below it. Everything that crosses this surface can be cloned between threads.
 */
import type { AccountId, ConversationId, DeviceId, MessageId, RefusalCode } from "@troth/protocol";
import type { ArchiveDevice, RestoredView } from "./archive-api.ts";
import type { BusinessDevice, BusinessMark, BusinessMessage } from "./business-api.ts";
import type { FindingDevice } from "./finding-api.ts";
import type { LimitsDevice } from "./limits-api.ts";
import type { LinkingDevice } from "./linking-api.ts";
import type { PresenceDevice, PresenceEvent } from "./presence-api.ts";
import type { NumberTelling, ProfileDevice } from "./profile-api.ts";
import type { PushDevice } from "./push-api.ts";
import type { PresentationView, SharingDevice } from "./sharing-api.ts";
import type { ChangedPerson, KeysChanged, TrustDevice } from "./trust-api.ts";

export type * from "./archive-api.ts";
export type * from "./business-api.ts";
export type * from "./finding-api.ts";
export type * from "./limits-api.ts";
export type * from "./linking-api.ts";
export type * from "./presence-api.ts";
export type * from "./profile-api.ts";
export type * from "./push-api.ts";
export type * from "./sharing-api.ts";
export type * from "./trust-api.ts";

export interface Self {
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly phone: string;
	readonly name: string;
	readonly server: string;
	/** Changes with the own picture; absent where none is shown to anybody. */
	readonly photo?: string | undefined;
}

export interface Person {
	readonly account: AccountId;
	/**
	 * What this person calls them, else the name of their profile, which only members of a shared conversation can read,
	 * else the username or the link they were found by.
	 */
	readonly name: string | undefined;
	/** Known where this device found them by number, or where they show it to this person. */
	readonly phone: string | undefined;
	readonly self: boolean;
	/** Changes with their picture (`photo()`); absent where they show none. */
	readonly photo?: string | undefined;
}

export interface ConversationMember extends Person {
	readonly role: "member" | "admin";
	readonly devices: readonly DeviceId[];
	/** Compared and confirmed on this device, and unchanged since. */
	readonly verified: boolean;
	/** Everything up to here is on at least one of their devices. */
	readonly deliveredSeq: number;
	readonly readSeq: number;
}

export interface ConversationView {
	readonly id: ConversationId;
	readonly kind: "direct" | "group";
	/** The group's name, the other person's name, or their number; empty while this device knows none of them. */
	readonly title: string;
	readonly members: readonly ConversationMember[];
	/** This device was removed or left: history stays, sending is over. */
	readonly ended: boolean;
	readonly blocked: boolean;
	/**
	 * A linked device that is not in it yet: its turn comes (`waiting`), or the group had no room for one more device
	 * (`full`). Absent where it is in.
	 */
	readonly joining?: "waiting" | "full" | undefined;
	/** Only what was said before is here, from a backup: this account is not in it. */
	readonly onlyHistory?: true | undefined;
	readonly unread: number;
	readonly last: MessageView | undefined;
	readonly epoch: number;
	/** UTC milliseconds of the newest item, for the order of the list. */
	readonly activityMs: number;
	/** Members hold different histories: `restartConversation` is the way out. */
	readonly forked: boolean;
	/** Given up for this one, which shows its messages as its own. */
	readonly continuedBy: ConversationId | undefined;
	/** Whose keys changed, until the person has settled it. */
	readonly changed: readonly ChangedPerson[];
}

/** How far an own message has come. */
export type Delivery =
	| { readonly state: "waiting" }
	| { readonly state: "stored" }
	| { readonly state: "delivered" }
	| { readonly state: "read" }
	| { readonly state: "failed"; readonly code: RefusalCode };

export type MessageBody =
	| {
			readonly kind: "text";
			readonly text: string;
			readonly replyTo: MessageId | undefined;
			/** A business's messages only. */
			readonly business?: BusinessMark;
	  }
	/**
	 * Entries this device will never have; `count` of them. `missing`: the server left them out and gave no reason.
	 * `before`: this device was linked later and came in here later still; up to so many entries between may be missing,
	 * until another device of the account sends them along. Then an event says that its count is 0, and it is gone.
	 */
	| {
			readonly kind: "gap";
			readonly reason: "expired" | "cap" | "restored" | "missing" | "before";
			readonly count: number;
	  }
	/** It came, and could not be read; `code` is the engine's. */
	| { readonly kind: "unreadable"; readonly code: string }
	| { readonly kind: "created" }
	| { readonly kind: "added"; readonly who: readonly Person[] }
	| { readonly kind: "removed"; readonly who: readonly Person[] }
	| { readonly kind: "left"; readonly who: readonly Person[] }
	| { readonly kind: "renamed"; readonly name: string }
	/** A person of a direct conversation has another number: `phone`, where they show it here. */
	| { readonly kind: "number-changed"; readonly who: readonly Person[]; readonly phone?: string | undefined }
	/**
	 * The person's devices, identity key, or the account of their number changed since this device last looked; absent
	 * in rows of older versions, which did not tell them apart.
	 */
	| {
			readonly kind: "keys-changed";
			readonly who: readonly Person[];
			readonly what?: KeysChanged | undefined;
	  }
	/** Members hold different histories of this conversation (hazard 14). */
	| { readonly kind: "forked" }
	/** It goes on in a new group from here; `sender` began it anew. */
	| { readonly kind: "restarted" };

export interface MessageView {
	readonly conversation: ConversationId;
	/** Stable key of the row on this device, ascending in the order shown. */
	readonly key: string;
	/** Undefined until the server stored it. */
	readonly seq: number | undefined;
	readonly id: MessageId | undefined;
	readonly sender: Person | undefined;
	readonly timeMs: number;
	readonly body: MessageBody;
	/** Own messages only. */
	readonly delivery: Delivery | undefined;
}

export type Connection =
	| { readonly state: "connecting" }
	| { readonly state: "online" }
	/** Tries again at `retryAtMs`. `code`: the server is there and refused the login. */
	| { readonly state: "offline"; readonly retryAtMs: number; readonly code?: RefusalCode }
	/** Another stream of this device took over. */
	| { readonly state: "replaced" }
	/** This profile is a copy or was restored: it must link anew and sends nothing (hazard 16). */
	| { readonly state: "relink-required" }
	/** The account removed this device. */
	| { readonly state: "removed" }
	/** It was not here for 30 days. What it has stays readable; it can be linked anew. */
	| { readonly state: "unlinked" };

export type DeviceEvent =
	| { readonly type: "connection"; readonly connection: Connection }
	/** A message, gap or notice is new or changed. */
	| { readonly type: "message"; readonly message: MessageView; readonly live: boolean }
	| { readonly type: "conversation"; readonly conversation: ConversationView }
	| {
			readonly type: "receipt";
			readonly conversation: ConversationId;
			readonly account: AccountId;
			readonly deliveredSeq: number;
			readonly readSeq: number;
	  }
	| {
			readonly type: "typing";
			readonly conversation: ConversationId;
			readonly account: AccountId;
			readonly active: boolean;
	  }
	/** A notice of new terms came, or a reminder of it; `confirmNotice` or `reminderShown` once it was displayed. */
	| { readonly type: "terms"; readonly version: number; readonly reminderDay?: number }
	/** The standing with the terms, or a choice, changed. */
	| { readonly type: "sharing" }
	/** `accountEnding` has something else to say. */
	| { readonly type: "account-ending" }
	/** The own name, number or picture changed on another device. */
	| { readonly type: "self" }
	| PresenceEvent
	/** The address book, or what is known of the people in it, changed. */
	| { readonly type: "contacts" }
	/** The account's devices changed, or `deviceNotices` did. */
	| { readonly type: "devices" }
	/** So much of a backup is in by now. */
	| ({ readonly type: "restoring" } & RestoredView)
	/** All that waited on the server when this device attached is stored here. */
	| { readonly type: "caught-up" };

export interface Device
	extends AsyncDisposable,
		ArchiveDevice,
		SharingDevice,
		BusinessDevice,
		FindingDevice,
		LimitsDevice,
		LinkingDevice,
		PresenceDevice,
		PushDevice,
		ProfileDevice,
		TrustDevice {
	self(): Promise<Self>;
	connection(): Promise<Connection>;
	/** Newest activity first. */
	conversations(): Promise<readonly ConversationView[]>;
	conversation(id: ConversationId): Promise<ConversationView | undefined>;
	/** Ascending; the newest ones, or those before the row `beforeKey`. */
	messages(
		id: ConversationId,
		page: { readonly beforeKey?: string; readonly limit: number },
	): Promise<readonly MessageView[]>;

	/** Finds a person by exact number. Rejects with NOT_FOUND, PHONE_INVALID, RATE_LIMITED. */
	find(phone: string): Promise<Person>;
	/** The 1:1 conversation with this person, made where there is none. */
	openDirect(account: AccountId): Promise<ConversationId>;
	createGroup(name: string, accounts: readonly AccountId[]): Promise<ConversationId>;
	renameGroup(id: ConversationId, name: string): Promise<void>;
	addMembers(id: ConversationId, accounts: readonly AccountId[]): Promise<void>;
	removeMembers(id: ConversationId, accounts: readonly AccountId[]): Promise<void>;
	leave(id: ConversationId): Promise<void>;

	/** Resolves when the message lies in the local outbox; it survives a crash from then on. */
	send(id: ConversationId, message: string | BusinessMessage, replyTo?: MessageId): Promise<MessageView>;
	/** Resolves when the server has stored the message, rejects with the refusal. */
	stored(id: ConversationId, message: MessageId): Promise<{ readonly seq: number; readonly timeMs: number }>;
	markRead(id: ConversationId, seq: number): Promise<void>;
	typing(id: ConversationId, active: boolean): Promise<void>;

	block(account: AccountId): Promise<void>;
	unblock(account: AccountId): Promise<void>;
	blocked(): Promise<readonly Person[]>;
	rename(name: string): Promise<void>;
	settings(): Promise<Settings>;
	changeSettings(change: Partial<Settings>): Promise<Settings>;

	/**
	 * Sends a code to the number that this account shall have; one that is still good is not sent again. Rejects with
	 * PHONE_INVALID, RATE_LIMITED.
	 */
	requestNumberCode(phone: string): Promise<NumberAttempt>;
	resendNumberCode(attempt: string, channel?: CodeChannelName): Promise<Omit<CodeSent, "attempt">>;
	/** Rejects with CODE_WRONG (attemptsLeft), CODE_LOCKED, CODE_EXPIRED. */
	verifyNumberCode(attempt: string, code: string): Promise<VerifiedNumber>;
	/** Opens the lock of who has that number now. Rejects with PIN_WRONG (attemptsLeft), PIN_LOCKED (retryAtMs). */
	unlockNewNumber(attempt: string, pin: string): Promise<void>;
	/** Does a PIN hold this account's number? Rejects with UNAVAILABLE. */
	registrationLock(): Promise<boolean>;
	/** From now on nobody takes the number without this PIN. Rejects with MALFORMED (4 to 20 letters and digits). */
	setRegistrationLock(pin: string): Promise<void>;
	removeRegistrationLock(): Promise<void>;
	/**
	 * Makes the verified number this account's. Everything shared under the old one is recalled, and what stands in the
	 * words of the terms in force is shared anew, signed by this device. An account that has the number now ends. May be
	 * repeated until it succeeds. Once it is done those that `tell` names are told in their chats; nobody where it is left
	 * out. Rejects with REGISTRATION_TOKEN_INVALID, PHONE_INVALID (it has this number), NUMBER_CHANGED_RECENTLY and
	 * NUMBER_RESTING (retryAtMs).
	 */
	changeNumber(attempt: string, control: PresentationView["control"], tell?: NumberTelling): Promise<NumberChanged>;

	/**
	 * Ends the account: what was shared is recalled, all its devices are removed, the number is free. Then everything is
	 * erased here, and this device is of no more use: dispose it. Rejects with UNAVAILABLE; the account may be gone then.
	 */
	deleteAccount(): Promise<void>;

	/** Tries now instead of waiting; after `replaced`, takes the stream back from the other one. */
	reconnect(): void;
	subscribe(listener: (event: DeviceEvent) => void): () => void;
	/** Resolves after everything that waited at attach is stored here. */
	caughtUp(): Promise<void>;
}

/** What is known of a number once its code was right. */
export interface VerifiedNumber {
	/** It has an account here, which ends when the number is taken. */
	readonly replacesAccount: boolean;
	/** That account holds it with a PIN; without it nobody takes the number before then. */
	readonly lockedUntilMs: number | undefined;
}

/** A text message, or a call that reads the code out. */
export type CodeChannelName = "sms" | "voice";

export interface CodeSent {
	readonly attempt: string;
	readonly resendAtMs: number;
	readonly expiresAtMs: number;
}

export interface NumberAttempt extends CodeSent {
	/** Undefined until the code was right. True: the number has another account here, which ends with the change. */
	readonly replacesAccount: boolean | undefined;
}

export interface NumberChanged {
	readonly phone: string;
	/** Purposes whose yes goes on under this number. */
	readonly renewed: readonly string[];
	/** Purposes whose yes ended: their words changed since it was given. */
	readonly ended: readonly string[];
	/** In how many chats it is said. */
	readonly told: number;
}

export interface Settings {
	readonly readReceipts: boolean;
	readonly typingIndicators: boolean;
}

/** Registration, before there is a device. */
export interface Registration {
	requestCode(server: string, phone: string): Promise<CodeSent>;
	/** `voice`: a call that reads it out; rejects with UNAVAILABLE where the server can not call. */
	resendCode(server: string, attempt: string, channel?: CodeChannelName): Promise<Omit<CodeSent, "attempt">>;
	/** Rejects with CODE_WRONG (attemptsLeft), CODE_LOCKED, CODE_EXPIRED. */
	verifyCode(server: string, attempt: string, code: string): Promise<VerifiedNumber & { readonly token: string }>;
	/** Opens the lock of who has the number. Rejects with PIN_WRONG (attemptsLeft), PIN_LOCKED (retryAtMs). */
	unlockNumber(server: string, attempt: string, pin: string): Promise<void>;
	/** Makes the keys, publishes them, and leaves a profile in the local store. May be repeated until it succeeds. */
	createAccount(server: string, attempt: string, name: string): Promise<Self>;
}
