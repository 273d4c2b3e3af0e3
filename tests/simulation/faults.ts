/** What goes wrong: programs die, disks fill up, the network and the clocks fail. Everything ends by itself after a while. */
import { AGES } from "./ages.ts";
import type { World } from "./driver.ts";
import type { Node } from "./node.ts";
import type { Person } from "./person.ts";

/** How often each happens, beside each other and what people do. */
export const FAULTS = {
	...{ "crash device": 6, "switch off": 2, "break stream": 4, swallow: 3, cut: 3, lossy: 3, stall: 2 },
	...{ "crash node": 4, "restart node": 1, "full disk": 2, "full device": 2, "wrong clock": 2, "bad hints": 2 },
	...{ wait: 4, "long sleep": 0.3 },
} as const;
export type Fault = keyof typeof FAULTS;

const DAY_MS = 24 * 3600 * 1000;

export class Faults {
	readonly #world: World;
	readonly #failed: (who: Person, what: string, error: unknown) => void;
	/** What would end by itself, and has to end with the healing. */
	readonly #running = new Set<() => void>();

	constructor(world: World, failed: (who: Person, what: string, error: unknown) => void) {
		this.#world = world;
		this.#failed = failed;
	}

	async begin(fault: Fault, who: Person): Promise<void> {
		const { dice, scheduler, network, disk, nodes, hints, people } = this.#world;
		switch (fault) {
			case "crash device":
				who.crash();
				return this.#for(dice.pick([0, 200, 5000, 40_000]) ?? 0, () => this.#open(who));
			case "switch off":
				void who.close().catch((error: unknown) => this.#failed(who, "close", error));
				return this.#for(dice.between(100, 60_000), () => {
					// It comes back with another version, of its own or of the server's.
					if (dice.chance(0.3)) who.link.age = dice.weighted(AGES);
					this.#open(who);
				});
			case "break stream":
				return network.breakStreams(who.link, false);
			case "swallow":
				network.breakStreams(who.link, true);
				return this.#for(dice.between(500, 20_000), () => network.breakStreams(who.link, false));
			case "cut":
				network.cut(who.link);
				return this.#for(dice.between(500, 60_000), () => {
					who.link.down = false;
				});
			case "lossy":
				who.link.loss = 0.3;
				who.link.latencyMs = dice.pick([20, 400, 3000]) ?? 20;
				return this.#for(dice.between(500, 30_000), () => {
					who.link.loss = 0;
					who.link.latencyMs = 20;
				});
			case "stall":
				who.link.stalled = true;
				return this.#for(dice.between(500, 60_000), () => network.resume(who.link));
			case "crash node":
			case "restart node": {
				const node = dice.pick(nodes) as Node;
				if (!node.up) return;
				if (fault === "crash node") node.crash();
				else void node.stop();
				return this.#for(dice.between(100, 5000), () => void node.start());
			}
			case "full disk":
				disk.full = true;
				return this.#for(dice.between(100, 8000), () => {
					disk.full = false;
				});
			case "full device":
				who.disk.full = true;
				return this.#for(dice.between(100, 8000), () => {
					who.disk.full = false;
				});
			case "wrong clock": {
				const host = dice.chance(0.5) ? who.host : (dice.pick(nodes) as Node).host;
				host.clockErrorMs = dice.between(-120_000, 120_000);
				return;
			}
			case "bad hints": {
				const { loss, latencyMs } = hints;
				hints.loss = dice.pick([0, 0.5, 1]) ?? 0;
				hints.latencyMs = dice.pick([20, 2000, 40_000]) ?? 20;
				return this.#for(dice.between(500, 60_000), () => {
					hints.loss = loss;
					hints.latencyMs = latencyMs;
				});
			}
			case "wait":
				return scheduler.sleep(dice.between(1000, 40_000));
			case "long sleep":
				// What was on its way to a new device is too old by then.
				for (const person of people) person.linked = undefined;
				return scheduler.skip(31 * DAY_MS);
		}
	}

	/** Something that ends by itself after a while. */
	#for(lastsMs: number, end: () => void): void {
		const once = () => {
			if (this.#running.delete(once)) end();
		};
		this.#running.add(once);
		this.#world.scheduler.after(lastsMs, once);
	}

	#open(who: Person): void {
		void who.open().catch((error: unknown) => this.#failed(who, "open", error));
	}

	/** Everything works again, and everybody comes back. What is the nature of a run stays: ages, and hints that get lost. */
	async heal(): Promise<void> {
		const { people, nodes, disk, network, scheduler } = this.#world;
		for (const end of [...this.#running]) end();
		disk.full = false;
		for (const host of [...people, ...nodes].map(({ host }) => host)) host.clockErrorMs = 0;
		for (const node of nodes) if (!node.up) void node.start();
		await scheduler.sleep(3000);
		for (const person of people) {
			// Whoever comes anew looks at everything once more: its key packages, its conversations.
			if (person.device !== undefined) network.breakStreams(person.link, false);
			else this.#open(person);
			if ((await person.device?.connection())?.state === "replaced") person.device?.reconnect();
		}
	}
}
