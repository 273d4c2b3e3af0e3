/**
 * What a device keeps, as plain values. Ids and keys are hex; times are UTC milliseconds. Records are immutable: a
 * change writes a new one.
 */
import type { AccountId, ConversationId, DeviceId, LogId, MessageId, RefusalCode } from "@troth/protocol";
import type { OutgoingBusiness } from "../business/outgoing.ts";
import type { Settings } from "../device/api.ts";
import type { BusinessMark } from "../device/business-api.ts";
import type { AudienceName } from "../device/presence-api.ts";
import type { NumberTelling } from "../device/profile-api.ts";
import type { KeysChanged } from "../device/trust-api.ts";
import type { DecisionRecord } from "./sharing-records.ts";

export interface ProfileRecord {
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly phone: string;
	readonly name: string;
	/** Grows with each change of the name: an older one never replaces a newer one on other devices. */
	readonly nameChangedAtMs: number;
	/** Where to connect to. */
	readonly server: string;
	/** What login statements name; pinned at registration. */
	readonly origin: string;
	/** The store generation that the cursors belong to (hazard 21); 0 before the first attach. */
	readonly generation: number;
	/** Why this profile may not send any more. */
	readonly halted: "relink-required" | "removed" | "unlinked" | undefined;
	readonly settings: Settings;
	/** Of two devices of the account the newer settings count; absent where they were never changed. */
	readonly settingsChangedAtMs?: number | undefined;
	/** What of the person others see beside the name; absent where nothing of it was ever decided here. */
	readonly shown?: ShownRecord | undefined;
	/** Where the own picture lies on the server, and its key (hex); absent where it lies nowhere. */
	readonly photo?: PhotoRecord | undefined;
	/** The server's word for the number. */
	readonly certificate?: CertificateRecord | undefined;
}

/** Times grow with each change, also of an audience: others are told again. 0: nothing was ever said. */
export interface ShownRecord {
	readonly photo: AudienceName;
	readonly number: AudienceName;
	readonly photoChangedAtMs: number;
	readonly numberChangedAtMs: number;
}

/** Hex. */
export interface PhotoRecord {
	readonly id: string;
	readonly key: string;
}

export interface CertificateRecord {
	readonly phone: string;
	readonly statement: string;
	readonly signature: string;
	readonly issuedAtMs: number;
}

/** Who may see when the person is here, as the server was last heard to say. */
export interface PresenceRecord {
	readonly audience: AudienceName;
}

export interface KeyPairRecord {
	readonly publicKey: string;
	readonly privateKey: string;
}

export interface SecretsRecord {
	/** The account identity key: signs device lists. */
	readonly identity: KeyPairRecord;
	/** The device key: signs logins, receipts and MLS leaves. */
	readonly device: KeyPairRecord;
}

export interface RegistrationRecord {
	readonly server: string;
	readonly phone: string;
	readonly token: string | undefined;
	readonly account: AccountId | undefined;
	/** Made once per attempt and stored before they are published, so that a repeat publishes the same. */
	readonly made:
		| {
				readonly device: DeviceId;
				readonly secrets: SecretsRecord;
				readonly name: string;
				readonly origin: string;
				/** As the first list has it. */
				readonly listed?: ListedDeviceRecord;
		  }
		| undefined;
	/** Serialized CreateAccountRequest, hex; the only one that is ever sent for this attempt. */
	readonly request: string | undefined;
	readonly nowMs: number;
}

/** A new number on its way to becoming this account's. */
export interface NumberChangeRecord {
	readonly phone: string;
	readonly resendAtMs: number;
	/** Of the code. */
	readonly expiresAtMs: number;
	/** Hex, once the code was right. */
	readonly token: string | undefined;
	/** Known from then on. */
	readonly replacesAccount: boolean | undefined;
	/** Serialized ChangeNumberRequest, hex: what may have arrived already, and is sent again as it is. */
	readonly request: string | undefined;
	/** Of the decision inside it. */
	readonly decision: DecisionRecord | undefined;
	/** Purposes that stood and carry the number, when it was signed. */
	readonly stood: readonly string[];
	/** Who is told once it is done; absent for nobody. */
	readonly tell?: NumberTelling | undefined;
}

export interface ListedDeviceRecord {
	readonly device: DeviceId;
	readonly signatureKey: string;
	readonly addedAtMs: number;
	/** Its signature that it is this account's; absent for the first device of an older account. */
	readonly agreement?: string;
	/** Name and kind, sealed for the account's own devices. */
	readonly sealedDetails?: string;
}

export interface AccountRecord {
	readonly account: AccountId;
	/** Pinned when this account was first seen; undefined before a device list was. */
	readonly identityKey: string | undefined;
	/** Of the newest accepted device list. */
	readonly version: number;
	readonly devices: readonly ListedDeviceRecord[];
	readonly name: string | undefined;
	readonly nameChangedAtMs: number;
	readonly phone: string | undefined;
	readonly blocked: boolean;
	/** The identity key that the person compared and confirmed. */
	readonly confirmedKey: string | undefined;
	/** When the person last said so of the pinned key, or took it back; absent where they never did. */
	readonly confirmedAtMs?: number | undefined;
	/** When the pinned key was accepted in the place of another one, and in whose; absent where it is the first. */
	readonly acceptedAtMs?: number | undefined;
	readonly formerKeys?: readonly string[] | undefined;
	/** Another key, or the account that has the number now, that the person has looked at on one of their devices. */
	readonly lookedAt?: string | undefined;
	/** What they show beside the name, and when they said so; 0 where they said nothing. */
	readonly photo?: PhotoRecord | undefined;
	readonly photoChangedAtMs?: number | undefined;
	readonly numberChangedAtMs?: number | undefined;
	/** The last identity key that was refused, so that a change is shown once and not with each list. */
	readonly refusedKey: string | undefined;
	/** Accepted as the same person: their account since they registered anew. */
	readonly movedTo?: AccountId | undefined;
	/** What changed and was not settled by the person; absent where nothing did. */
	readonly change?: KeyChangeRecord | undefined;
	/** What the person of this device calls them; goes before every other name, and never leaves. */
	readonly ownName?: string | undefined;
	/** Their username with its "@", or the name in their contact link: until they have said their name. */
	readonly knownAs?: string | undefined;
}

export interface KeyChangeRecord {
	readonly what: "key" | "number";
	/** The person was verified before: sending asks first. */
	readonly asks: boolean;
	readonly seen: boolean;
	/** `number`: the account that has it now. */
	readonly successor: AccountId | undefined;
}

export interface MemberRecord {
	readonly account: AccountId;
	readonly role: "member" | "admin";
	readonly devices: readonly { readonly device: DeviceId; readonly leaf: number }[];
	readonly deliveredSeq: number;
	readonly readSeq: number;
}

export interface ConversationRecord {
	readonly id: ConversationId;
	readonly kind: "direct" | "group";
	/** Direct: the other account. */
	readonly peer: AccountId | undefined;
	readonly name: string | undefined;
	readonly nameChangedAtMs: number;
	/**
	 * `creating`: not on the server yet. `behind`: the group state is lost or older than the log, and has to be joined
	 * anew (hazard 18). `refused`: a member's device is not in its account's list; nothing is sent here (hazard 11).
	 * `ended`: this device left or was removed. `joining`: the account's other devices are in it, and this one has its
	 * turn to come.
	 */
	readonly state: "creating" | "active" | "behind" | "refused" | "ended" | "joining";
	/** The group had no room for this device when it last tried. */
	readonly full?: true | undefined;
	/** Only its history is here, from an archive: this device was never in it. */
	readonly imported?: true;
	readonly members: readonly MemberRecord[];
	/** Order of the newest row. */
	readonly lastOrder: number;
	/** Key of the newest row that is shown. */
	readonly lastKey: string | undefined;
	readonly unread: number;
	readonly readSeq: number;
	/** The read position that the others were told. */
	readonly publishedReadSeq: number;
	readonly activityMs: number;
	/** The version (`profile/own-profile.ts`) of the own profile that everybody here was sent; 0 when somebody may not have it. */
	readonly profileSentMs: number;
	readonly forked: boolean;
	/** The conversation whose place this one took, and the one that took this one's; absent where there is none. */
	readonly continues?: ConversationId | undefined;
	readonly continuedBy?: ConversationId | undefined;
	/**
	 * Devices whose leaves have to go before anything more is sent: the server waits for it (hazard 10), or their account
	 * does not list them any more (hazard 11).
	 */
	readonly removalsRequired: readonly DeviceId[];
	/** Of those, whom the server did not let be removed: the person was told. */
	readonly alarmed?: readonly DeviceId[] | undefined;
	/** Accounts that left while this device was in it, or ended. */
	readonly departed?: readonly AccountId[] | undefined;
	/** New accounts of former members, that this person was told they can not add. */
	readonly leftOut?: readonly AccountId[] | undefined;
	/** The person of this account wrote here at least once; absent where it was not noted yet. */
	readonly tookPart?: boolean | undefined;
}

export interface LogRecord {
	readonly log: LogId;
	/** Everything up to here is stored on this device. */
	readonly seq: number;
	/** First position this device has entries after. */
	readonly from: number;
	/** Running hash at `seq` (hazard 14); undefined until a member's witness gives this device a start. */
	readonly hash: string | undefined;
	/** The number of this device's next send (hazard 16). */
	readonly nextClientSeq: number;
	/** This device is about to come in by itself: the first entry it gets is its own commit, whatever its number. */
	readonly joining?: true | undefined;
	/** A Welcome passed over what lies after this position and before `from`; where a row about that would stand. */
	readonly passed?: { readonly after: number; readonly row: string } | undefined;
	/** The last number seen of each other device; absent where it is not known. */
	readonly senders: Readonly<Record<DeviceId, number>>;
}

export interface KeyPackageRecord {
	readonly ref: string;
	readonly lastResort: boolean;
	readonly createdAtMs: number;
}

/** Keys exported from the current epoch and the one before, newest first. */
export type ExporterRecord = readonly {
	readonly epoch: number;
	readonly receipts: string;
	readonly signals: string;
}[];

/** A commit of this device that may or may not be in the log (hazard 12). The next state lies beside it. */
export interface PendingCommitRecord {
	readonly conversation: ConversationId;
	readonly how: "create" | "commit" | "external";
	readonly clientSeq: number;
	/** The epoch it starts from. */
	readonly epoch: number;
	/** SHA-256 of the commit's bytes: how it is recognised when it comes back. */
	readonly digest: string;
	/** `create`: the conversation whose place the new one takes. */
	readonly replaces?: ConversationId | undefined;
}

export type BodyRecord =
	| {
			readonly kind: "text";
			readonly text: string;
			readonly replyTo: MessageId | undefined;
			/** A business's messages only. */
			readonly business?: BusinessMark;
	  }
	| {
			readonly kind: "gap";
			readonly reason: "expired" | "cap" | "restored" | "missing" | "before";
			readonly count: number;
	  }
	| { readonly kind: "unreadable"; readonly code: string }
	| { readonly kind: "created" | "forked" | "restarted" }
	| { readonly kind: "added" | "removed" | "left"; readonly who: readonly AccountId[] }
	| {
			readonly kind: "keys-changed";
			readonly who: readonly AccountId[];
			readonly what?: KeysChanged | undefined;
	  }
	/** `phone`: the new one, where it is shown here. */
	| { readonly kind: "number-changed"; readonly who: readonly AccountId[]; readonly phone?: string | undefined }
	| { readonly kind: "renamed"; readonly name: string };

export interface MessageRecord {
	/** Order of arrival on this device, as it stands in the key. */
	readonly key: string;
	readonly seq: number | undefined;
	readonly id: MessageId | undefined;
	readonly sender: AccountId | undefined;
	readonly timeMs: number;
	readonly body: BodyRecord;
	/** Own messages only. */
	readonly failed: RefusalCode | undefined;
}

/** What an outbox row will say; the rest of the content is added when it is encrypted. */
export type OutboxBody =
	| {
			readonly kind: "text";
			readonly text: string;
			readonly replyTo: MessageId | undefined;
			/** Accounts of businesses only. */
			readonly business?: OutgoingBusiness;
	  }
	/** `numberChangedAtMs`: it says as well that the number changed. */
	| { readonly kind: "introduction"; readonly numberChangedAtMs?: number | undefined }
	| { readonly kind: "group-state"; readonly name: string; readonly changedAtMs: number }
	| { readonly kind: "continuation"; readonly replaces: ConversationId };

export interface OutboxRecord {
	readonly key: string;
	readonly id: MessageId;
	readonly body: OutboxBody;
	readonly sentAtMs: number;
	/** Present once it is encrypted: the bytes lie beside it and never change while the server may have them. */
	readonly sealed:
		| {
				readonly clientSeq: number;
				readonly epoch: number;
				/** SHA-256 of the bytes. */
				readonly digest: string;
				/** The version of the profile inside, 0 for none. */
				readonly profileMs: number;
		  }
		| undefined;
	/** The place the server gave it; the row waits for its entry to pass. */
	readonly storedSeq: number | undefined;
}

/** A number of the person's own address book. The name is for this person alone. */
export interface ContactRecord {
	/** E.164. */
	readonly phone: string;
	readonly name: string;
	/** The name goes before the one they give themselves. */
	readonly shown: boolean;
	readonly addedAtMs: number;
	/** The account that had the number when the server was last asked; undefined where it had none that is to be found. */
	readonly account: AccountId | undefined;
	/** When the server was last asked; undefined where the person has not allowed it yet. */
	readonly checkedAtMs: number | undefined;
}

/** How this person may be found, as far as this device alone knows it. */
export interface FindingRecord {
	/** The contact link that was made here: the server has only its hash. */
	readonly link: { readonly token: string; readonly madeAtMs: number } | undefined;
	/** The contacts whom this device told the server of; undefined while others than contacts decide. */
	readonly toldContacts: readonly AccountId[] | undefined;
}
