/**
 * Who is here: what this device says of its person, and what it is told of those whose chat is open. Both hold for a
 * while only and are repeated by the app, so that a tab that is gone is soon forgotten. Nothing of it is stored.
 */
import {
	type AccountId,
	type Attached,
	Audience,
	idBytes,
	LIMITS,
	type Presence as PresenceFrame,
	readId,
	type Timer,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { type AudienceName, HERE_MS, type PresenceView, WATCH_MS } from "../device/presence-api.ts";
import { contacts } from "../finding/contacts.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";

/** After a change, the contacts are counted anew, not more often than this. */
const RECOUNT_MS = 2_000;

const AUDIENCES: Readonly<Record<AudienceName, Audience>> = {
	everyone: Audience.EVERYONE,
	contacts: Audience.CONTACTS,
	nobody: Audience.NOBODY,
};

interface Watched {
	untilMs: number;
	known: PresenceView;
}

export class Presence {
	readonly #context: () => DeviceContext;
	/** The server of the present stream knows presence. */
	#supported = false;
	#hereUntilMs = 0;
	#saidHere = false;
	readonly #watched = new Map<AccountId, Watched>();
	#toldWatched = "";
	#toldContacts = "";
	#lapse: Timer | undefined;
	#recount: Timer | undefined;
	#unsubscribe: (() => void) | undefined;

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	// ── The stream ───────────────────────────────────────────────────────────────────────────────────────────────

	attached({ presence }: Attached): void {
		this.#supported = presence;
		if (!presence) return;
		this.#saidHere = false;
		this.#toldWatched = "";
		this.#toldContacts = "";
		// Conversations and contacts change in many places; each of them is told to the app.
		this.#unsubscribe ??= this.#context().announcer.subscribe(({ type }) => {
			if (type === "conversation") this.#recountSoon();
		});
		this.#say();
		this.#context().background(() => this.#tellContacts());
	}

	/** What was known of others is not known any more. */
	detached(): void {
		this.#supported = false;
		for (const { known } of this.#watched.values())
			if (known.online) this.#learn({ account: known.account, online: false, lastSeenMs: undefined });
	}

	frame({ accountId, online, lastSeenMs }: PresenceFrame): void {
		const account = readId<AccountId>(accountId);
		if (account === undefined) return;
		this.#learn({ account, online, lastSeenMs: lastSeenMs === 0n ? undefined : Number(lastSeenMs) });
	}

	#learn(presence: PresenceView): void {
		const watched = this.#watched.get(presence.account);
		if (watched === undefined) return;
		watched.known = presence;
		this.#context().announcer.emit({ type: "presence", presence });
	}

	// ── What the app says ────────────────────────────────────────────────────────────────────────────────────────

	here(): void {
		this.#hereUntilMs = this.#context().clock.now() + HERE_MS;
		this.#say();
	}

	watch(account: AccountId): PresenceView {
		const untilMs = this.#context().clock.now() + WATCH_MS;
		const watched = this.#watched.get(account) ?? { untilMs, known: nothing(account) };
		watched.untilMs = untilMs;
		this.#watched.delete(account);
		this.#watched.set(account, watched);
		for (const oldest of this.#watched.keys()) {
			if (this.#watched.size <= LIMITS.presenceWatched) break;
			this.#watched.delete(oldest);
		}
		this.#say();
		return watched.known;
	}

	/** Tells the server what it does not know yet, and comes back when the next of it lapses. */
	#say(): void {
		const { clock, session } = this.#context();
		const now = clock.now();
		for (const [account, { untilMs }] of this.#watched) if (untilMs <= now) this.#watched.delete(account);
		const here = this.#hereUntilMs > now;
		if (this.#supported && here !== this.#saidHere && session.send({ case: "here", value: { here } }))
			this.#saidHere = here;
		const accounts = [...this.#watched.keys()].sort();
		const watched = accounts.join();
		const accountIds = accounts.map((account) => idBytes(account));
		if (
			this.#supported &&
			watched !== this.#toldWatched &&
			session.send({ case: "watchPresence", value: { accountIds } })
		)
			this.#toldWatched = watched;
		this.#wakeAt(Math.min(here ? this.#hereUntilMs : Infinity, ...[...this.#watched.values()].map((w) => w.untilMs)));
	}

	#wakeAt(dueMs: number): void {
		this.#lapse?.cancel();
		const { clock } = this.#context();
		this.#lapse = Number.isFinite(dueMs) ? clock.after(dueMs - clock.now(), () => this.#say()) : undefined;
	}

	// ── Who may see ──────────────────────────────────────────────────────────────────────────────────────────────

	async audience(): Promise<AudienceName> {
		const { rpc } = this.#context();
		const { audience } = await rpc.presence.getPresenceAudience({});
		const name = (Object.keys(AUDIENCES) as AudienceName[]).find((one) => AUDIENCES[one] === audience) ?? "nobody";
		await this.#keepAudience(name);
		return name;
	}

	async setAudience(audience: AudienceName): Promise<void> {
		const { rpc } = this.#context();
		// Named first: otherwise nobody would see anything for a moment.
		await this.#keepAudience(audience);
		await rpc.presence.setPresenceAudience({ audience: AUDIENCES[audience] });
		this.#toldContacts = "";
		await this.#tellContacts();
	}

	async #keepAudience(audience: AudienceName): Promise<void> {
		const { state } = this.#context();
		if ((await state.read(KEYS.presence))?.audience === audience) return;
		await state.transact(async (draft) => draft.write(KEYS.presence, { audience }));
	}

	#recountSoon(): void {
		if (this.#recount !== undefined || !this.#supported) return;
		const context = this.#context();
		this.#recount = context.clock.after(RECOUNT_MS, () => {
			this.#recount = undefined;
			context.background(() => this.#tellContacts());
		});
	}

	/** Only to be seen by contacts, and only those who have a chat with this person: nobody else can watch anyway. */
	async #tellContacts(): Promise<void> {
		const context = this.#context();
		const { state, session } = context;
		if (((await state.read(KEYS.presence))?.audience ?? "contacts") !== "contacts") return;
		const records = [...state.keptWithin<ConversationRecord>(KEYS.conversations)];
		const peers = new Set(records.filter(({ kind }) => kind === "direct").map(({ peer }) => peer));
		const named = (await contacts(context)).filter((account) => peers.has(account)).slice(0, LIMITS.presenceContacts);
		const told = named.join();
		if (!this.#supported || told === this.#toldContacts) return;
		const accountIds = named.map((account) => idBytes(account));
		if (session.send({ case: "presenceContacts", value: { accountIds } })) this.#toldContacts = told;
	}

	close(): void {
		this.#lapse?.cancel();
		this.#recount?.cancel();
		this.#unsubscribe?.();
	}
}

function nothing(account: AccountId): PresenceView {
	return { account, online: false, lastSeenMs: undefined };
}
