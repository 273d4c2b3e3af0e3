/**
 * The disk of a device: the memory store, whose writes take a while. A batch lies there whole or not at all; what the
 * device dies over is lost, or is there and was never answered.
 */
import { LocalStoreError } from "../../client/store/errors.ts";
import { type MemoryData, MemoryStore } from "../../client/store/memory.ts";
import type { LocalStore } from "../../client/store/port.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";

type Batch = ReadonlyMap<string, Uint8Array | undefined>;

export interface DeviceDisk {
	/** What lies there; outlives every program. */
	readonly data: MemoryData;
	/** Takes nothing more while it is. */
	full: boolean;
	/** Told of everything that becomes durable. */
	readonly durable: (batch: Batch) => void;
}

const WRITE_MS = 3;

export function openDeviceDisk(disk: DeviceDisk, life: Life, dice: Dice): LocalStore {
	const store = new MemoryStore(disk.data);
	let waiting: Batch[] = [];
	const keep = async (batch: Batch) => {
		await store.write(batch);
		disk.durable(batch);
	};
	life.onEnd(() => {
		for (const batch of waiting.slice(0, dice.between(0, waiting.length))) void keep(batch);
		waiting = [];
	});
	const alive = <T>(answer: Promise<T>): Promise<T> => (life.alive ? answer : new Promise(() => {}));
	return {
		get: (key) => alive(store.get(key)),
		range: (from, to, options) => alive(store.range(from, to, options)),
		write(batch) {
			if (!life.alive) return new Promise(() => {});
			const own = new Map([...batch].map(([key, value]) => [key, value && Uint8Array.from(value)]));
			waiting.push(own);
			return life.later(dice.between(0, WRITE_MS), async () => {
				waiting = waiting.filter((one) => one !== own);
				if (disk.full) throw new LocalStoreError("Full", "the disk is full");
				await keep(own);
			});
		},
		[Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
	};
}
