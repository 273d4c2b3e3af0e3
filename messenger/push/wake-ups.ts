/**
 * Wakes devices that are away when somebody wrote to them: at most once until they were here again. What is due follows
 * from the logs, so that a lost wake-up or a crash costs only time; what this file keeps is who has an endpoint, and
 * whether it was used since the device was here. What is sent is the same for everybody (`post.ts`).
 */
import { type AccountId, type Clock, type DeviceId, EntryKind, type Timer } from "@troth/protocol";
import type { LogStore, UnreadLog } from "@troth/storage";
import type { Kysely } from "kysely";
import type { Directory } from "../context.ts";
import type { LogOwner } from "../delivery/log-owner.ts";
import type { Events } from "../events.ts";
import type { Records } from "../records/schema.ts";
import { type PushAnswer, postWakeUp } from "./post.ts";
import type { PushServices } from "./services.ts";
import type { Vapid } from "./vapid.ts";

/** After something was stored for a device that is away: it may just be coming back. */
const SETTLE_MS = 1_000;
/** After a device went, and after a start: it mostly comes back by itself. */
const GRACE_MS = 60_000;
const RETRY_MS = 30_000;
const RETRY_MAX_MS = 3_600_000;
const RETRIES = 12;
/** Requests to push services at the same time. */
const AT_ONCE = 32;
/** How far one log is looked through for something urgent. */
const PAGE = { entries: 256, bytes: 256 * 1024 };

/** How a wake-up ended, for the counters. */
export type PushOutcome = "sent" | "gone" | "refused" | "later" | "unreachable";

interface Subscribed {
	readonly device: DeviceId;
	readonly account: AccountId;
	/** It was woken, and was not here since. */
	woken: boolean;
	/** When it is looked at. */
	timer: Timer | undefined;
	/** It waits for its turn to be woken, or is being. */
	queued: boolean;
	retries: number;
	ended: boolean;
}

export interface WakeUpParts {
	readonly clock: Clock;
	readonly records: Kysely<Records>;
	readonly logs: LogStore;
	readonly directory: Pick<Directory, "blockedBy">;
	readonly events: Events;
	readonly vapid: Vapid;
	readonly services: PushServices;
	/** Between 0 and 1, so that not everything is tried again in the same moment. */
	readonly fraction: () => number;
	readonly post?: typeof postWakeUp;
}

export class WakeUps implements AsyncDisposable {
	readonly #parts: WakeUpParts;
	readonly #subscribed = new Map<DeviceId, Subscribed>();
	/** Logs in which something was stored that somebody did not get. */
	#moved = new Set<LogOwner>();
	#look: Timer | undefined;
	#isHere: (device: DeviceId) => boolean = () => false;
	readonly #waiting: Subscribed[] = [];
	readonly #running = new Set<Promise<void>>();
	#closed = false;

	private constructor(parts: WakeUpParts) {
		this.#parts = parts;
	}

	/** Reads who has an endpoint. */
	static async open(parts: WakeUpParts): Promise<WakeUps> {
		const wakeUps = new WakeUps(parts);
		const rows = await parts.records
			.selectFrom("push_subscription")
			.select(["device_id", "account_id", "woken_at_ms"])
			.execute();
		for (const { device_id, account_id, woken_at_ms } of rows)
			wakeUps.#subscribed.set(device_id, newSubscribed(device_id, account_id, woken_at_ms !== null));
		return wakeUps;
	}

	/** What was stored before a crash, or while the last wake-up waited, is looked for once. */
	begin(isHere: (device: DeviceId) => boolean): void {
		this.#isHere = isHere;
		for (const one of this.#subscribed.values()) this.#lookAt(one, GRACE_MS);
	}

	get publicKey(): Uint8Array<ArrayBuffer> {
		return this.#parts.vapid.publicKey;
	}

	/** Does this server talk to that service? */
	takes(endpoint: string): boolean {
		return this.#parts.services.endpoint(endpoint) !== undefined;
	}

	// ── Who is woken ─────────────────────────────────────────────────────────────────────────────────────────────

	/** Durable when it resolves. A browser belongs to one device: another one's row with this endpoint goes. */
	async subscribe(account: AccountId, device: DeviceId, endpoint: string): Promise<void> {
		const { records, clock } = this.#parts;
		const row = { account_id: account, endpoint, subscribed_at_ms: clock.now(), woken_at_ms: null };
		const replaced = await records.transaction().execute(async (transaction) => {
			const others = await transaction
				.deleteFrom("push_subscription")
				.where("endpoint", "=", endpoint)
				.where("device_id", "!=", device)
				.returning("device_id")
				.execute();
			await transaction
				.insertInto("push_subscription")
				.values({ device_id: device, ...row })
				.onConflict((conflict) => conflict.column("device_id").doUpdateSet(row))
				.execute();
			return others;
		});
		for (const { device_id } of replaced) this.#end(device_id);
		this.#end(device);
		this.#subscribed.set(device, newSubscribed(device, account, false));
	}

	async unsubscribe(device: DeviceId): Promise<void> {
		await this.#parts.records.deleteFrom("push_subscription").where("device_id", "=", device).execute();
		this.#end(device);
	}

	/** The device left its account, and its row is gone. */
	forget(device: DeviceId): void {
		this.#end(device);
	}

	#end(device: DeviceId): void {
		const one = this.#subscribed.get(device);
		if (one === undefined) return;
		one.ended = true;
		one.timer?.cancel();
		this.#subscribed.delete(device);
	}

	// ── What happens ─────────────────────────────────────────────────────────────────────────────────────────────

	/** An entry was stored, and a member who may have it is not here. Called for each one: it must cost nothing. */
	missed(owner: LogOwner): void {
		if (this.#subscribed.size === 0 || owner.group === undefined || this.#closed) return;
		this.#moved.add(owner);
		this.#look ??= this.#parts.clock.after(SETTLE_MS, () => this.#lookAtMoved());
	}

	#lookAtMoved(): void {
		this.#look = undefined;
		const moved = this.#moved;
		this.#moved = new Set();
		for (const { members } of moved)
			for (const { device } of members.list) {
				const one = this.#subscribed.get(device);
				// Where the service has to be asked again, it is asked when its time has come.
				if (one !== undefined && one.retries === 0) this.#lookAt(one, 0);
			}
	}

	/** The device is here: it may be woken again when it has gone. */
	attached(device: DeviceId): void {
		const one = this.#subscribed.get(device);
		if (one === undefined) return;
		one.timer?.cancel();
		one.timer = undefined;
		one.retries = 0;
		if (!one.woken) return;
		one.woken = false;
		this.#inBackground(() => this.#note(one, null));
	}

	/** What was on its way to it may have got lost. */
	detached(device: DeviceId): void {
		const one = this.#subscribed.get(device);
		if (one !== undefined) this.#lookAt(one, GRACE_MS);
	}

	/** Something lies in these devices' own logs that is worth a second wake-up. Durable when it resolves. */
	async wakeAgain(devices: readonly DeviceId[]): Promise<void> {
		for (const device of devices) {
			const one = this.#subscribed.get(device);
			if (one === undefined) continue;
			one.retries = 0;
			await this.#note(one, null);
			this.#lookAt(one, 0);
		}
	}

	// ── Waking ───────────────────────────────────────────────────────────────────────────────────────────────────

	#lookAt(one: Subscribed, delayMs: number): void {
		if (one.woken || one.ended || this.#closed) return;
		one.timer?.cancel();
		one.timer = this.#parts.clock.after(delayMs, () => {
			one.timer = undefined;
			if (!one.queued) this.#waiting.push(one);
			one.queued = true;
			this.#next();
		});
	}

	#next(): void {
		while (this.#running.size < AT_ONCE && !this.#closed) {
			const one = this.#waiting.shift();
			if (one === undefined) return;
			this.#inBackground(async () => {
				try {
					await this.#wake(one);
				} finally {
					one.queued = false;
				}
			});
		}
	}

	#inBackground(work: () => Promise<void>): void {
		const running = work()
			.catch((error: unknown) => this.#parts.events.jobFailed("wake-ups", error))
			.finally(() => {
				this.#running.delete(running);
				this.#next();
			});
		this.#running.add(running);
	}

	async #wake(one: Subscribed): Promise<void> {
		const { device } = one;
		const over = () => one.ended || one.woken || this.#isHere(device);
		if (over() || !(await this.#hasUrgent(one)) || over()) return;
		const row = await this.#parts.records
			.selectFrom("push_subscription")
			.select("endpoint")
			.where("device_id", "=", device)
			.executeTakeFirst();
		const endpoint = row && this.#parts.services.endpoint(row.endpoint);
		// The operator took the service off the list.
		if (endpoint === undefined) return this.unsubscribe(device);
		const authorization = await this.#parts.vapid.authorization(endpoint.url.origin);
		const answer = await (this.#parts.post ?? postWakeUp)(endpoint, authorization);
		const outcome = outcomeOf(answer);
		this.#parts.events.wakeUp(outcome);
		if (one.ended) return;
		if (outcome === "sent") return this.#note(one, this.#parts.clock.now());
		if (outcome === "gone") return this.unsubscribe(device);
		if (++one.retries <= RETRIES) this.#lookAt(one, this.#retryMs(one, answer));
	}

	async #note(one: Subscribed, wokenAtMs: number | null): Promise<void> {
		// It came while the wake-up was on its way: this one is over already.
		one.woken = wokenAtMs !== null && !this.#isHere(one.device);
		await this.#parts.records
			.updateTable("push_subscription")
			.set({ woken_at_ms: one.woken ? wokenAtMs : null })
			.where("device_id", "=", one.device)
			.execute();
	}

	/** As the service wishes, else longer each time. */
	#retryMs({ retries }: Subscribed, answer: PushAnswer): number {
		const wished = answer.kind === "answered" ? Number(answer.retryAfter) * 1000 : Number.NaN;
		const ours = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (retries - 1)) * (0.5 + this.#parts.fraction() / 2);
		return wished >= 0 ? Math.max(ours, Math.min(wished, RETRY_MAX_MS)) : ours;
	}

	/** Has somebody written to this device, whom its person did not block, or is its account to end? Nothing else wakes. */
	async #hasUrgent({ device, account }: Subscribed): Promise<boolean> {
		const { logs, directory } = this.#parts;
		const unread = await logs.unreadOf(device);
		if (await this.#isWarned(unread.find((row) => row.log === device))) return true;
		const rows = unread.filter(({ leaf }) => leaf !== undefined);
		if (rows.length === 0) return false;
		const blocked = await directory.blockedBy(account);
		for (const row of rows)
			for (const { kind, senderAccount, seq } of await logs.read(row.log, settledOf(row), PAGE))
				if (
					kind === EntryKind.MESSAGE &&
					senderAccount !== undefined &&
					senderAccount !== account &&
					!blocked.has(senderAccount) &&
					seq <= (row.until ?? seq)
				)
					return true;
		return false;
	}

	/** Looks through all that waits in a device's own log. */
	async #isWarned(own: UnreadLog | undefined): Promise<boolean> {
		if (own === undefined) return false;
		for (let after = settledOf(own); ; ) {
			const entries = await this.#parts.logs.read(own.log, after, PAGE);
			if (entries.some(({ kind }) => kind === EntryKind.ACCOUNT_ENDING)) return true;
			const last = entries.at(-1);
			if (last === undefined) return false;
			after = last.seq;
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed = true;
		this.#look?.cancel();
		for (const { timer } of this.#subscribed.values()) timer?.cancel();
		await Promise.all(this.#running);
	}
}

const settledOf = ({ from, acked, floor, trimmed }: UnreadLog) => Math.max(from, acked, floor, trimmed);

function newSubscribed(device: DeviceId, account: AccountId, woken: boolean): Subscribed {
	return { device, account, woken, timer: undefined, queued: false, retries: 0, ended: false };
}

/** RFC 8030 section 5: 201 where it was taken; 404 and 410 (section 7.3) where nobody is there any more. */
function outcomeOf(answer: PushAnswer): PushOutcome {
	if (answer.kind === "unreachable") return "unreachable";
	const { status } = answer;
	if (status >= 200 && status < 300) return "sent";
	if (status === 404 || status === 410) return "gone";
	return status === 429 || status >= 500 ? "later" : "refused";
}
