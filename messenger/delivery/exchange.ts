/**
 * Where streams and logs meet: which devices are attached here, which logs are in memory, and the work that goes on
 * beside requests. One per process.
 */
import type { Clock, DeviceId, Timer } from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import type { Businesses, DeliveryDependencies, Directory, Sessions } from "../context.ts";
import type { Events } from "../events.ts";
import type { Presence } from "../presence/presence.ts";
import type { WakeUps } from "../push/wake-ups.ts";
import type { UsageMeter } from "../usage/meter.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { BACKLOG_EVERY_MS, Backlog } from "./backlog.ts";
import { ChallengeSource } from "./challenge.ts";
import { Chore } from "./chore.ts";
import { Franking } from "./franking.ts";
import { Hints } from "./hints.ts";
import { LogOwners, OWNERS_LIMITS, type OwnersLimits } from "./log-owners.ts";
import { Registers } from "./registers.ts";
import { RETENTION_EVERY_MS, Retention } from "./retention.ts";
import { Signals } from "./signals.ts";
import type { Stream } from "./stream.ts";
import { Turn } from "./turn.ts";

export interface Timing {
	/** Nothing heard for this long: the peer is asked whether it is there. */
	readonly pingMs: number;
	/** Nothing heard for this long: the peer is gone. */
	readonly deadMs: number;
	/** Nothing taken or acknowledged for this long, with something waiting: the reader is too slow (4008). */
	readonly slowMs: number;
	/** Each attached device's logs are compared with the store this often, in case a hint was lost (promise 10). */
	readonly recheckMs: number;
}

export const TIMING: Timing = { pingMs: 45_000, deadMs: 75_000, slowMs: 30_000, recheckMs: 900_000 };

const SWEEP_MS = 1000;
/** Logs that nobody uses are looked for this often. */
const EVICT_MS = 10_000;
const BACKGROUND_JOBS = 4;

export class Exchange {
	readonly logs: LogStore;
	readonly clock: Clock;
	readonly sessions: Sessions;
	readonly directory: Directory;
	readonly businesses: Businesses;
	readonly events: Events;
	readonly usage: UsageMeter | undefined;
	readonly presence: Presence | undefined;
	readonly wakeUps: WakeUps | undefined;
	readonly timing: Timing;
	readonly challenges = new ChallengeSource();
	readonly turn = new Turn();
	readonly owners: LogOwners;
	readonly acknowledgements: Acknowledgements;
	readonly registers: Registers;
	readonly signals: Signals;
	readonly hints: Hints;
	readonly retention: Retention;
	readonly backlog: Backlog;
	readonly #chores: readonly Chore[];
	/** The clock at the last sweep: for what needs no more than the second. */
	coarseNowMs: number;
	readonly #attached = new Map<DeviceId, Stream>();
	/** Streams that are not attached yet. */
	readonly #arriving = new Set<Stream>();
	#sweeper: Timer | undefined;
	#sweeps = 0;
	#evictAtMs = 0;
	#background: (() => Promise<void>)[] = [];
	#backgroundRunning = 0;
	#closed = false;

	constructor(
		dependencies: DeliveryDependencies,
		timing: Timing = TIMING,
		limits: OwnersLimits = OWNERS_LIMITS,
		backlogEntries?: number,
	) {
		const { logs, clock, sessions, directory, businesses, events, secrets, hints, usage, presence, wakeUps } =
			dependencies;
		this.logs = logs;
		this.clock = clock;
		this.sessions = sessions;
		this.directory = directory;
		this.businesses = businesses;
		this.events = events;
		this.usage = usage;
		this.presence = presence;
		this.wakeUps = wakeUps;
		this.timing = timing;
		this.coarseNowMs = clock.now();
		this.acknowledgements = new Acknowledgements({ logs, clock, events });
		this.owners = new LogOwners(
			dependencies,
			{
				franking: new Franking(secrets.frankingKey),
				reader: (device) => this.#attached.get(device)?.reader,
				missed: (owner) => {
					this.hints.publish(owner);
					wakeUps?.missed(owner);
				},
				failed: (error) => events.failed("delivering an entry", error),
			},
			limits,
		);
		this.registers = new Registers({ logs, clock, events, owners: this.owners });
		this.signals = new Signals(this.owners);
		this.hints = new Hints(hints, (log) => this.owners.refresh(log));
		this.retention = new Retention({ logs, clock, owners: this.owners });
		const attached = (device: DeviceId) => this.#attached.has(device);
		this.backlog = new Backlog({ logs, clock, events, owners: this.owners, attached }, backlogEntries);
		this.#chores = [
			new Chore("retention", RETENTION_EVERY_MS, () => this.retention.run(), events),
			new Chore("backlog", BACKLOG_EVERY_MS, () => this.backlog.run(), events),
		];
		this.#arm();
	}

	// ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** The stream of a device, from the moment its login was good. */
	attached(device: DeviceId): Stream | undefined {
		return this.#attached.get(device);
	}

	arrived(stream: Stream): void {
		this.#arriving.add(stream);
	}

	attach(device: DeviceId, stream: Stream): void {
		this.#arriving.delete(stream);
		this.#attached.set(device, stream);
	}

	detached(stream: Stream): void {
		this.#arriving.delete(stream);
		const device = stream.session?.device;
		// A newer stream may have taken the place already.
		if (device === undefined || this.#attached.get(device) !== stream) return;
		this.#attached.delete(device);
		this.directory.noteAttached(device, false);
		if (stream.session !== undefined) this.presence?.ended(stream.session);
		this.wakeUps?.detached(device);
		this.#countDelivered(stream);
		if (stream.client !== undefined) this.usage?.count(stream.client, "left", stream.reader?.underWay ?? 0);
	}

	/** Tells the counts of use and delivery what the open streams did since the last time. */
	countStreams(): void {
		for (const stream of this.#attached.values()) {
			if (stream.session !== undefined) this.usage?.present(stream.session.account);
			this.#countDelivered(stream);
		}
	}

	#countDelivered({ client, reader }: Stream): void {
		if (client !== undefined) this.usage?.count(client, "delivered", reader?.takeDelivered() ?? 0);
	}

	get streams(): number {
		return this.#attached.size + this.#arriving.size;
	}

	// ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────

	#arm(): void {
		if (!this.#closed) this.#sweeper = this.clock.after(SWEEP_MS, () => this.#sweep());
	}

	#sweep(): void {
		const now = this.clock.now();
		this.coarseNowMs = now;
		for (const stream of this.#arriving) stream.sweep(now);
		const recheckSweeps = Math.max(1, Math.ceil(this.timing.recheckMs / SWEEP_MS));
		let turn = this.#sweeps % recheckSweeps;
		for (const stream of this.#attached.values()) {
			stream.sweep(now);
			// Each device has its turn once in a round, spread evenly over it.
			if (turn++ % recheckSweeps === 0) this.#lookAgain(stream);
		}
		this.#sweeps++;
		if (now >= this.#evictAtMs) {
			this.#evictAtMs = now + EVICT_MS;
			for (const owner of this.owners.evictIdle()) this.acknowledgements.trimAll(owner);
		}
		for (const chore of this.#chores) chore.runIfDue(now);
		this.#arm();
	}

	/** A device wonders where it stands: what waits for it elsewhere comes sooner than with its turn. */
	lookAgain(device: DeviceId): void {
		const stream = this.#attached.get(device);
		if (stream !== undefined) this.#lookAgain(stream);
	}

	#lookAgain(stream: Stream): void {
		void this.inBackground(() => this.#recheck(stream));
	}

	/** Finds what another node stored while its hint was lost. */
	async #recheck(stream: Stream): Promise<void> {
		const { reader } = stream;
		if (stream.isClosed || reader === undefined) return;
		for (const { log, head } of await this.logs.unreadOf(reader.device)) {
			if (this.owners.peek(log)?.isBehind(head) !== false) this.owners.refresh(log);
		}
	}

	/** Runs work that nobody waits for, a few pieces at a time. Failures are noted. */
	inBackground(work: () => Promise<void>): Promise<void> {
		return new Promise((resolve) => {
			this.#background.push(() =>
				work()
					.catch((error) => this.events.failed("background", error))
					.finally(resolve),
			);
			this.#nextInBackground();
		});
	}

	#nextInBackground(): void {
		if (this.#backgroundRunning >= BACKGROUND_JOBS) return;
		const next = this.#background.shift();
		if (next === undefined) return;
		this.#backgroundRunning++;
		void next().finally(() => {
			this.#backgroundRunning--;
			this.#nextInBackground();
		});
	}

	get isClosed(): boolean {
		return this.#closed;
	}

	// ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** Sends all devices away and waits until everything that was accepted is answered and stored. */
	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		this.#sweeper?.cancel();
		this.#background = [];
		await this.owners.close();
		const now = this.clock.now();
		for (const stream of [...this.#attached.values(), ...this.#arriving]) stream.goAway(now);
		await this.registers.close();
		await this.acknowledgements.close();
		await this.owners.close();
		this.hints.close();
	}
}
