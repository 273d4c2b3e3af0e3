/** What people do: they talk, gather, part, block each other, and take further devices. */
import type { AccountId } from "@troth/protocol";
import type { ConversationView, Device } from "../../client/device/api.ts";
import type { World } from "./driver.ts";
import type { Person } from "./person.ts";

/** How often each is done, beside each other and the faults. */
export const DEEDS = {
	...{ send: 46, "open direct": 3, "make group": 2, add: 7, remove: 5, leave: 2, rename: 2, read: 3, typing: 1 },
	...{ block: 3, unblock: 2, "link device": 1, "remove device": 0.5 },
} as const;
export type Deed = keyof typeof DEEDS;

type Work = (device: Device, view: ConversationView) => Promise<unknown>;

const isIn = ({ members }: ConversationView, account: AccountId) =>
	members.some((member) => member.account === account);

export class Deeds {
	readonly #world: World;
	readonly #failed: (who: Person, what: string, error: unknown) => void;
	#linked = false;
	#closed = false;
	#texts = 0;
	#groups = 0;

	constructor(world: World, failed: (who: Person, what: string, error: unknown) => void) {
		this.#world = world;
		this.#failed = failed;
	}

	async begin(deed: Deed, who: Person): Promise<void> {
		const { dice, nodes } = this.#world;
		switch (deed) {
			case "send":
				return this.#inConversation(who, "says", (device, { id }) => {
					const burst = dice.chance(0.1) ? dice.between(4, 8) : 1;
					return Promise.all(Array.from({ length: burst }, () => device.send(id, `${who.name} ${++this.#texts}`)));
				});
			case "open direct": {
				const other = this.#another(who);
				return this.#do(who, `opens a chat with ${other.name}`, (device) => device.openDirect(other.account));
			}
			case "make group": {
				const others = this.#others(who).filter(() => dice.chance(0.5));
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
					const outside = this.#others(who).filter(({ account }) => !isIn(view, account));
					return this.#withOne(outside, (account) => device.addMembers(view.id, [account]));
				});
			case "remove":
				return this.#inGroup(who, "removes", (device, view) => {
					const others = this.#others(who).filter(({ account }) => isIn(view, account));
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
			case "block": {
				const other = this.#another(who);
				return this.#do(who, `blocks ${other.name}`, (device) => device.block(other.account));
			}
			case "unblock":
				return this.#do(who, "unblocks", async (device) => {
					const blocked = dice.pick(await device.blocked());
					if (blocked !== undefined) await device.unblock(blocked.account);
				});
			case "link device":
				return this.#link(who);
			case "remove device":
				return this.#removeOther(who);
		}
	}

	/** From now on nobody comes who was not there. */
	close(): void {
		this.#closed = true;
	}

	/** One in a run: it takes part from the moment it has its account. */
	#link(who: Person): void {
		const { newDevice, meet } = this.#world;
		if (this.#linked || who.device === undefined) return;
		this.#linked = true;
		const device = newDevice(`${who.name}'s tablet`, who);
		const join = async () => {
			await device.join(who);
			if (this.#closed || !device.hasAccount) return;
			this.#world.trace.note(device.name, "is linked");
			meet(device);
			await device.open();
		};
		join().catch((error: unknown) => this.#failed(who, "links a device", error));
	}

	/** A lost one: it may be told at any time from now on that it is none of the account's any more. */
	#removeOther(who: Person): void {
		const { people, nodes, dice } = this.#world;
		const others = people.filter((other) => other.account === who.account && other !== who && !other.halted);
		const lost = dice.pick(others);
		// As leaving it moves no head.
		if (lost === undefined || nodes.length > 1) return;
		lost.mayEnd.add("removed");
		this.#do(who, `removes ${lost.name}`, (device) => device.removeDevice(lost.deviceId));
	}

	/** One device of everybody else. */
	#others(who: Person): readonly Person[] {
		const { people } = this.#world;
		const isFirst = (person: Person) => people.find(({ account }) => account === person.account) === person;
		return people.filter((person) => person.account !== who.account && isFirst(person));
	}

	#another(who: Person): Person {
		return this.#world.dice.pick(this.#others(who)) as Person;
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
}
