/** All who read one log. */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { Subscription } from "@troth/storage";
import type { LogOwner } from "./log-owner.ts";
import { Member, MemberAccount } from "./member.ts";

export class Members {
	/** Devices, ended ones included until they have acknowledged their end. */
	readonly list: Member[] = [];
	readonly accounts = new Map<AccountId, MemberAccount>();
	readonly #owner: LogOwner;
	readonly #byDevice = new Map<DeviceId, Member>();

	constructor(owner: LogOwner) {
		this.#owner = owner;
	}

	get(device: DeviceId): Member | undefined {
		return this.#byDevice.get(device);
	}

	/** The member, if its subscription has no end. */
	live(device: DeviceId): Member | undefined {
		const member = this.#byDevice.get(device);
		return member?.until === undefined ? member : undefined;
	}

	allLive(): Member[] {
		return this.list.filter((member) => member.until === undefined);
	}

	/** Takes over a stored subscription, new or in place of the device's earlier one. */
	put(row: Subscription): Member {
		const earlier = this.#byDevice.get(row.device);
		if (earlier !== undefined) {
			const { leaf, role, from, acked, floor, until } = row;
			return Object.assign(earlier, { leaf, role, from, acked: Math.max(acked, earlier.acked), floor, until });
		}
		let of = this.accounts.get(row.account);
		if (of === undefined) {
			of = new MemberAccount(row.account, undefined);
			this.accounts.set(row.account, of);
		}
		const member = new Member(this.#owner, of, row);
		of.devices.push(member);
		of.toldAcked = Math.max(of.toldAcked, member.acked);
		this.list.push(member);
		this.#byDevice.set(row.device, member);
		return member;
	}

	/** The subscription has ended and everything is acknowledged: the store has forgotten it, too. */
	forget(member: Member): void {
		this.#byDevice.delete(member.device);
		remove(this.list, member);
		remove(member.of.devices, member);
		if (member.of.devices.length === 0) this.accounts.delete(member.of.account);
	}
}

function remove<T>(list: T[], item: T): void {
	const at = list.indexOf(item);
	if (at !== -1) list.splice(at, 1);
}
