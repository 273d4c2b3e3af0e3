/** Who is here, and who may see that, as apps see it: a part of the device's surface (`api.ts`). */
import type { AccountId } from "@troth/protocol";

/** Who may see something. `contacts`: whom this person wrote to directly, and imported contacts. */
export type AudienceName = "everyone" | "contacts" | "nobody";

export const AUDIENCE_NAMES: readonly AudienceName[] = ["everyone", "contacts", "nobody"];

/** What may be seen of a person now. Where nothing may be, it looks like somebody who was never here. */
export interface PresenceView {
	readonly account: AccountId;
	readonly online: boolean;
	/** To the minute, UTC milliseconds. */
	readonly lastSeenMs: number | undefined;
}

export type PresenceEvent = { readonly type: "presence"; readonly presence: PresenceView };

export interface PresenceDevice {
	/**
	 * The person is looking at the app now. It holds for `HERE_MS` and is repeated as long as it is true: nobody has to
	 * say that it ended, and a closed tab can not forget to.
	 */
	here(): Promise<void>;
	/**
	 * A chat with this person is open: `presence` events come for `WATCH_MS`, and the call is repeated as long as it is.
	 * Gives what is known so far.
	 */
	watchPresence(account: AccountId): Promise<PresenceView>;
	/** Who may see when this person is here. Rejects with UNAVAILABLE. */
	presenceAudience(): Promise<AudienceName>;
	/** Holds at once. Who does not show it to somebody does not see it of them either. Rejects with UNAVAILABLE. */
	setPresenceAudience(audience: AudienceName): Promise<void>;
}

export const HERE_MS = 45_000;
export const WATCH_MS = 90_000;
