/** Unpacks a group in the worker. Bytes are views on the group's buffer: good until the group is answered. */
import { HASH_BYTES, ID_BYTES } from "@troth/protocol/ids.ts";
import { ByteReader } from "./bytes.ts";
import { GROUP_KIND, ITEM, ROLE, STEP } from "./group-layout.ts";
import type { CachedLog } from "./log-cache.ts";
import { readNumbers } from "./record.ts";
import { SenderState } from "./sender-state.ts";

/** An id that crossed, the same object each time. Holds what its users want to find without another look-up. */
export interface KnownId {
	readonly hex: string;
	readonly bytes: Uint8Array;
	/** In a log: each device's row as stated last, whether or not it was stored. */
	rows: Map<KnownId, SenderState> | undefined;
	/** The log of this name; kept and checked by the cache. */
	log: CachedLog | undefined;
}

export interface AppendStep {
	readonly op: typeof STEP.append;
	readonly log: KnownId;
	readonly seq: number;
	readonly timeMs: number;
	readonly record: Uint8Array;
	readonly sender: SenderStep | undefined;
}

export interface SenderStep {
	readonly device: KnownId;
	readonly row: SenderState;
	/** What `row` is stated as a difference to; undefined where it is stated in full. */
	readonly before: SenderState | undefined;
}

export interface GroupState {
	readonly epoch: number;
	readonly groupInfo: Uint8Array;
	readonly tree: Uint8Array;
	readonly treeBytes: number;
}

export interface SubscribeStep {
	readonly op: typeof STEP.subscribe;
	readonly log: KnownId;
	readonly device: KnownId;
	readonly account: KnownId;
	readonly leaf: number | undefined;
	readonly role: (typeof ROLE)[number];
	readonly from: number;
	readonly acked: number;
	readonly floor: number;
	readonly until: number | undefined;
}

interface OfDevice<Op extends number> {
	readonly op: Op;
	readonly log: KnownId;
	readonly device: KnownId;
	readonly seq: number;
}

export type DecodedStep =
	| AppendStep
	| OfDevice<typeof STEP.acknowledge | typeof STEP.unsubscribe | typeof STEP.floor>
	| {
			readonly op: typeof STEP.create;
			readonly log: KnownId;
			readonly alias: string | undefined;
			readonly group: (GroupState & { readonly kind: (typeof GROUP_KIND)[number] }) | undefined;
	  }
	| {
			readonly op: typeof STEP.epoch;
			readonly log: KnownId;
			readonly expected: number;
			readonly group: GroupState;
			/** Device ids, one after the other. */
			readonly pendingRemovals: Uint8Array;
	  }
	| { readonly op: typeof STEP.pendingRemovals; readonly log: KnownId; readonly devices: Uint8Array }
	| SubscribeStep
	| { readonly op: typeof STEP.trim; readonly log: KnownId; readonly upTo: number }
	| {
			readonly op: typeof STEP.register;
			readonly log: KnownId;
			readonly device: KnownId;
			readonly version: number;
			readonly sealed: Uint8Array;
	  };

export class GroupDecoder {
	#ids: KnownId[] = [];
	#in = new ByteReader(new ArrayBuffer(0), 0, 0);

	/** The transactions of a group, in their order. */
	decode(buffer: ArrayBuffer, length: number): DecodedStep[][] {
		const from = new ByteReader(buffer, 0, length);
		this.#in = from;
		const transactions: DecodedStep[][] = [];
		while (!from.done) {
			if (from.u8() === ITEM.reset) {
				this.#ids = [];
				continue;
			}
			const steps: DecodedStep[] = [];
			for (let left = from.varint(); left > 0; left--) steps.push(this.#step());
			transactions.push(steps);
		}
		return transactions;
	}

	#step(): DecodedStep {
		const from = this.#in;
		const op = from.u8();
		const log = this.#id();
		switch (op) {
			case STEP.append:
				return this.#append(log);
			case STEP.acknowledge:
			case STEP.unsubscribe:
			case STEP.floor:
				return { op, log, device: this.#id(), seq: from.varint() };
			case STEP.create: {
				const alias = from.u8() === 0 ? undefined : from.text();
				const group = from.u8() === 0 ? undefined : { kind: pick(GROUP_KIND, from.u8()), ...this.#groupState() };
				return { op, log, alias, group };
			}
			case STEP.epoch: {
				const expected = from.varint();
				return { op, log, expected, group: this.#groupState(), pendingRemovals: this.#devices() };
			}
			case STEP.pendingRemovals:
				return { op, log, devices: this.#devices() };
			case STEP.subscribe:
				return {
					op,
					log,
					device: this.#id(),
					account: this.#id(),
					leaf: this.#optional(),
					role: pick(ROLE, from.u8()),
					from: from.varint(),
					acked: from.varint(),
					floor: from.varint(),
					until: this.#optional(),
				};
			case STEP.trim:
				return { op, log, upTo: from.varint() };
			case STEP.register:
				return { op, log, device: this.#id(), version: from.varint(), sealed: from.blob() };
			default:
				throw new RangeError("a step that this version does not know");
		}
	}

	#append(log: KnownId): AppendStep {
		const from = this.#in;
		const device = from.u8() === 0 ? undefined : this.#id();
		const start = from.position;
		const { seq, timeMs, change } = readNumbers(from);
		from.skip(from.varint());
		const record = from.since(start);
		if (change === undefined || device === undefined) {
			return { op: STEP.append, log, seq, timeMs, record, sender: undefined };
		}
		log.rows ??= new Map();
		const before = change.kind === "full" ? undefined : log.rows.get(device);
		const row = SenderState.after(before, change, seq, timeMs);
		log.rows.set(device, row);
		return { op: STEP.append, log, seq, timeMs, record, sender: { device, row, before } };
	}

	#groupState(): GroupState {
		const from = this.#in;
		return {
			epoch: from.varint(),
			groupInfo: from.blob(),
			tree: from.raw(HASH_BYTES),
			treeBytes: from.varint(),
		};
	}

	#devices(): Uint8Array {
		return this.#in.raw(this.#in.varint() * ID_BYTES);
	}

	#optional(): number | undefined {
		const value = this.#in.varint();
		return value === 0 ? undefined : value - 1;
	}

	#id(): KnownId {
		const number = this.#in.varint();
		if (number > 0) {
			const known = this.#ids[number - 1];
			if (known === undefined) throw new RangeError("an id that never crossed");
			return known;
		}
		const bytes = this.#in.raw(ID_BYTES).slice();
		const first = { hex: Buffer.from(bytes.buffer).toString("hex"), bytes, rows: undefined, log: undefined };
		this.#ids.push(first);
		return first;
	}
}

function pick<Value>(values: readonly Value[], index: number): Value {
	const value = values[index];
	if (value === undefined) throw new RangeError("a value that this version does not know");
	return value;
}
