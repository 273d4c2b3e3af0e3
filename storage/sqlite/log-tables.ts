/** The steps that go straight into the tables: everything but appends, acknowledgements and trims. */
import type Database from "better-sqlite3";
import type { DecodedStep, GroupState, SubscribeStep } from "./group-decoder.ts";
import type { STEP } from "./group-layout.ts";
import type { CachedSubscription } from "./log-cache.ts";

type Step<Op extends DecodedStep["op"]> = Extract<DecodedStep, { op: Op }>;

const NOTHING = new Uint8Array();

export class LogTables {
	readonly #selectAlias;
	readonly #insertLog;
	readonly #insertGroup;
	readonly #updateGroup;
	readonly #updatePending;
	readonly #deleteOldSubscription;
	readonly #insertSubscription;
	readonly #deleteSubscription;
	readonly #updateUntil;
	readonly #updateFloor;
	readonly #putRegister;

	constructor(db: Database.Database) {
		this.#selectAlias = db.prepare<[string], string>("SELECT lower(hex(id)) FROM logs WHERE alias = ?").pluck();
		this.#insertLog = db.prepare("INSERT INTO logs (id, alias, head, trimmed, purged) VALUES (?, ?, 0, 0, 0)");
		this.#insertGroup = db.prepare(`
			INSERT INTO groups (log, kind, epoch, group_info, tree, tree_bytes, pending_removals)
			VALUES (?, ?, ?, ?, ?, ?, ?)`);
		this.#updateGroup = db.prepare(`
			UPDATE groups SET epoch = ?, group_info = ?, tree = ?, tree_bytes = ?, pending_removals = ? WHERE log = ?`);
		this.#updatePending = db.prepare("UPDATE groups SET pending_removals = ? WHERE log = ?");
		this.#deleteOldSubscription = db.prepare("DELETE FROM subscriptions WHERE log = ? AND device = ?");
		this.#insertSubscription = db.prepare(`
			INSERT INTO subscriptions (log, device, account, leaf, role, from_seq, acked, floor, until)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
		this.#deleteSubscription = db.prepare("DELETE FROM subscriptions WHERE n = ?");
		this.#updateUntil = db.prepare("UPDATE subscriptions SET until = ? WHERE n = ?");
		this.#updateFloor = db.prepare("UPDATE subscriptions SET floor = max(floor, ?) WHERE log = ? AND device = ?");
		this.#putRegister = db.prepare(`
			INSERT INTO registers (log, device, version, sealed) VALUES (?, ?, ?, ?)
			ON CONFLICT (log, device) DO UPDATE SET version = excluded.version, sealed = excluded.sealed
			WHERE excluded.version > version`);
	}

	/** The log that has this alias, in hex. */
	logOfAlias(alias: string): string | undefined {
		return this.#selectAlias.get(alias);
	}

	create({ log, alias, group }: Step<typeof STEP.create>): void {
		const n = this.#insertLog.run(log.bytes, alias ?? null).lastInsertRowid;
		if (group === undefined) return;
		this.#insertGroup.run(n, group.kind, group.epoch, group.groupInfo, group.tree, group.treeBytes, NOTHING);
	}

	setEpoch(log: number, { group, pendingRemovals }: { group: GroupState; pendingRemovals: Uint8Array }): void {
		this.#updateGroup.run(group.epoch, group.groupInfo, group.tree, group.treeBytes, pendingRemovals, log);
	}

	setPendingRemovals(log: number, devices: Uint8Array): void {
		this.#updatePending.run(devices, log);
	}

	/** Undefined where the row is over from the start: then it only ends an earlier one. */
	subscribe(log: number, row: SubscribeStep): CachedSubscription | undefined {
		const { device, account, leaf, role, from, acked, floor, until } = row;
		this.#deleteOldSubscription.run(log, device.bytes);
		if (until !== undefined && acked >= until) return undefined;
		const { lastInsertRowid } = this.#insertSubscription.run(
			log,
			device.bytes,
			account.bytes,
			leaf ?? null,
			role,
			from,
			acked,
			floor,
			until ?? null,
		);
		return { n: Number(lastInsertRowid), device: device.hex, acked, until, line: 0 };
	}

	deleteSubscription(n: number): void {
		this.#deleteSubscription.run(n);
	}

	setUntil(n: number, until: number): void {
		this.#updateUntil.run(until, n);
	}

	raiseFloor(log: number, device: Uint8Array, floor: number): void {
		this.#updateFloor.run(floor, log, device);
	}

	putRegister(log: number, { device, version, sealed }: Step<typeof STEP.register>): void {
		this.#putRegister.run(log, device.bytes, version, sealed);
	}
}
