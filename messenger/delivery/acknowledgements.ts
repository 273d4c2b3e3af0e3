/**
 * Acknowledgements come all the time and may come again, so they are written in batches that nobody waits for. What
 * follows from them goes with the batch: the others learn of the progress, entries that everybody has are deleted
 * (promise 7: never before), ended subscriptions are forgotten.
 */
import { type AccountId, type Clock, encodeProgressFrame, idBytes, LIMITS, type Timer } from "@troth/protocol";
import type { LogStore, LogWrite } from "@troth/storage";
import type { Events } from "../events.ts";
import type { LogOwner } from "./log-owner.ts";
import type { Member, MemberAccount } from "./member.ts";
import { messageOf } from "./wire.ts";

const BATCH_MS = 50;
const STEPS_AT_ONCE = 1000;
const RETRY_MS = 1000;
/** Entries that are deleted in one step: deleting costs per range, not only per row. */
const TRIM_STEP = 128;
/** Progress costs members × senders: in larger logs it is told less often. */
const SMALL_LOG = LIMITS.groupLeaves;
const PROGRESS_MS_PER_MEMBER = 4;
const PROGRESS_MAX_MS = 1000;

export class Acknowledgements {
	#unsaved: Member[] = [];
	/** Logs whose progress is to be told, and of whom. */
	#moved = new Map<LogOwner, Set<MemberAccount>>();
	#timer: Timer | undefined;
	#writing: Promise<void> = Promise.resolve();
	#closed = false;
	readonly #logs: LogStore;
	readonly #clock: Clock;
	readonly #events: Events;

	constructor(parts: { logs: LogStore; clock: Clock; events: Events }) {
		this.#logs = parts.logs;
		this.#clock = parts.clock;
		this.#events = parts.events;
	}

	/** The member's device has stored everything up to `seq`. */
	note(member: Member, seq: number): void {
		if (seq <= member.acked) return;
		member.acked = seq;
		if (!member.unsaved) {
			member.unsaved = true;
			this.#unsaved.push(member);
		}
		const { owner } = member;
		let accounts = this.#moved.get(owner);
		if (accounts === undefined) {
			accounts = new Set();
			this.#moved.set(owner, accounts);
		}
		accounts.add(member.of);
		this.#arm(BATCH_MS);
	}

	/** Writes what waits. Resolves when it is durable, or could not be written. */
	async flush(): Promise<void> {
		this.#timer?.cancel();
		this.#timer = undefined;
		const members = this.#unsaved;
		const moved = this.#moved;
		this.#unsaved = [];
		this.#moved = new Map();
		for (let at = 0; at < members.length; at += STEPS_AT_ONCE) this.#save(members.slice(at, at + STEPS_AT_ONCE));
		for (const [owner, accounts] of moved) {
			this.#tell(owner, accounts);
			if (!owner.isLost) this.#trim(owner, TRIM_STEP);
		}
		await this.#writing;
	}

	/** Deletes what everybody has, also where it is little: the log goes out of memory. */
	trimAll(owner: LogOwner): void {
		this.#trim(owner, 1);
	}

	async close(): Promise<void> {
		await this.flush();
		this.#closed = true;
		this.#timer?.cancel();
	}

	#arm(delayMs: number): void {
		if (this.#closed) return;
		this.#timer ??= this.#clock.after(delayMs, () => void this.flush());
	}

	#save(members: readonly Member[]): void {
		const steps: LogWrite[] = members.map((member) => {
			member.unsaved = false;
			return { kind: "acknowledge", log: member.owner.log, device: member.device, seq: member.acked };
		});
		for (const member of members) if (member.isOver()) member.owner.members.forget(member);
		this.#write(steps, () => {
			for (const member of members) {
				if (member.unsaved) continue;
				member.unsaved = true;
				this.#unsaved.push(member);
			}
			this.#arm(RETRY_MS);
		});
	}

	/** Nobody waits for this. Lost acknowledgements are repeated; devices know what they have seen. */
	#write(steps: readonly LogWrite[], failed: () => void): void {
		const written = this.#logs.write(steps).catch((error) => {
			this.#events.failed("saving acknowledgements", error);
			failed();
		});
		this.#writing = Promise.all([this.#writing, written]).then(() => {});
	}

	#trim(owner: LogOwner, step: number): void {
		let upTo = owner.durable;
		for (const member of owner.members.list) upTo = Math.min(upTo, member.needed());
		if (upTo - owner.trimmed < step) return;
		owner.trimmed = upTo;
		this.#write([{ kind: "trim", log: owner.log, upTo }], () => {});
	}

	#tell(owner: LogOwner, accounts: Set<MemberAccount>): void {
		const now = this.#clock.now();
		const pause =
			owner.members.list.length > SMALL_LOG
				? Math.min(PROGRESS_MAX_MS, owner.members.list.length * PROGRESS_MS_PER_MEMBER)
				: 0;
		if (now - owner.lastProgressMs < pause) {
			const waiting = this.#moved.get(owner);
			if (waiting === undefined) this.#moved.set(owner, accounts);
			else for (const account of accounts) waiting.add(account);
			this.#arm(BATCH_MS);
			return;
		}
		owner.lastProgressMs = now;
		for (const account of accounts) this.#tellProgress(owner, account);
	}

	/** "Delivered" is for those who sent something that it covers: nobody else shows it. */
	#tellProgress(owner: LogOwner, account: MemberAccount): void {
		const ackedSeq = account.acked();
		const before = account.toldAcked;
		if (ackedSeq <= before) return;
		account.toldAcked = ackedSeq;
		let message: Buffer | undefined;
		for (const [member, reader] of owner.readers()) {
			if (member.of === account || (owner.lastSentSeq.get(member.of.account) ?? 0) <= before) continue;
			if (owner.watch?.hidesProgress(account.blocked, member.of.account) === true) continue;
			message ??= progressMessage(owner.logBytes, account.account, ackedSeq);
			reader.tell(message);
		}
	}
}

/** "This account has the log up to here on at least one device." */
export function progressMessage(log: Uint8Array, account: AccountId, ackedSeq: number): Buffer {
	return messageOf(encodeProgressFrame({ log, accountId: idBytes(account), ackedSeq }));
}
