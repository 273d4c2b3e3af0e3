/**
 * Who is here now, and when they were here last: for those who have a chat with them open, and who may see it. All of
 * it is soft state of this process but the audience and one time per account, to the minute. Seeing is mutual: who does
 * not show it to somebody does not see it of them (ADR 0016).
 */
import { type AccountId, type Clock, type DeviceId, idBytes } from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import type { Kysely } from "kysely";
import { ReadThrough } from "../accounts/read-through.ts";
import type { Businesses, Directory, Session } from "../context.ts";
import { directAlias } from "../conversations/direct-alias.ts";
import { frameMessage } from "../delivery/wire.ts";
import type { Events } from "../events.ts";
import type { Records } from "../records/schema.ts";
import { NamedContacts } from "./named-contacts.ts";
import type { AudienceName } from "./tables.ts";

const MINUTE_MS = 60_000;
const ACCOUNTS_KEPT = 50_000;
/** Where nobody chose. */
const DEFAULT_AUDIENCE: AudienceName = "contacts";

/** A stream that shows somebody's presence. */
export interface PresenceOutlet {
	write(message: Buffer): void;
}

interface Watch {
	readonly watcher: AccountId;
	readonly target: AccountId;
	readonly outlet: PresenceOutlet;
	/** The two have a direct conversation; undefined while that was not found. */
	acquainted: boolean;
	/** Changes with each look, so that a slow one does not speak last. */
	looks: number;
	told: string | undefined;
	ended: boolean;
}

interface Kept {
	readonly audience: AudienceName;
	readonly lastSeenMs: number | undefined;
}

interface Seen {
	readonly online: boolean;
	/** 0 where it is not known or not to be seen. */
	readonly lastSeenMs: number;
}

const NOTHING: Seen = { online: false, lastSeenMs: 0 };

export interface PresenceParts {
	readonly clock: Clock;
	readonly logs: LogStore;
	readonly records: Kysely<Records>;
	readonly directory: Pick<Directory, "blockedBy">;
	readonly businesses: Pick<Businesses, "isBusiness">;
	readonly events: Events;
}

export class Presence {
	readonly #parts: PresenceParts;
	readonly #kept = new ReadThrough<AccountId, Kept>(ACCOUNTS_KEPT, (accounts) => this.#load(accounts));
	/** Devices in front of which a person is, by account. */
	readonly #here = new Map<AccountId, Set<DeviceId>>();
	readonly #contacts = new NamedContacts();
	readonly #watchesOf = new Map<AccountId, Set<Watch>>();
	/** By who watches: account, device, whom. */
	readonly #watchesBy = new Map<AccountId, Map<DeviceId, ReadonlyMap<AccountId, Watch>>>();
	/** Times that are not in the records yet. */
	readonly #unsaved = new Map<AccountId, number>();

	constructor(parts: PresenceParts) {
		this.#parts = parts;
	}

	// ── What devices say ─────────────────────────────────────────────────────────────────────────────────────────

	/** The person is looking at the app on this device, or does no longer. */
	here({ account, device }: Session, here: boolean): void {
		if (here) this.#came(account, device);
		else this.#left(account, device);
	}

	#came(account: AccountId, device: DeviceId): void {
		const devices = this.#here.get(account);
		if (devices !== undefined) devices.add(device);
		else {
			this.#here.set(account, new Set([device]));
			this.#tell(account);
		}
	}

	#left(account: AccountId, device: DeviceId): void {
		const devices = this.#here.get(account);
		if (devices?.delete(device) !== true || devices.size > 0) return;
		this.#here.delete(account);
		const now = this.#parts.clock.now();
		this.#unsaved.set(account, now - (now % MINUTE_MS));
		this.#tell(account);
	}

	/** Shows these people's presence on this stream, in place of those before. */
	watch({ account, device }: Session, outlet: PresenceOutlet, targets: Iterable<AccountId>): void {
		const before = this.#watchesBy.get(account)?.get(device);
		const after = new Map<AccountId, Watch>();
		for (const target of targets) {
			if (target === account) continue;
			const watch = before?.get(target) ?? this.#begin(account, target, outlet);
			after.set(target, watch);
		}
		for (const watch of before?.values() ?? []) if (!after.has(watch.target)) this.#end(watch);
		this.#noteWatches(account, device, after);
	}

	#noteWatches(account: AccountId, device: DeviceId, watches: ReadonlyMap<AccountId, Watch>): void {
		const devices = this.#watchesBy.get(account) ?? new Map();
		if (watches.size > 0) devices.set(device, watches);
		else devices.delete(device);
		if (devices.size > 0) this.#watchesBy.set(account, devices);
		else this.#watchesBy.delete(account);
	}

	#begin(watcher: AccountId, target: AccountId, outlet: PresenceOutlet): Watch {
		const watch: Watch = { watcher, target, outlet, acquainted: false, looks: 0, told: undefined, ended: false };
		const watches = this.#watchesOf.get(target) ?? new Set();
		this.#watchesOf.set(target, watches.add(watch));
		void this.#look(watch);
		return watch;
	}

	#end(watch: Watch): void {
		watch.ended = true;
		const watches = this.#watchesOf.get(watch.target);
		watches?.delete(watch);
		if (watches?.size === 0) this.#watchesOf.delete(watch.target);
	}

	/** The people whom this account means by its contacts, in place of those named before. */
	nameContacts({ account }: Session, contacts: readonly Uint8Array[]): void {
		this.#contacts.name(account, contacts);
		this.reconsider(account);
	}

	/** The stream is gone, and with it what was said on it. */
	ended({ account, device }: Session): void {
		for (const watch of this.#watchesBy.get(account)?.get(device)?.values() ?? []) this.#end(watch);
		this.#noteWatches(account, device, new Map());
		this.#left(account, device);
	}

	// ── What is chosen ───────────────────────────────────────────────────────────────────────────────────────────

	async audienceOf(account: AccountId): Promise<AudienceName> {
		return (await this.#kept.get(account))?.audience ?? DEFAULT_AUDIENCE;
	}

	/** Durable when it resolves; who watches sees no more than they may from then on. */
	async choose(account: AccountId, audience: AudienceName): Promise<void> {
		const hidden = audience === "nobody" ? { last_seen_ms: null } : {};
		// Neither what was before somebody hid, nor what was while they did.
		if (audience === "nobody" || (await this.audienceOf(account)) === "nobody") this.#unsaved.delete(account);
		if (audience !== "contacts") this.#contacts.forget(account);
		await this.#parts.records
			.insertInto("presence")
			.values({ account_id: account, audience, last_seen_ms: null })
			.onConflict((conflict) => conflict.column("account_id").doUpdateSet({ audience, ...hidden }))
			.execute();
		this.#kept.forget(account);
		this.reconsider(account);
	}

	/** Something changed about whom this account shows itself to: blocks, contacts, its audience. */
	reconsider(account: AccountId): void {
		this.#tell(account);
		for (const watches of this.#watchesBy.get(account)?.values() ?? [])
			for (const watch of watches.values()) void this.#look(watch);
	}

	/** The account ended: its records are gone already. */
	forget(account: AccountId): void {
		this.#unsaved.delete(account);
		this.#here.delete(account);
		this.#contacts.forget(account);
		this.#kept.forget(account);
		this.#tell(account);
	}

	// ── What is told ─────────────────────────────────────────────────────────────────────────────────────────────

	#tell(account: AccountId): void {
		for (const watch of this.#watchesOf.get(account) ?? []) void this.#look(watch);
	}

	/** Tells what may be seen now, where that is something else than before. */
	async #look(watch: Watch): Promise<void> {
		const look = ++watch.looks;
		let seen: Seen;
		try {
			seen = await this.#seen(watch);
		} catch (error) {
			this.#parts.events.failed("presence", error);
			seen = NOTHING;
		}
		const said = `${seen.online} ${seen.lastSeenMs}`;
		if (watch.ended || look !== watch.looks || said === watch.told) return;
		watch.told = said;
		const { online, lastSeenMs } = seen;
		const value = { accountId: idBytes(watch.target), online, lastSeenMs: BigInt(lastSeenMs) };
		watch.outlet.write(frameMessage({ case: "presence", value }));
	}

	async #seen(watch: Watch): Promise<Seen> {
		const { target } = watch;
		if (!(await this.#maySee(watch))) return NOTHING;
		const lastSeenMs = this.#unsaved.get(target) ?? (await this.#kept.get(target))?.lastSeenMs ?? 0;
		return this.#here.has(target) ? { online: true, lastSeenMs: 0 } : { online: false, lastSeenMs };
	}

	async #maySee(watch: Watch): Promise<boolean> {
		const { watcher, target } = watch;
		const { directory, businesses } = this.#parts;
		if (businesses.isBusiness(watcher) || businesses.isBusiness(target)) return false;
		watch.acquainted ||= await this.#areAcquainted(watcher, target);
		if (!watch.acquainted) return false;
		const [byWatcher, byTarget] = await Promise.all([directory.blockedBy(watcher), directory.blockedBy(target)]);
		if (byWatcher.has(target) || byTarget.has(watcher)) return false;
		return (await this.#shows(target, watcher)) && (await this.#shows(watcher, target));
	}

	/** They have a chat: nobody can watch people by guessing their ids, or without having written to them. */
	async #areAcquainted(a: AccountId, b: AccountId): Promise<boolean> {
		const { logs } = this.#parts;
		const log = await logs.findByAlias(directAlias(a, b));
		const subscriptions = (log && (await logs.load(log)))?.subscriptions ?? [];
		return [a, b].every((one) => subscriptions.some(({ account, until }) => account === one && until === undefined));
	}

	async #shows(account: AccountId, to: AccountId): Promise<boolean> {
		switch (await this.audienceOf(account)) {
			case "everyone":
				return true;
			case "contacts":
				return this.#contacts.has(account, to);
			case "nobody":
				return false;
		}
	}

	// ── What is kept ─────────────────────────────────────────────────────────────────────────────────────────────

	/** Writes down when people were here last. What a crash takes with it is lost, and that is all right. */
	async flush(): Promise<void> {
		const unsaved = new Map(this.#unsaved);
		if (unsaved.size === 0) return;
		const accounts = [...unsaved.keys()];
		await this.#parts.records.transaction().execute(async (transaction) => {
			const rows = await transaction
				.selectFrom("account")
				.select("account_id")
				.where("account_id", "in", accounts)
				.execute();
			for (const { account_id } of rows) {
				const last_seen_ms = this.#unsaved.get(account_id);
				if (last_seen_ms === undefined) continue;
				await transaction
					.insertInto("presence")
					.values({ account_id, audience: DEFAULT_AUDIENCE, last_seen_ms })
					.onConflict((conflict) =>
						conflict.column("account_id").doUpdateSet({ last_seen_ms }).where("presence.audience", "!=", "nobody"),
					)
					.execute();
			}
		});
		for (const [account, atMs] of unsaved) {
			if (this.#unsaved.get(account) === atMs) this.#unsaved.delete(account);
			this.#kept.forget(account);
		}
	}

	async #load(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, Kept>> {
		const rows = await this.#parts.records
			.selectFrom("presence")
			.select(["account_id", "audience", "last_seen_ms"])
			.where("account_id", "in", accounts)
			.execute();
		return new Map(
			rows.map(({ account_id, audience, last_seen_ms }) => [
				account_id,
				{ audience, lastSeenMs: last_seen_ms ?? undefined },
			]),
		);
	}
}
