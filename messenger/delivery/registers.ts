/**
 * The receipts registers: one encrypted value per device and log, the latest wins (hazard 20). A value that is
 * replaced before it was written is never written; the others hear of one only after it is durable, so that a version
 * never means two values.
 */
import type { AccountId, Clock, DeviceId, LogId, Timer } from "@troth/protocol";
import type { LogStore, RegisterRow } from "@troth/storage";
import type { Session } from "../context.ts";
import type { Events } from "../events.ts";
import { registerMessage } from "./catch-up.ts";
import type { LogOwner } from "./log-owner.ts";
import type { LogOwners } from "./log-owners.ts";
import type { Member } from "./member.ts";

const BATCH_MS = 50;

export class Registers {
	/** The newest version of each register of logs that were written to lately. */
	readonly #versions = new WeakMap<LogOwner, Map<DeviceId, number>>();
	#waiting = new Map<string, { readonly owner: LogOwner; readonly account: AccountId; readonly row: RegisterRow }>();
	#timer: Timer | undefined;
	#closed = false;
	readonly #logs: LogStore;
	readonly #owners: LogOwners;
	readonly #clock: Clock;
	readonly #events: Events;

	constructor(parts: { logs: LogStore; owners: LogOwners; clock: Clock; events: Events }) {
		this.#logs = parts.logs;
		this.#owners = parts.owners;
		this.#clock = parts.clock;
		this.#events = parts.events;
	}

	/** Takes a device's new value. Those of devices that are no members are dropped. */
	async store(log: LogId, { account, device }: Session, sealed: Uint8Array): Promise<void> {
		const owner = await this.#owners.open(log);
		if (owner?.group === undefined || owner.members.live(device) === undefined) return;
		const versions = await this.#versionsOf(owner);
		const version = (versions.get(device) ?? 0) + 1;
		versions.set(device, version);
		this.#waiting.set(`${log} ${device}`, { owner, account, row: { log, device, sealed, version } });
		if (!this.#closed) this.#timer ??= this.#clock.after(BATCH_MS, () => void this.flush());
	}

	async #versionsOf(owner: LogOwner): Promise<Map<DeviceId, number>> {
		const known = this.#versions.get(owner);
		if (known !== undefined) return known;
		const rows = await this.#logs.registers([owner.log]);
		// Two first writes at once both get here; they have to count on with the same map.
		const versions = this.#versions.get(owner) ?? new Map(rows.map(({ device, version }) => [device, version]));
		this.#versions.set(owner, versions);
		return versions;
	}

	/** Writes what waits, then tells the others. */
	async flush(): Promise<void> {
		this.#timer?.cancel();
		this.#timer = undefined;
		const waiting = [...this.#waiting.values()];
		this.#waiting.clear();
		if (waiting.length === 0) return;
		try {
			await this.#logs.write(waiting.map(({ row }) => ({ kind: "register", row })));
		} catch (error) {
			// The device writes its register again with its next receipt.
			this.#events.failed("saving registers", error);
			return;
		}
		for (const { owner, account, row } of waiting) {
			let message: Buffer | undefined;
			for (const [member, reader] of owner.readers(row.device)) {
				if (isWithheld(member, account)) continue;
				message ??= registerMessage(row);
				reader.tell(message);
			}
		}
	}

	async close(): Promise<void> {
		this.#closed = true;
		await this.flush();
	}
}

/** Nothing of a blocked account's doings reaches the one who blocked it. */
export function isWithheld(member: Member, account: AccountId): boolean {
	return member.of.blocked === undefined || member.of.blocked.has(account);
}
