/**
 * Packs the transactions of one group into one buffer, on the side of the callers. Everything is copied while `add`
 * runs, so that a caller may change its objects afterwards. `group-decoder.ts` is the other half.
 *
 * Ids cross once: the first use carries the 16 bytes, later ones a small number. Sender rows cross as the one answer
 * that is new, when the rest is what crossed before. `reset` tells the other side to forget both.
 */
import { fromHex, HASH_BYTES, ID_BYTES } from "@troth/protocol/ids.ts";
import type { Answer, LogWrite, SenderRow, StoredEntry, Subscription } from "../ports.ts";
import { sameAnswer } from "./answers.ts";
import { ByteWriter } from "./bytes.ts";
import { GROUP_KIND, ITEM, ROLE, STEP } from "./group-layout.ts";
import { type SenderChange, writeRecord } from "./record.ts";

type Step<Kind extends LogWrite["kind"]> = Extract<LogWrite, { kind: Kind }>;

interface KnownId {
	readonly handle: number;
	readonly bytes: Uint8Array;
	/** In a log: the answers of each device's row as it crossed last. */
	rows: Map<KnownId, readonly Answer[]> | undefined;
}

/** Both sides forget what they know of ids and rows when it is more than this. */
const MOST_IDS = 65_536;
const MOST_ANSWERS = 262_144;
const BUFFER_BYTES = 64 * 1024;
/** Larger buffers are not kept for the next group. */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

export class GroupEncoder {
	readonly #out = new ByteWriter(new ArrayBuffer(BUFFER_BYTES));
	readonly #spare: ArrayBuffer[] = [];
	readonly #ids = new Map<string, KnownId>();
	/** Accounts cross as bytes; this only spares reading the same hex again. */
	readonly #accounts = new Map<string, Uint8Array>();
	#answers = 0;
	#forget = false;

	/** Adds one transaction. Throws, and adds nothing, where a value cannot be stored. */
	add(steps: readonly LogWrite[]): void {
		const start = this.#out.length;
		if (this.#forget || this.#ids.size > MOST_IDS || this.#answers > MOST_ANSWERS) {
			this.#ids.clear();
			this.#answers = 0;
			this.#out.u8(ITEM.reset);
		}
		try {
			this.#out.u8(ITEM.transaction);
			this.#out.varint(steps.length);
			for (const step of steps) this.#step(step);
			this.#forget = false;
		} catch (error) {
			this.#out.rewind(start);
			// Ids that were first used in what is taken back never cross: begin anew.
			this.#forget = true;
			throw error;
		}
	}

	/** Hands over everything added since the last `take`. */
	take(): { readonly buffer: ArrayBuffer; readonly length: number } {
		return this.#out.take(this.#spare.pop() ?? new ArrayBuffer(BUFFER_BYTES));
	}

	/** A buffer that came back is used for a later group. */
	giveBack(buffer: ArrayBuffer): void {
		if (buffer.byteLength <= MOST_KEPT_BYTES && this.#spare.length < 2) this.#spare.push(buffer);
	}

	#step(step: LogWrite): void {
		const out = this.#out;
		switch (step.kind) {
			case "append":
				this.#append(step);
				break;
			case "acknowledge":
				this.#ofDevice(STEP.acknowledge, step, step.seq);
				break;
			case "create":
				this.#create(step);
				break;
			case "epoch":
				this.#epoch(step);
				break;
			case "pending-removals":
				out.u8(STEP.pendingRemovals);
				this.#id(step.log);
				this.#devices(step.devices);
				break;
			case "subscribe":
				this.#subscribe(step.subscription);
				break;
			case "unsubscribe":
				this.#ofDevice(STEP.unsubscribe, step, step.until);
				break;
			case "floor":
				this.#ofDevice(STEP.floor, step, step.floor);
				break;
			case "trim":
				out.u8(STEP.trim);
				this.#id(step.log);
				out.varint(step.upTo);
				break;
			case "register":
				this.#ofDevice(STEP.register, step.row, step.row.version);
				out.blob(step.row.sealed);
				break;
		}
	}

	#ofDevice(op: number, { log, device }: { readonly log: string; readonly device: string }, value: number): void {
		this.#out.u8(op);
		this.#id(log);
		this.#id(device);
		this.#out.varint(value);
	}

	#append({ log, entry, sender }: Step<"append">): void {
		const out = this.#out;
		out.u8(STEP.append);
		const knownLog = this.#id(log);
		out.u8(sender === undefined ? 0 : 1);
		const device = sender && this.#id(sender.device);
		const change = sender && device && this.#change(knownLog, device, sender, entry);
		const account = entry.senderAccount === undefined ? undefined : this.#account(entry.senderAccount);
		writeRecord(out, entry, account, device?.bytes, change);
	}

	#change(log: KnownId, device: KnownId, row: SenderRow, entry: StoredEntry): SenderChange {
		log.rows ??= new Map();
		const before = log.rows.get(device);
		this.#answers += row.answers.length - (before?.length ?? 0);
		log.rows.set(device, row.answers.slice());
		const { answers, lastClientSeq } = row;
		const last = answers.at(-1);
		const kept = answers.length - 1;
		if (
			before === undefined ||
			last === undefined ||
			kept > before.length ||
			last.clientSeq !== lastClientSeq ||
			last.seq !== entry.seq ||
			last.timeMs !== entry.timeMs
		) {
			return { kind: "full", lastClientSeq, answers };
		}
		const dropped = before.length - kept;
		for (let i = 0; i < kept; i++) {
			if (!sameAnswer(answers[i], before[dropped + i])) return { kind: "full", lastClientSeq, answers };
		}
		return { kind: "next", kept, clientSeq: lastClientSeq, digest: last.digest };
	}

	#create({ log, group, alias }: Step<"create">): void {
		const out = this.#out;
		out.u8(STEP.create);
		this.#id(log);
		this.#optionalText(alias);
		out.u8(group === undefined ? 0 : 1);
		if (group === undefined) return;
		out.u8(GROUP_KIND.indexOf(group.kind));
		this.#groupState(group);
	}

	#epoch({ log, expected, group }: Step<"epoch">): void {
		this.#out.u8(STEP.epoch);
		this.#id(log);
		this.#out.varint(expected);
		this.#groupState(group);
		this.#devices(group.pendingRemovals);
	}

	#groupState(group: Omit<Step<"epoch">["group"], "pendingRemovals">): void {
		this.#out.varint(group.epoch);
		this.#out.blob(group.groupInfo);
		this.#out.hex(group.tree, HASH_BYTES);
		this.#out.varint(group.treeBytes);
	}

	#subscribe(row: Subscription): void {
		const out = this.#out;
		out.u8(STEP.subscribe);
		this.#id(row.log);
		this.#id(row.device);
		this.#id(row.account);
		this.#optional(row.leaf);
		out.u8(ROLE.indexOf(row.role));
		out.varint(row.from);
		out.varint(row.acked);
		out.varint(row.floor);
		this.#optional(row.until);
	}

	#devices(devices: readonly string[]): void {
		this.#out.varint(devices.length);
		for (const device of devices) this.#out.hex(device, ID_BYTES);
	}

	/** 0 is none. */
	#optional(value: number | undefined): void {
		this.#out.varint(value === undefined ? 0 : value + 1);
	}

	#optionalText(text: string | undefined): void {
		this.#out.u8(text === undefined ? 0 : 1);
		if (text !== undefined) this.#out.text(text);
	}

	/** Writes an id: its number, or 0 and the bytes where it crosses for the first time. */
	#id(id: string): KnownId {
		const known = this.#ids.get(id);
		if (known !== undefined) {
			this.#out.varint(known.handle + 1);
			return known;
		}
		const first: KnownId = { handle: this.#ids.size, bytes: bytesOf(id), rows: undefined };
		this.#out.varint(0);
		this.#out.raw(first.bytes);
		this.#ids.set(id, first);
		return first;
	}

	#account(id: string): Uint8Array {
		let bytes = this.#accounts.get(id);
		if (bytes === undefined) {
			if (this.#accounts.size > MOST_IDS) this.#accounts.clear();
			bytes = bytesOf(id);
			this.#accounts.set(id, bytes);
		}
		return bytes;
	}
}

function bytesOf(id: string): Uint8Array {
	const bytes = fromHex(id);
	if (bytes?.length !== ID_BYTES) throw new TypeError(`an id is not ${ID_BYTES} bytes in hex`);
	return bytes;
}
