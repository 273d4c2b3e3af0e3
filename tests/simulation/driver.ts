/**
 * What people do and what happens to them, act by act, as the dice say. Acts are begun and not waited for: they overlap
 * as they please. Every fault ends by itself after a while, or with the healing.
 */
import { isRefusal, Refusal } from "@troth/protocol";
import { StateClosed, StateFailed } from "../../client/state/local-state.ts";
import type { Books } from "./books.ts";
import { DEEDS, type Deed, Deeds } from "./deeds.ts";
import type { Dice } from "./dice.ts";
import { FAULTS, type Fault, Faults } from "./faults.ts";
import type { HintNetwork } from "./hint-network.ts";
import type { Network } from "./network.ts";
import type { Node } from "./node.ts";
import type { Person } from "./person.ts";
import type { Scheduler } from "./scheduler.ts";
import type { ServerDisk } from "./server-disk.ts";
import { describe, type Trace } from "./trace.ts";

export interface World {
	readonly scheduler: Scheduler;
	readonly trace: Trace;
	readonly books: Books;
	readonly disk: ServerDisk;
	readonly hints: HintNetwork;
	readonly network: Network;
	readonly nodes: readonly Node[];
	/** Everybody with a device, and once more for each further one. */
	readonly people: readonly Person[];
	readonly dice: Dice;
	/** People leave groups, die of it and are taken in again, more often than anything else happens. */
	readonly restless: boolean;
	/** A machine without an account. */
	newDevice(name: string, owner: Person): Person;
	/** It has its account now, and is one of the people. */
	meet(device: Person): void;
}

const ACTS = { ...DEEDS, ...FAULTS } as const;
const RESTLESS = { ...ACTS, leave: 20, add: 40, remove: 10 } as const;

export class Driver {
	readonly #world: World;
	readonly #deeds: Deeds;
	readonly #faults: Faults;

	constructor(world: World) {
		const failed = (who: Person, what: string, error: unknown) => this.#failed(who, what, error);
		this.#world = world;
		this.#deeds = new Deeds(world, failed);
		this.#faults = new Faults(world, failed);
	}

	/** Everybody is there. */
	async begin(): Promise<void> {
		const { nodes, people, scheduler } = this.#world;
		for (const node of nodes) await node.start();
		await Promise.all(people.map((person) => person.open()));
		await scheduler.sleep(1000);
	}

	async step(): Promise<void> {
		const { dice, scheduler, trace, people, restless } = this.#world;
		const act = dice.weighted<Deed | Fault>(restless ? RESTLESS : ACTS);
		const who = dice.pick(people) as Person;
		trace.note("act", `${act}: ${who.name}`);
		if (isFault(act)) await this.#faults.begin(act, who);
		else await this.#deeds.begin(act, who);
		if (restless && act === "leave") await this.#dieSoon(who);
		await scheduler.sleep(dice.chance(0.3) ? 0 : dice.below(dice.chance(0.1) ? 5000 : 300));
	}

	/** Perhaps before the answer comes. */
	async #dieSoon(who: Person): Promise<void> {
		const { dice, scheduler } = this.#world;
		await scheduler.sleep(dice.below(60));
		await this.#faults.begin("crash device", who);
	}

	/** Refusals, and a device that is gone or whose disk is full, are ordinary ends; anything else is a defect. */
	#failed(who: Person, what: string, error: unknown): void {
		this.#world.trace.note(who.name, `${what}: ${isRefusal(error) ? error.code : describe(error)}`);
		if (error instanceof Refusal || error instanceof StateClosed || error instanceof StateFailed) return;
		this.#world.books.broken("defect", `${who.name} ${what}: ${describe(error)}`);
	}

	/** Everything works again, and everybody comes back. */
	async heal(): Promise<void> {
		this.#world.trace.note("act", "everything is healed");
		this.#deeds.close();
		await this.#faults.heal();
	}

	/** The curtain falls. */
	async end(): Promise<void> {
		for (const person of this.#world.people) await person.close();
		for (const node of this.#world.nodes) await node.stop();
	}
}

function isFault(act: Deed | Fault): act is Fault {
	return act in FAULTS;
}
