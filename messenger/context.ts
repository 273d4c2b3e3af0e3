/**
 * Everything an endpoint may reach. Built once in `server.ts`, passed to every endpoint, never imported as a global.
 */
import type { Client } from "@connectrpc/connect";
import type { PolicyKey, PublishedTerms } from "@troth/bridge";
import type {
	AccountId,
	BridgeService,
	BusinessCategory,
	Clock,
	DeviceId,
	EntryKind,
	LogId,
	Signed,
} from "@troth/protocol";
import type { BlobStore, HintBus, LogStore } from "@troth/storage";
import type { Kysely } from "kysely";
import type { AbuseLimits } from "./abuse/limits.ts";
import type { AccountDirectory } from "./accounts/directory.ts";
import type { BusinessDirectory } from "./business/business-directory.ts";
import type { Said } from "./business/category-rule.ts";
import type { CodeSender } from "./codes/port.ts";
import type { OpenDelivery } from "./delivery/index.ts";
import type { Events } from "./events.ts";
import type { Mailboxes } from "./linking/mailboxes.ts";
import type { Backups } from "./operator/backup.ts";
import type { Presence } from "./presence/presence.ts";
import type { WakeUps } from "./push/wake-ups.ts";
import type { RateLimits } from "./rate-limits/rate-limits.ts";
import type { Records } from "./records/schema.ts";
import type { CodeLimits } from "./registration/code-limits.ts";
import type { Secrets } from "./secrets.ts";
import type { DeviceSessions } from "./sessions/sessions.ts";
import type { SharingOptions } from "./sharing/options.ts";
import type { TermsRollout } from "./terms/rollout.ts";
import type { UsageMeter } from "./usage/meter.ts";

/** Where a device's request comes from, after its token or login was verified. */
export interface Session {
	readonly account: AccountId;
	readonly device: DeviceId;
}

/** Who asks, as far as the connection tells. */
export interface Caller {
	/** Of the peer, or what a trusted proxy says it is. */
	readonly address: string;
}

/** Whether sends, new conversations and the like are taken from an account. */
export type Service =
	/** Yes; ask again from `untilMs` on (Infinity where no deadline runs). */
	| { readonly open: true; readonly untilMs: number }
	/** Nothing is accepted yet, or the deadline of a newer version passed. */
	| { readonly open: false; readonly code: "TERMS_NOT_ACCEPTED" | "SUSPENDED" };

/** What delivery needs to know about accounts; implemented in `accounts/directory.ts`. */
export interface Directory {
	/** Undefined for devices that do not exist or are no longer in their account's signed list. */
	device(device: DeviceId): Promise<{ readonly account: AccountId; readonly signatureKey: Uint8Array } | undefined>;
	/** The devices in the account's current signed list. */
	devicesOf(account: AccountId): Promise<readonly { readonly device: DeviceId; readonly signatureKey: Uint8Array }[]>;
	/** The accounts that this account blocked. Cheap: cached, invalidated on change. */
	blockedBy(account: AccountId): Promise<ReadonlySet<AccountId>>;
	/** May this account use the service now? Cheap: cached, invalidated on change. */
	service(account: AccountId): Promise<Service>;
	noteAttached(device: DeviceId, attached: boolean): void;
}

/** What one person decided, by business and category. */
export type SaidToBusinesses = ReadonlyMap<AccountId, ReadonlyMap<BusinessCategory, Said>>;

/** What delivery needs to know about businesses; implemented in `business/business-directory.ts`. */
export interface Businesses {
	/** At once, from memory: asked for every log that is loaded. */
	isBusiness(account: AccountId): boolean;
	/** Cheap: cached, invalidated on change. */
	saidBy(person: AccountId): Promise<SaidToBusinesses>;
	/** When the members of this log last wrote, as far as it was noted. */
	wroteIn(log: LogId): Promise<ReadonlyMap<AccountId, number>>;
	/** Somebody wrote in a conversation with a business; written down soon. */
	noteWrote(log: LogId, person: AccountId, atMs: number): void;
}

/** What accounts need from delivery; implemented in `delivery/`. */
export interface Delivery {
	/** A new device: its own log and the subscription to it, durable when it resolves. */
	openDeviceLog(account: AccountId, device: DeviceId): Promise<void>;
	/** Devices that left the account: streams are closed (4410), subscriptions end, their leaves wait for removal. */
	dropDevices(account: AccountId, devices: readonly DeviceId[]): Promise<void>;
	/** Ends the streams of these devices, which may come back with a new login. */
	endStreams(devices: readonly DeviceId[]): void;
	/** Blocks changed: takes effect on the next entry delivered. */
	blocksChanged(account: AccountId): void;
	/** The account became a business or decided something about one. The next send is judged anew when it resolves. */
	businessRulesChanged(account: AccountId): Promise<void>;
	/** Is a stream of this device open now? */
	attached(device: DeviceId): boolean;
	/**
	 * Puts an entry of the server's own into the logs of these devices; durable when it resolves. `unlessThere`: leaves
	 * out the devices whose logs have it already, for who goes on after a crash.
	 */
	notifyDevices(
		devices: Iterable<DeviceId>,
		kind: EntryKind,
		payload: Uint8Array,
		options?: { readonly unlessThere: boolean },
	): Promise<void>;
	/** The accounts that share a conversation with this one, itself included, and their devices in there. */
	contactsOf(account: AccountId): Promise<ReadonlyMap<AccountId, ReadonlySet<DeviceId>>>;
}

/** Logins and session tokens; implemented in `sessions/`. Every method refuses with UNAUTHENTICATED or DEVICE_REMOVED. */
export interface Sessions {
	/** 32 bytes for a device to sign; good once, for LIMITS.challengeMs. */
	newChallenge(): { readonly challenge: Uint8Array<ArrayBuffer>; readonly expiresAtMs: number };
	/**
	 * Checks a signed LoginStatement against the challenge that this connection was given, the server's origin and the
	 * device's key. The caller sees to it that its challenge serves for one login only.
	 */
	verifyLogin(login: Signed | undefined, expectedChallenge: Uint8Array): Promise<Session>;
	issueToken(session: Session): { readonly token: string; readonly expiresAtMs: number };
	/** Also checks that the device is still in its account's list: a removed device's tokens end at once. */
	verifyToken(token: string): Promise<Session>;
}

export interface Stores {
	readonly logs: LogStore;
	readonly blobs: BlobStore;
	readonly hints: HintBus;
	readonly clock: Clock;
}

/** What the delivery side is opened with: all of the context except itself. */
export interface DeliveryDependencies extends Stores {
	/** The public origin, e.g. "http://127.0.0.1:7000". */
	readonly origin: string;
	readonly directory: Directory;
	readonly businesses: Businesses;
	readonly sessions: Sessions;
	readonly secrets: Secrets;
	readonly events: Events;
	/** Undefined where nothing can be shared: then nothing is counted. */
	readonly usage?: UsageMeter | undefined;
	/** Undefined where nobody is told who is here. */
	readonly presence?: Presence;
	/** Undefined where nobody is woken. */
	readonly wakeUps?: WakeUps | undefined;
}

export interface MessengerContext extends DeliveryDependencies {
	readonly directory: AccountDirectory;
	readonly businesses: BusinessDirectory;
	readonly presence: Presence;
	readonly wakeUps: WakeUps | undefined;
	readonly sessions: DeviceSessions;
	readonly records: Kysely<Records>;
	readonly delivery: OpenDelivery;
	readonly codes: CodeSender;
	readonly rateLimits: RateLimits;
	readonly mailboxes: Mailboxes;
	/** Undefined where codes reach no phone: then they cost nothing. */
	readonly codeLimits: CodeLimits | undefined;
	readonly limits: AbuseLimits;
	readonly terms: PublishedTerms;
	readonly rollout: TermsRollout;
	/** A suspended account that none of its devices comes to for so many days ends; 0 keeps it for ever. */
	readonly absenceDays: number;
	readonly policyKey: PolicyKey;
	/** Undefined where nobody knows where the other parts have their files. */
	readonly backups: Backups | undefined;
	/** Undefined where nothing can be shared; then so is `door`. */
	readonly sharing: SharingOptions | undefined;
	readonly door: Client<typeof BridgeService> | undefined;
}
