/** Everything the parts of one device share. Built once in `open-device.ts`. */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { Get } from "@troth/transparency";
import type { KnownSharing } from "../consent/known-sharing.ts";
import type { HistoryTransfer } from "../linking/history.ts";
import type { ConversationJoiner } from "../linking/join-conversations.ts";
import type { OwnNotes } from "../linking/own-notes.ts";
import type { SigningKeys } from "../mls/engine.ts";
import type { Lanes } from "../outbox/lanes.ts";
import type { Presence } from "../presence/presence.ts";
import type { Signals } from "../signals/signals.ts";
import type { Draft } from "../state/draft.ts";
import type { LocalState } from "../state/local-state.ts";
import type { ProfileRecord } from "../state/records.ts";
import type { Attendance } from "../sync/attendance.ts";
import type { Inbox } from "../sync/inbox.ts";
import type { Rpc } from "../sync/rpc.ts";
import type { Session } from "../sync/session.ts";
import type { Announcer } from "./announcer.ts";
import type { DevicePorts } from "./ports.ts";
import type { Views } from "./views.ts";

export interface DeviceContext extends Omit<DevicePorts, "store" | "openSocket" | "fetch"> {
	readonly self: { readonly account: AccountId; readonly device: DeviceId };
	/** The device key. */
	readonly keys: SigningKeys;
	readonly state: LocalState;
	readonly rpc: Rpc;
	/** Fetches what everybody may read, without anything that says who asks. */
	readonly getPublic: Get;
	readonly session: Session;
	readonly inbox: Inbox;
	readonly lanes: Lanes;
	readonly signals: Signals;
	readonly presence: Presence;
	readonly attendance: Attendance;
	readonly joins: ConversationJoiner;
	readonly ownNotes: OwnNotes;
	readonly history: HistoryTransfer;
	readonly announcer: Announcer;
	readonly views: Views;
	readonly knownSharing: KnownSharing;
	profile(): ProfileRecord;
	changeProfile(change: Partial<ProfileRecord>): Promise<void>;
	/** Takes over what another device of the account changed. */
	followProfile(draft: Draft, change: Partial<ProfileRecord>): Promise<void>;
	/** The server's clock as far as this device knows it, UTC milliseconds. */
	serverNow(): number;
	/**
	 * This profile is a copy or was restored (hazard 16): nothing is sent or acknowledged any more, what waited is
	 * shown as failed.
	 */
	requireRelink(): Promise<void>;
	/** Runs work that nobody waits for; what fails there is tried again at the next occasion. */
	background(work: () => Promise<void>): void;
}
