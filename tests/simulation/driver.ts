/**
 * What people do and what happens to them, act by act, as the dice say. Acts are begun and not waited for: they overlap
 * as they please. Every fault ends by itself after a while, or with the healing.
 */
import { type AccountId, isRefusal, Refusal } from "@troth/protocol";
import type { ConversationView, Device } from "../../client/device/api.ts";
import { StateClosed, StateFailed } from "../../client/state/local-state.ts";
import type { Books } from "./books.ts";
import type { Dice } from "./dice.ts";
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
	readonly network: Network;
	readonly nodes: readonly Node[];
	readonly people: readonly Person[];
	readonly dice: Dice;
}

const WEIGHTS = {
	...{ send: 46, "open direct": 3, "make group": 2, add: 7, remove: 5, leave: 2, rename: 2, read: 3, typing: 1 },
	...{ "crash device": 6, "switch off": 2, "break stream": 4, swallow: 3, cut: 3, lossy: 3, stall: 2 },
	...{
		"crash node": 4,
		"restart node": 1,
		"full disk": 2,
		"full device": 2,
		"wrong clock": 2,
		wait: 4,
		"long sleep": 0.3,
	},
} as const;
type Act = keyof typeof WEIGHTS;

type Work = (device: Device, view: ConversationView) => Promise<unknown>;

const isIn = ({ members }: ConversationView, account: AccountId) =>
	members.some((member) => member.account === account);

const DAY_MS = 24 * 3600 * 1000;

export class Driver {
	readonly #world: World;
	/** What would end by itself, and has to end with the healing. */
	readonly #faults = new Set<() => void>();
	#texts = 0;
	#groups = 0;

	constructor(world: World) {
		this.#world = world;
	}

	/** Everybody is there. */
	async begin(): Promise<void> {
		const { nodes, people, scheduler } = this.#world;
		for (const node of nodes) await node.start();
		await Promise.all(people.map((person) => person.open()));
		await scheduler.sleep(1000);
	}

	async step(): Promise<void> {
		const { dice, scheduler, trace, people } = this.#world;
		const act = dice.weighted(WEIGHTS);
		const who = dice.pick(people) as Person;
		trace.note("act", `${act}: ${who.name}`);
		await this.#act(act, who);
		await scheduler.sleep(dice.chance(0.3) ? 0 : dice.below(dice.chance(0.1) ? 5000 : 300));
	}

	async #act(act: Act, who: Person): Promise<void> {
		const { dice, scheduler, network, disk, nodes } = this.#world;
		switch (act) {
			case "send":
				return this.#inConversation(who, "says", (device, { id }) => {
					const burst = dice.chance(0.1) ? dice.between(4, 8) : 1;
					return Promise.all(Array.from({ length: burst }, () => device.send(id, `${who.name} ${++this.#texts}`)));
				});
			case "open direct": {
				const other = this.#other(who);
				return this.#do(who, `opens a chat with ${other.name}`, (device) => device.openDirect(other.account));
			}
			case "make group": {
				const others = this.#world.people.filter((person) => person !== who && dice.chance(0.5));
				const name = `Group ${++this.#groups}`;
				return this.#do(who, `makes ${name}`, (device) =>
					device.createGroup(
						name,
						others.map(({ account }) => account),
					),
				);
			}
			case "add":
				return this.#inGroup(who, "adds", (device, view) => {
					const outside = this.#world.people.filter(({ account }) => !isIn(view, account));
					return this.#withOne(outside, (account) => device.addMembers(view.id, [account]));
				});
			case "remove":
				return this.#inGroup(who, "removes", (device, view) => {
					const others = this.#world.people.filter((person) => person !== who && isIn(view, person.account));
					return this.#withOne(others, (account) => device.removeMembers(view.id, [account]));
				});
			case "leave":
				// Leaving moves no head, so that another node's owner would not notice (README, what is not covered).
				if (nodes.length > 1) return;
				return this.#inGroup(who, "leaves", (device, { id }) => device.leave(id), "member");
			case "rename":
				return this.#inGroup(who, "renames", (device, { id }) => device.renameGroup(id, `Group ${++this.#groups}`));
			case "read":
				return this.#inConversation(who, "reads", async (device, { id }) => {
					const last = (await device.messages(id, { limit: 5 })).findLast(({ seq }) => seq !== undefined);
					if (last?.seq !== undefined) await device.markRead(id, last.seq);
				});
			case "typing":
				return this.#inConversation(who, "types", (device, { id }) => device.typing(id, true));
			case "crash device":
				who.crash();
				return this.#fault(dice.pick([0, 200, 5000, 40_000]) ?? 0, () => this.#open(who));
			case "switch off":
				void who.close().catch((error: unknown) => this.#failed(who, "close", error));
				return this.#fault(dice.between(100, 60_000), () => this.#open(who));
			case "break stream":
				return network.breakStreams(who.link, false);
			case "swallow":
				network.breakStreams(who.link, true);
				return this.#fault(dice.between(500, 20_000), () => network.breakStreams(who.link, false));
			case "cut":
				network.cut(who.link);
				return this.#fault(dice.between(500, 60_000), () => {
					who.link.down = false;
				});
			case "lossy":
				who.link.loss = 0.3;
				who.link.latencyMs = dice.pick([20, 400, 3000]) ?? 20;
				return this.#fault(dice.between(500, 30_000), () => {
					who.link.loss = 0;
					who.link.latencyMs = 20;
				});
			case "stall":
				who.link.stalled = true;
				return this.#fault(dice.between(500, 60_000), () => network.resume(who.link));
			case "crash node":
			case "restart node": {
				const node = dice.pick(nodes) as Node;
				if (!node.up) return;
				if (act === "crash node") node.crash();
				else void node.stop();
				return this.#fault(dice.between(100, 5000), () => void node.start());
			}
			case "full disk":
				disk.full = true;
				return this.#fault(dice.between(100, 8000), () => {
					disk.full = false;
				});
			case "full device":
				who.disk.full = true;
				return this.#fault(dice.between(100, 8000), () => {
					who.disk.full = false;
				});
			case "wrong clock": {
				const host = dice.chance(0.5) ? who.host : (dice.pick(nodes) as Node).host;
				host.clockErrorMs = dice.between(-120_000, 120_000);
				return;
			}
			case "wait":
				return scheduler.sleep(dice.between(1000, 40_000));
			case "long sleep":
				return scheduler.skip(31 * DAY_MS);
		}
	}

	/** Something that ends by itself after a while. */
	#fault(lastsMs: number, end: () => void): void {
		const once = () => {
			if (this.#faults.delete(once)) end();
		};
		this.#faults.add(once);
		this.#world.scheduler.after(lastsMs, once);
	}

	#open(who: Person): void {
		void who.open().catch((error: unknown) => this.#failed(who, "open", error));
	}

	#other(who: Person): Person {
		const others = this.#world.people.filter((person) => person !== who);
		return this.#world.dice.pick(others) as Person;
	}

	#do(who: Person, what: string, work: (device: Device) => Promise<unknown>): void {
		const { device } = who;
		if (device === undefined) return;
		work(device).then(
			() => this.#world.trace.note(who.name, `${what}: done`),
			(error: unknown) => this.#failed(who, what, error),
		);
	}

	#inConversation(who: Person, what: string, work: Work): void {
		this.#in(who, what, () => true, work);
	}

	/** In a group where this person may do that: mostly where it is an admin. */
	#inGroup(who: Person, what: string, work: Work, role: "admin" | "member" = "admin"): void {
		const may = ({ members }: ConversationView) =>
			role === "member" || members.some((one) => one.self && one.role === role);
		this.#in(who, what, (view) => view.kind === "group" && may(view), work);
	}

	#in(who: Person, what: string, fits: (view: ConversationView) => boolean, work: Work): void {
		this.#do(who, what, async (device) => {
			const views = (await device.conversations()).filter((view) => !view.ended && fits(view));
			const view = this.#world.dice.pick(views.sort((a, b) => (a.id < b.id ? -1 : 1)));
			if (view !== undefined) await work(device, view);
		});
	}

	async #withOne(people: readonly Person[], work: (account: AccountId) => Promise<void>): Promise<void> {
		const person = this.#world.dice.pick(people);
		if (person !== undefined) await work(person.account);
	}

	/** Refusals, and a device that is gone or whose disk is full, are ordinary ends; anything else is a defect. */
	#failed(who: Person, what: string, error: unknown): void {
		this.#world.trace.note(who.name, `${what}: ${isRefusal(error) ? error.code : describe(error)}`);
		if (error instanceof Refusal || error instanceof StateClosed || error instanceof StateFailed) return;
		this.#world.books.broken("defect", `${who.name} ${what}: ${describe(error)}`);
	}

	/** Everything works again, and everybody comes back. */
	async heal(): Promise<void> {
		const { trace, people, nodes, disk, network } = this.#world;
		trace.note("act", "everything is healed");
		for (const end of [...this.#faults]) end();
		disk.full = false;
		for (const host of [...people, ...nodes].map(({ host }) => host)) host.clockErrorMs = 0;
		for (const node of nodes) if (!node.up) void node.start();
		await this.#world.scheduler.sleep(3000);
		for (const person of people) {
			// Whoever comes anew looks at everything once more: its key packages, its conversations.
			if (person.device !== undefined) network.breakStreams(person.link, false);
			else this.#open(person);
			if ((await person.device?.connection())?.state === "replaced") person.device?.reconnect();
		}
	}

	/** The curtain falls. */
	async end(): Promise<void> {
		for (const person of this.#world.people) await person.close();
		for (const node of this.#world.nodes) await node.stop();
	}
}
