/**
 * What the rest of the server asks about accounts, thousands of times a second: kept in memory, forgotten when it
 * changes. The records are the truth.
 */
import { type PhaseFacts, phaseAt } from "@troth/bridge";
import type { AccountId, Clock, DeviceId } from "@troth/protocol";
import { type Kysely, sql } from "kysely";
import type { Directory, Service } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { ReadThrough } from "./read-through.ts";

const DEVICES_KEPT = 50_000;
const ACCOUNTS_KEPT = 50_000;
/** Devices whose times are written in one statement: when all come back at once, they are thousands. */
const SEEN_AT_ONCE = 250;

export interface KnownDevice {
	readonly account: AccountId;
	readonly signatureKey: Uint8Array;
	/** It was in its account's list once and is no longer. */
	readonly removed: boolean;
	/** It was removed because it was not here for long. */
	readonly unlinked: boolean;
}

export interface ListedKey {
	readonly device: DeviceId;
	readonly signatureKey: Uint8Array;
}

export class AccountDirectory implements Directory {
	readonly #records: Kysely<Records>;
	readonly #clock: Clock;
	readonly #devices = new ReadThrough<DeviceId, KnownDevice>(DEVICES_KEPT, (ids) => this.#loadDevices(ids));
	readonly #lists = new ReadThrough<AccountId, readonly ListedKey[]>(ACCOUNTS_KEPT, (ids) => this.#loadLists(ids));
	readonly #blocks = new ReadThrough<AccountId, ReadonlySet<AccountId>>(ACCOUNTS_KEPT, (ids) => this.#loadBlocks(ids));
	readonly #standings = new ReadThrough<AccountId, PhaseFacts>(ACCOUNTS_KEPT, (ids) => this.#loadStandings(ids));
	/** Attached since the last flush, with the time. */
	readonly #seen = new Map<DeviceId, number>();
	readonly #listeners: ((account: AccountId) => void)[] = [];

	constructor(records: Kysely<Records>, clock: Clock) {
		this.#records = records;
		this.#clock = clock;
	}

	/** Also knows devices that were removed, so that they can be told so. */
	known(device: DeviceId): Promise<KnownDevice | undefined> {
		return this.#devices.get(device);
	}

	async device(device: DeviceId): Promise<KnownDevice | undefined> {
		const known = await this.#devices.get(device);
		return known?.removed === false ? known : undefined;
	}

	async devicesOf(account: AccountId): Promise<readonly ListedKey[]> {
		return (await this.#lists.get(account)) ?? [];
	}

	async blockedBy(account: AccountId): Promise<ReadonlySet<AccountId>> {
		return (await this.#blocks.get(account)) ?? new Set();
	}

	async service(account: AccountId): Promise<Service> {
		const facts = await this.#standings.get(account);
		if (facts?.accepted === undefined) return { open: false, code: "TERMS_NOT_ACCEPTED" };
		if (phaseAt(facts, this.#clock.now()) === "SUSPENDED") return { open: false, code: "SUSPENDED" };
		return { open: true, untilMs: facts.notice?.deadlineMs ?? Number.POSITIVE_INFINITY };
	}

	noteAttached(device: DeviceId): void {
		this.#seen.set(device, this.#clock.now());
	}

	/** When this device was last attached, as far as it is not in the records yet. */
	lastSeen(device: DeviceId): number | undefined {
		return this.#seen.get(device);
	}

	/** Writes down when devices were attached; a row per device and round instead of one per attach, many in a statement. */
	async flushSeen(): Promise<void> {
		const seen = new Map(this.#seen);
		if (seen.size === 0) return;
		const devices = [...seen.keys()];
		await this.#records.transaction().execute(async (transaction) => {
			for (let at = 0; at < devices.length; at += SEEN_AT_ONCE)
				await writeSeen(transaction, seen, devices.slice(at, at + SEEN_AT_ONCE));
		});
		// Who was seen again meanwhile has a newer time, which the next round writes.
		for (const [device, atMs] of seen) if (this.#seen.get(device) === atMs) this.#seen.delete(device);
	}

	/** Call after every change of an account's devices, with all that it concerns. */
	devicesChanged(account: AccountId, devices: readonly DeviceId[]): void {
		this.#lists.forget(account);
		for (const device of devices) this.#devices.forget(device);
	}

	blocksChanged(account: AccountId): void {
		this.#blocks.forget(account);
	}

	/** Call after every event in the account's life with the terms. */
	standingChanged(account: AccountId): void {
		this.#standings.forget(account);
		for (const told of this.#listeners) told(account);
	}

	/** Who keeps something that depends on where accounts stand with the terms is told of each change. */
	listen(told: (account: AccountId) => void): void {
		this.#listeners.push(told);
	}

	async #loadDevices(devices: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, KnownDevice>> {
		const rows = await this.#records
			.selectFrom("device")
			.select(["device_id", "account_id", "signature_key", "removed_at_ms", "unlinked"])
			.where("device_id", "in", devices)
			.execute();
		const known = new Map<DeviceId, KnownDevice>();
		for (const { device_id, account_id: account, signature_key: signatureKey, removed_at_ms, unlinked } of rows) {
			known.set(device_id, { account, signatureKey, removed: removed_at_ms !== null, unlinked: unlinked === 1 });
		}
		return known;
	}

	async #loadLists(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, readonly ListedKey[]>> {
		const rows = await this.#records
			.selectFrom("device")
			.select(["account_id", "device_id", "signature_key"])
			.where("account_id", "in", accounts)
			.where("removed_at_ms", "is", null)
			.orderBy("created_at_ms")
			.orderBy("device_id")
			.execute();
		const lists = new Map<AccountId, ListedKey[]>(accounts.map((account) => [account, []]));
		for (const row of rows) lists.get(row.account_id)?.push({ device: row.device_id, signatureKey: row.signature_key });
		return lists;
	}

	async #loadBlocks(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, ReadonlySet<AccountId>>> {
		const rows = await this.#records
			.selectFrom("block")
			.select(["account_id", "blocked_account_id"])
			.where("account_id", "in", accounts)
			.execute();
		const blocks = new Map(accounts.map((account) => [account, new Set<AccountId>()]));
		for (const row of rows) blocks.get(row.account_id)?.add(row.blocked_account_id);
		return blocks;
	}

	async #loadStandings(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, PhaseFacts>> {
		const rows = await this.#records
			.selectFrom("standing")
			.select(["account_id", "accepted_version", "deadline_ms", "time_ms"])
			.where("account_id", "in", accounts)
			.execute();
		return new Map(
			rows.map((row) => [
				row.account_id,
				{
					accepted: row.accepted_version ?? undefined,
					notice: row.deadline_ms === null ? undefined : { deadlineMs: row.deadline_ms },
					closed: false,
					timeMs: row.time_ms,
				},
			]),
		);
	}
}

async function writeSeen(
	records: Kysely<Records>,
	seen: ReadonlyMap<DeviceId, number>,
	devices: readonly DeviceId[],
): Promise<void> {
	const times = sql.join(
		devices.map((device) => sql`when ${device} then ${seen.get(device)}`),
		sql` `,
	);
	await records
		.updateTable("device")
		.set({ last_attached_ms: sql<number>`case device_id ${times} end` })
		.where("device_id", "in", devices)
		.execute();
}
