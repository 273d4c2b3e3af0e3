/**
 * The owners in memory. A log is loaded when something is sent, delivered or changed in it, and leaves memory when it
 * was idle for a while. There is one owner per log and process; between processes the store decides (promise 11).
 */
import { type AccountId, type Clock, EntryKind, type LogId } from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import { LogWatch } from "../business/log-watch.ts";
import type { Businesses, Directory } from "../context.ts";
import type { Events } from "../events.ts";
import { LogOwner } from "./log-owner.ts";
import type { OwnerSurroundings } from "./surroundings.ts";

export interface OwnersLimits {
	/** Owners unused for this long leave memory. */
	readonly idleMs: number;
	/** Above this many, those unused for longest leave earlier. */
	readonly loaded: number;
}

export const OWNERS_LIMITS: OwnersLimits = { idleMs: 60_000, loaded: 20_000 };

/** How far back a conversation with a business is read when it is loaded; earlier messages were written down. */
const WATCHED_BACK = { entries: 64, bytes: 256 * 1024 };

interface OwnersDependencies {
	readonly logs: LogStore;
	readonly directory: Directory;
	readonly businesses: Businesses;
	readonly clock: Clock;
	readonly events: Events;
}

export class LogOwners {
	readonly #loaded = new Map<LogId, LogOwner>();
	readonly #loading = new Map<LogId, Promise<LogOwner | undefined>>();
	/** Abandoned owners with writes under way: the log is not loaded again before these are over. */
	readonly #settling = new Map<LogId, Promise<void>>();
	readonly #surroundings: OwnerSurroundings;
	readonly #logs: LogStore;
	readonly #directory: Directory;
	readonly #businesses: Businesses;
	readonly #clock: Clock;
	readonly #events: Events;
	readonly #limits: OwnersLimits;
	/** Grows with every change of blocks or of what is said to businesses, so that a log that was being loaded asks again. */
	#blocksVersion = 0;
	#closed = false;

	constructor(
		{ logs, directory, businesses, clock, events }: OwnersDependencies,
		surroundings: Omit<OwnerSurroundings, "logs" | "clock" | "abandoned">,
		limits: OwnersLimits = OWNERS_LIMITS,
	) {
		this.#logs = logs;
		this.#directory = directory;
		this.#businesses = businesses;
		this.#clock = clock;
		this.#events = events;
		this.#limits = limits;
		this.#surroundings = { ...surroundings, logs, clock, abandoned: (owner) => this.#abandoned(owner) };
	}

	get size(): number {
		return this.#loaded.size;
	}

	/** The owner, if it is in memory. */
	peek(log: LogId): LogOwner | undefined {
		return this.#loaded.get(log);
	}

	/** The owner; loads the log where it is not in memory. Undefined where there is no such log. Rejects with StoreError. */
	async open(log: LogId): Promise<LogOwner | undefined> {
		const owner = this.#loaded.get(log);
		if (owner !== undefined) return owner;
		let loading = this.#loading.get(log);
		if (loading === undefined) {
			loading = this.#load(log).finally(() => this.#loading.delete(log));
			this.#loading.set(log, loading);
		}
		return loading;
	}

	/** The owner, knowing what the store did when this was its head: the hint that another node wrote may have been lost. */
	async openAt(log: LogId, head: number): Promise<LogOwner | undefined> {
		const owner = await this.open(log);
		if (owner?.isBehind(head) !== true) return owner;
		owner.abandon();
		return this.open(log);
	}

	async #load(log: LogId): Promise<LogOwner | undefined> {
		await this.#settling.get(log);
		const record = await this.#logs.load(log);
		if (record === undefined) return undefined;
		const owner = new LogOwner(this.#surroundings, record);
		let version: number;
		do {
			version = this.#blocksVersion;
			await Promise.all(
				[...owner.members.accounts.values()].map(async (member) => {
					member.blocked = await this.#directory.blockedBy(member.account);
				}),
			);
			await this.#watch(owner);
		} while (version !== this.#blocksVersion);
		this.#loaded.set(log, owner);
		return owner;
	}

	/** The rules of business messages as they are now, where a member is a business. */
	async #watch(owner: LogOwner): Promise<void> {
		const { accounts } = owner.members;
		if (owner.watch === undefined && ![...accounts.keys()].some((account) => this.#businesses.isBusiness(account)))
			return;
		const watch = owner.watch ?? new LogWatch(owner.log, accounts, this.#businesses);
		await watch.refresh();
		if (owner.watch === undefined) {
			const after = Math.max(owner.trimmed, owner.durable - WATCHED_BACK.entries);
			for (const { kind, senderAccount, timeMs } of await this.#logs.read(owner.log, after, WATCHED_BACK))
				if (kind === EntryKind.MESSAGE && senderAccount !== undefined) watch.wrote(senderAccount, timeMs);
		}
		owner.watch = watch;
	}

	/** What this account said, or that it is a business, has changed: known to every log it is in when this resolves. */
	async businessRulesChanged(account: AccountId): Promise<void> {
		this.#blocksVersion++;
		const concerned = [...this.#loaded.values()].filter(({ members }) => members.accounts.has(account));
		for (const owner of concerned) await this.#watchAgain(owner);
	}

	async #watchAgain(owner: LogOwner): Promise<void> {
		try {
			await this.#watch(owner);
		} catch (error) {
			this.#events.failed("asking for what people said to businesses", error);
			owner.abandon();
		}
	}

	/** Fills in whom an account has blocked and what it said to businesses, after members were added. */
	async askBlocks(owner: LogOwner): Promise<void> {
		await this.#watchAgain(owner);
		for (const member of owner.members.accounts.values()) {
			if (member.blocked === undefined) await this.#askBlocks(owner, member.account);
		}
	}

	async #askBlocks(owner: LogOwner, account: AccountId): Promise<void> {
		const member = owner.members.accounts.get(account);
		if (member === undefined) return;
		try {
			let version: number;
			do {
				version = this.#blocksVersion;
				const blocked = await this.#directory.blockedBy(account);
				if (version === this.#blocksVersion) member.blocked = blocked;
			} while (version !== this.#blocksVersion);
			for (const device of member.devices) device.cursor?.reader.pump();
		} catch (error) {
			this.#events.failed("asking for blocks", error);
			owner.abandon();
		}
	}

	/** What this account withholds from itself has changed: nothing goes to it before the new answer is there. */
	blocksChanged(account: AccountId): void {
		this.#blocksVersion++;
		for (const owner of this.#loaded.values()) {
			const member = owner.members.accounts.get(account);
			if (member === undefined) continue;
			member.blocked = undefined;
			void this.#askBlocks(owner, account);
		}
	}

	#abandoned(owner: LogOwner): void {
		if (this.#loaded.get(owner.log) !== owner) return;
		this.#loaded.delete(owner.log);
		if (this.#closed) return;
		const settled = owner.settled().then(() => {
			if (this.#settling.get(owner.log) === settled) this.#settling.delete(owner.log);
		});
		this.#settling.set(owner.log, settled);
		void this.#reload(owner.log);
	}

	/** Attached members of an abandoned owner go on reading with the new one. */
	async #reload(log: LogId): Promise<void> {
		try {
			(await this.open(log))?.resume();
		} catch (error) {
			// The store is down. Whoever sends next tries again; whoever attaches next reads from the store.
			this.#events.failed("loading a log again", error);
		}
	}

	/** The log has moved on another node: what this node knows of it is old. */
	refresh(log: LogId): void {
		const owner = this.#loaded.get(log);
		if (owner !== undefined) owner.abandon();
		else void this.#reload(log);
	}

	/**
	 * Runs `work` with those of these logs that are not in memory, and keeps them out of it until it has ended: whoever
	 * opens one meanwhile finds what `work` wrote. Gives them. Rejects as `work` does.
	 */
	async whileAway<Log extends LogId>(
		logs: readonly Log[],
		work: (away: readonly Log[]) => Promise<void>,
	): Promise<readonly Log[]> {
		const known = [this.#loaded, this.#loading, this.#settling];
		const away = logs.filter((log) => !known.some((those) => those.has(log)));
		const { promise, resolve } = Promise.withResolvers<void>();
		for (const log of away) this.#settling.set(log, promise);
		try {
			await work(away);
			return away;
		} finally {
			for (const log of away) this.#settling.delete(log);
			resolve();
		}
	}

	/** Takes owners out of memory that are idle for long enough; gives them. */
	evictIdle(): readonly LogOwner[] {
		const now = this.#clock.now();
		const surplus = this.#loaded.size - this.#limits.loaded;
		const owners = [...this.#loaded.values()];
		if (surplus > 0) owners.sort((a, b) => a.lastUsedMs - b.lastUsedMs);
		const evicted: LogOwner[] = [];
		for (const owner of owners) {
			if (now - owner.lastUsedMs < this.#limits.idleMs && evicted.length >= surplus) continue;
			if (!owner.isIdle()) continue;
			this.#loaded.delete(owner.log);
			for (const { cursor } of owner.members.list) cursor?.reader.unbind(owner);
			evicted.push(owner);
		}
		return evicted;
	}

	all(): Iterable<LogOwner> {
		return this.#loaded.values();
	}

	/** Resolves when nothing is on its way to the disk any more. */
	async close(): Promise<void> {
		this.#closed = true;
		await Promise.all([...this.#loaded.values()].map((owner) => owner.settled()));
		await Promise.all(this.#settling.values());
	}
}
