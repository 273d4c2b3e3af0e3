/**
 * Terms, choices and shares as apps see them: the second half of the device's surface (`api.ts`). Everything here is
 * plain data, and everything the server could lie about was checked before it became one of these.
 */
import type { Basis, Field, Purpose } from "@troth/protocol";

export interface RecipientView {
	readonly id: string;
	readonly name: string;
	readonly role: "controller" | "joint" | "processor";
	readonly contact: string;
}

export interface PurposeView {
	readonly id: Purpose;
	readonly title: string;
	/** What goes to whom and why. */
	readonly body: string;
	readonly basis: Basis;
	/** The person decides; without it the purpose rests on another basis. */
	readonly choice: boolean;
	/** How the control is shown before this person touched it; `true` under `opt_out` only, where it may hold for them. */
	readonly initiallyOn: boolean;
	/** Closed to this person, whatever they answer: they are a minor. It can still be refused. */
	readonly barred: boolean;
	readonly fields: readonly Field[];
	readonly recipients: readonly RecipientView[];
	readonly retentionDays: number;
	readonly embargoDays: number;
	/** Without a choice: can the person object? */
	readonly objection: boolean;
	/** They can do so beforehand, once for all: `decide` takes a no, and a yes that ends it. */
	readonly objectable: boolean;
	/** What a yes is bound to, 64 hex digits. */
	readonly purposeHash: string;
}

export interface TermsView {
	readonly version: number;
	readonly publishedAtMs: number;
	readonly summary: readonly string[];
	readonly documents: readonly { readonly id: string; readonly title: string; readonly body: string }[];
	readonly acceptedVersion: number;
	readonly policyHash: string;
	/** What the public log of policies says about this version. */
	readonly policyLog: PolicyLogView;
	readonly model: "opt_in" | "opt_out";
	/** Who is younger is a minor where this person lives. */
	readonly minorBelow: number;
	readonly purposes: readonly PurposeView[];
}

export type PolicyLogView =
	/** This very policy stands in the log that everybody reads. */
	| { readonly kind: "logged"; readonly log: string; readonly index: number; readonly witnesses: readonly string[] }
	/** Published a moment ago: the log does not have it yet. */
	| { readonly kind: "pending" }
	/** The log says otherwise: the version can not be accepted here. */
	| { readonly kind: "contradicted"; readonly reason: string }
	/** It could not be asked: nothing is known, and nothing is held up. */
	| { readonly kind: "unreachable"; readonly reason: string }
	/** This server keeps none. */
	| { readonly kind: "none" };

export type ChoiceState = "unset" | "granted" | "refused" | "withdrawn";

export interface ChoiceView {
	readonly purpose: string;
	readonly state: ChoiceState;
	/** The words that were decided upon; undefined while unset. */
	readonly purposeHash: string | undefined;
	readonly generation: number;
	readonly decidedAtMs: number | undefined;
	/** Id of the decision's receipt. */
	readonly event: string | undefined;
	/** Nothing flows before this. */
	readonly flowsFromMs: number | undefined;
	/** The server takes a yes to a control that stood on before the person touched it. */
	readonly initiallyOn: boolean;
	/** Why nothing flows now, as the decision calls it ("MINOR", "NOT_GRANTED", …); undefined where it flows. */
	readonly denied: string | undefined;
}

/** What rules about regions and minors depend on. Regions are ISO 3166-1 alpha-2; all that are known apply. */
export interface PersonView {
	/** Of the phone number. */
	readonly numberRegion: string | undefined;
	/** Where the person says they live. */
	readonly declaredRegion: string | undefined;
	/** They say that they are younger than `TermsView.minorBelow`. */
	readonly minor: boolean;
}

/** What a person says about themselves; what is left out stays as it is. */
export interface PersonDescription {
	/** Null takes back what was said. */
	readonly declaredRegion?: string | null;
	readonly minor?: boolean;
}

/** Where the account stands. Times are UTC milliseconds; undefined where none applies. */
export interface SharingView {
	/** Who may get what the policy allows. None: nothing is ever shared here, and there is nothing to choose. */
	readonly recipients: readonly { readonly id: string; readonly url: string }[];
	/** The server's clock when it said this: days left are counted from here. */
	readonly serverTimeMs: number;
	readonly phase: "active" | "pending" | "suspended" | "closed";
	readonly acceptedVersion: number;
	readonly acceptedAtMs: number | undefined;
	/** A published version that waits for an answer. */
	readonly pendingVersion: number | undefined;
	readonly noticeDisplayedAtMs: number | undefined;
	/** Accept before this. */
	readonly deadlineMs: number | undefined;
	/** Settings show the choices prominently until then. */
	readonly promptUntilMs: number | undefined;
	readonly choices: readonly ChoiceView[];
	readonly person: PersonView;
	/** Suspended, the account ends when none of its devices was here for so many days, after two warnings; 0: it never does. */
	readonly absenceDays: number;
}

/** How the choice was put before the person; part of the evidence. */
export interface PresentationView {
	readonly control: "switch" | "buttons" | "command";
	readonly initiallyOn: boolean;
	readonly place: "registration" | "notice" | "settings" | "link" | "number";
}

export interface Choice {
	readonly purpose: string;
	readonly granted: boolean;
}

/** A decision of this device with the server's receipt for it. Ids, hashes and signatures are hex. */
export interface ReceiptView {
	readonly event: string;
	readonly decidedAtMs: number;
	/** Undefined while the server's answer is missing. */
	readonly recordedAtMs: number | undefined;
	readonly decisions: readonly { readonly purpose: string; readonly granted: boolean; readonly generation: number }[];
	/** JSON-LD with the fields of ISO/IEC TS 27560, in the words of the W3C's Data Privacy Vocabulary. */
	readonly document: string;
}

/** Why something about a share is not as it has to be. */
export type ShareAlarm =
	/** The proof does not verify; the reason stands there. */
	| "proof"
	/** The leaf is not the one that belongs at this place of the person's chain. */
	| "chain"
	| "place"
	/** It is about somebody else. */
	| "subject"
	/** No yes of this person's device stands behind it. */
	| "not-mine"
	/** Fields or recipient that the purpose does not have, or words that were never published. */
	| "words"
	/** The recipient's receipt does not verify, or is about something else. */
	| "receipt";

export type ProofView =
	| {
			readonly verified: true;
			/** The log's name, as its key says it. */
			readonly log: string;
			readonly index: number;
			/** RFC 6962 leaf hash, hex. */
			readonly leafHash: string;
			readonly treeSize: number;
			/** The signed note that commits to the whole log. */
			readonly checkpoint: string;
			/** Names of those whose cosignatures verify. */
			readonly witnesses: readonly string[];
	  }
	| { readonly verified: false; readonly reason: string };

export type ShareState =
	/** In the log, not yet with the recipient. */
	| "logged"
	/** Attached to an account of the recipient. */
	| "shared"
	/** The time for which its purpose lets the recipient keep it is over. */
	| "expired"
	/** The recipient has no account for it and dropped it at once. */
	| "dropped"
	/** Its recall came first. */
	| "stale"
	| "refused"
	/** In the log, and it never left: the yes ended first. */
	| "withheld"
	/** The recall is in the log, the recipient has not answered. */
	| "recalled"
	/** The recipient deleted it, and what it derived from it. */
	| "acknowledged"
	/** The record can not be opened. */
	| "unreadable";

/** A notice that was displayed before and that nobody has answered. */
export interface TermsReminder {
	readonly version: number;
	/** Days after it was displayed. */
	readonly day: number;
}

/** What the server warned of while the account was suspended and none of its devices here. To be here puts it off. */
export interface AccountEnding {
	/** 1, or 2 for the last one. */
	readonly warning: number;
	/** When the account was to end. */
	readonly endsAtMs: number;
	/** When a device of the account was here last. */
	readonly awaySinceMs: number;
}

export interface ShareView {
	/** Place in the person's chain. */
	readonly n: number;
	readonly kind: "share" | "recall" | "unreadable";
	readonly purpose: string;
	readonly recipient: string;
	/** Empty for recalls. */
	readonly fields: readonly string[];
	readonly generation: number;
	readonly timeMs: number;
	readonly basis: Basis | undefined;
	/** The decision behind it, where this device made it. */
	readonly event: string | undefined;
	/** The words under which it went. */
	readonly words: { readonly version: number; readonly title: string; readonly body: string } | undefined;
	readonly state: ShareState;
	readonly answeredAtMs: number | undefined;
	/** The recipient has to have forgotten it by then, without anybody asking. */
	readonly keptUntilMs: number | undefined;
	/** The record that recalls it. */
	readonly recalledBy: number | undefined;
	readonly proof: ProofView;
	/** Of the recipient's own log; undefined while it has not answered. */
	readonly receipt: ProofView | undefined;
	readonly alarms: readonly ShareAlarm[];
}

/** Does the chain go on in secret? Times are UTC milliseconds. */
export type ChainEnd =
	/** No entry behind no. `after` among the first `size` leaves of the log, as of then. */
	| {
			readonly kind: "complete";
			readonly after: number;
			readonly size: number;
			readonly atMs: number;
			readonly witnesses: readonly string[];
	  }
	/** No. `n` is in the log and was not told: an alarm. */
	| { readonly kind: "hidden"; readonly n: number; readonly size: number }
	/** The index does not verify: an alarm. */
	| { readonly kind: "wrong"; readonly reason: string }
	/** It could not be asked, or is not witnessed, or too old. */
	| { readonly kind: "unchecked"; readonly reason: string };

export interface SharesView {
	/** In the order of the chain. */
	readonly shares: readonly ShareView[];
	/** Places that the server left out. */
	readonly holes: readonly number[];
	/** What the public index says about the place behind the last one. */
	readonly end: ChainEnd;
}

export interface SharingDevice {
	/** A version of the terms, the one in force where none is named. Everything about it is verified. */
	terms(version?: number): Promise<TermsView>;
	/** Signs the acceptance. It decides nothing about sharing. */
	acceptTerms(version: number): Promise<void>;
	/** Where this account stands with the terms and its choices. */
	sharing(): Promise<SharingView>;
	/** The version whose notice came and was not confirmed as displayed yet. */
	notice(): Promise<number | undefined>;
	/** The reminder that waits to be displayed; of the latest day where several came. */
	reminder(): Promise<TermsReminder | undefined>;
	/** The reminder of this version was displayed. */
	reminderShown(version: number): Promise<void>;
	/** The account was about to end; undefined once the person has seen it. */
	accountEnding(): Promise<AccountEnding | undefined>;
	dismissAccountEnding(): Promise<void>;
	/** Signs that this version's notice was displayed: from the first time on, the deadline runs. */
	confirmNotice(version: number): Promise<SharingView>;
	/** Of all regions that apply the strictest rule holds; what it does not allow any more ends, and nothing begins. */
	describePerson(description: PersonDescription): Promise<SharingView>;
	/**
	 * Signs a decision, and a grant for each recipient of each purpose that is allowed. Rejects with PURPOSE_UNKNOWN,
	 * TERMS_NOT_ACCEPTED, PURPOSE_NOT_ALLOWED, CONSENT_CONFLICT (decided elsewhere meanwhile; a `sharing` event follows).
	 */
	decide(decisions: readonly Choice[], presentation: PresentationView): Promise<SharingView>;
	/** "This device has both": hands the recipient's nonce (hex) back to it, signed, inside a grant. */
	linkRecipient(nonce: string, recipient: string): Promise<SharingView>;
	/** Newest last. */
	receipts(): Promise<readonly ReceiptView[]>;
	/** Everything the log holds about this account, verified on this device. Rejects with UNAVAILABLE. */
	shares(): Promise<SharesView>;
}
