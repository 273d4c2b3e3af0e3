/** Who reads a log: the subscriptions of one log as its owner keeps them in memory. */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { Subscription } from "@troth/storage";
import type { Cursor } from "./cursor.ts";
import type { LogOwner } from "./log-owner.ts";

/** The devices of one account in one log. */
export class MemberAccount {
	readonly account: AccountId;
	readonly devices: Member[] = [];
	/** Whose messages are withheld from this account; undefined while that is being asked. */
	blocked: ReadonlySet<AccountId> | undefined;
	/** What the other members were last told of the progress of this account. */
	toldAcked = 0;

	constructor(account: AccountId, blocked: ReadonlySet<AccountId> | undefined) {
		this.account = account;
		this.blocked = blocked;
	}

	/** The last entry that at least one device has acknowledged. */
	acked(): number {
		let acked = 0;
		for (const device of this.devices) acked = Math.max(acked, device.acked);
		return acked;
	}
}

/** One device's subscription: the entries it may have (`from` < seq ≤ `until`) and those it has acknowledged. */
export class Member {
	readonly owner: LogOwner;
	readonly device: DeviceId;
	readonly of: MemberAccount;
	leaf: number | undefined;
	role: "member" | "admin";
	from: number;
	acked: number;
	floor: number;
	until: number | undefined;
	/** Where the device's stream reads, while it has one and something was delivered. */
	cursor: Cursor | undefined;
	/** The acknowledgement in memory is newer than the stored one. */
	unsaved = false;

	constructor(owner: LogOwner, of: MemberAccount, row: Subscription) {
		this.owner = owner;
		this.of = of;
		this.device = row.device;
		this.leaf = row.leaf;
		this.role = row.role;
		this.from = row.from;
		this.acked = row.acked;
		this.floor = row.floor;
		this.until = row.until;
	}

	/** The last entry that is settled for this device: acknowledged, or from before its time. */
	position(): number {
		return Math.max(this.from, this.acked);
	}

	/** The last entry that is not kept for this device: settled, or lost to it (`backlog.ts`). */
	needed(): number {
		return Math.max(this.from, this.acked, this.floor);
	}

	/** The last durable entry this device may have (promise 8). */
	end(): number {
		const { durable } = this.owner;
		return this.until === undefined ? durable : Math.min(durable, this.until);
	}

	/** Ended, and everything up to the end is acknowledged: nobody needs this row any more. */
	isOver(): boolean {
		return this.until !== undefined && this.acked >= this.until;
	}

	row(): Subscription {
		const { device, leaf, role, from, acked, floor, until } = this;
		return { log: this.owner.log, device, account: this.of.account, leaf, role, from, acked, floor, until };
	}
}
