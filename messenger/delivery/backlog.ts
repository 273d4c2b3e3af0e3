/**
 * What waits for one device is bounded (LIMITS.backlogEntries over all its conversations): above that, the oldest of its
 * longest backlogs are lost to it, and to it alone. Its subscriptions' floors rise, and a Gap says so when it comes.
 * Entries leave the store when nobody else needs them either. The device's own log, with its Welcomes, is never cut.
 */
import { type Clock, type DeviceId, LIMITS } from "@troth/protocol";
import type { LogStore, LogWrite, UnreadLog } from "@troth/storage";
import type { Events } from "../events.ts";
import type { LogOwners } from "./log-owners.ts";

export const BACKLOG_EVERY_MS = 30_000;
/** One device is looked at again after this time at the earliest. */
const AGAIN_MS = 10 * 60_000;
/** A device with less than this part of the limit in a single log is not looked at. */
const SHARE = 200;
/** What is left where something had to go: the next message does not cut again. */
const KEPT_OF_TEN = 9;

export class Backlog {
	readonly #logs: LogStore;
	readonly #owners: LogOwners;
	readonly #clock: Clock;
	readonly #events: Events;
	readonly #attached: (device: DeviceId) => boolean;
	readonly #limit: number;
	readonly #lookedMs = new Map<DeviceId, number>();

	constructor(
		parts: { logs: LogStore; owners: LogOwners; clock: Clock; events: Events; attached: (device: DeviceId) => boolean },
		limit: number = LIMITS.backlogEntries,
	) {
		this.#logs = parts.logs;
		this.#owners = parts.owners;
		this.#clock = parts.clock;
		this.#events = parts.events;
		this.#attached = parts.attached;
		this.#limit = limit;
	}

	/** Cuts what is too long now, of devices for which something was stored lately. */
	async run(): Promise<void> {
		const now = this.#clock.now();
		for (const [device, atMs] of this.#lookedMs) if (now - atMs >= AGAIN_MS) this.#lookedMs.delete(device);
		for (const device of this.#suspects()) {
			this.#lookedMs.set(device, now);
			await this.#cut(device);
		}
	}

	/** Logs stay in memory for a while after each entry: what grows is found here, without a look at the store. */
	#suspects(): ReadonlySet<DeviceId> {
		const suspects = new Set<DeviceId>();
		const much = Math.max(1, this.#limit / SHARE);
		for (const { group, members } of this.#owners.all()) {
			if (group === undefined) continue;
			for (const member of members.list) {
				if (member.end() - member.needed() < much) continue;
				if (!this.#attached(member.device) && !this.#lookedMs.has(member.device)) suspects.add(member.device);
			}
		}
		return suspects;
	}

	async #cut(device: DeviceId): Promise<void> {
		const rows = (await this.#logs.unreadOf(device)).filter(({ leaf }) => leaf !== undefined);
		const waiting = rows.map(lengthOf);
		if (waiting.reduce((sum, length) => sum + length, 0) <= this.#limit) return;
		const level = levelFor(waiting, Math.floor((this.#limit * KEPT_OF_TEN) / 10));
		const steps = rows.flatMap((row): LogWrite[] =>
			lengthOf(row) <= level ? [] : [{ kind: "floor", log: row.log, device, floor: endOf(row) - level }],
		);
		await this.#logs.write(steps);
		for (const step of steps) {
			if (step.kind !== "floor") continue;
			const member = this.#owners.peek(step.log)?.members.get(device);
			if (member !== undefined) member.floor = Math.max(member.floor, step.floor);
		}
		this.#events.backlogCut();
	}
}

const endOf = ({ head, until }: UnreadLog) => Math.min(head, until ?? head);

function lengthOf(row: UnreadLog): number {
	return Math.max(0, endOf(row) - Math.max(row.from, row.acked, row.floor, row.trimmed));
}

/** The largest number of entries that each log may keep, so that all together keep at most `most`. */
export function levelFor(lengths: readonly number[], most: number): number {
	let left = most;
	const sorted = lengths.toSorted((a, b) => a - b);
	for (const [at, length] of sorted.entries()) {
		const share = Math.floor(left / (sorted.length - at));
		if (length > share) return share;
		left -= length;
	}
	return sorted.at(-1) ?? 0;
}
