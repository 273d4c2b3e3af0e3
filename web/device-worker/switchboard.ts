/**
 * One device, many tabs (hazard 13: two tabs must not share a ratchet). Each tab has a worker with a switchboard; all
 * of them ask for one Web Lock, and whoever holds it opens the device and serves the others over a BroadcastChannel.
 * When that tab goes away the browser gives the lock to the next one, which opens the same store and goes on; calls
 * that were under way are asked again where that is harmless, and reported where it is not.
 */
import type { Clock, Timer } from "@troth/protocol";
import { Refusal } from "@troth/protocol";
import { type HostEvent, type HostState, METHODS, type MethodName, ON_HAND_OVER } from "./host.ts";
import { type BetweenWorkers, type Call, HandedOver, type Result, type ToTab, toOutcome } from "./wire.ts";

/** The opened device, or what there is before an account exists. */
export interface Backend {
	readonly state: HostState;
	call(method: MethodName, args: readonly unknown[]): Promise<unknown>;
	subscribe(listener: (event: HostEvent) => void): void;
}

export interface SwitchboardPorts {
	/** Runs `task` when this worker holds the lock, and holds it as long as the task is pending. */
	readonly lead: (task: () => Promise<void>) => void;
	readonly broadcast: (message: BetweenWorkers) => void;
	readonly toTab: (message: ToTab) => void;
	readonly open: () => Promise<Backend>;
	readonly clock: Clock;
	/** Unique among the tabs. */
	readonly id: string;
}

/** How often a waiting follower asks whether the leader is still there, and how long it believes in it, in ms. */
const ASK_EVERY = 4_000;
const SILENCE = 20_000;

interface Pending {
	readonly call: Call;
	/** The leader that was asked; undefined while there is none. */
	asked: string | undefined;
}

export class Switchboard {
	readonly #ports: SwitchboardPorts;
	readonly #pending = new Map<number, Pending>();
	#backend: Backend | undefined;
	#leader: string | undefined;
	#heardAt = 0;
	#asking: Timer | undefined;

	constructor(ports: SwitchboardPorts) {
		this.#ports = ports;
	}

	/** Looks for a leader, and queues to become the next one. Ends with the worker. */
	start(): void {
		this.#ports.broadcast({ kind: "who" });
		this.#ports.lead(async () => {
			await this.#takeOver();
			await new Promise(() => {});
		});
	}

	/** A call of this worker's own tab. */
	fromTab(call: Call): void {
		if (!METHODS.includes(call.method)) return;
		const pending = { call, asked: undefined };
		this.#pending.set(call.id, pending);
		this.#dispatch(pending);
	}

	/** A message of another tab's worker. */
	fromWorker(message: BetweenWorkers): void {
		switch (message.kind) {
			case "who":
				this.#announce();
				break;
			case "leader":
				this.#follow(message.leader, message.state);
				break;
			case "remote-call":
				if (message.leader === this.#ports.id) void this.#serve(message.from, message.call);
				break;
			case "remote-result":
				if (message.to === this.#ports.id) this.#settle(message.result);
				break;
			case "leader-event":
				if (message.leader === this.#leader) this.#ports.toTab({ kind: "event", event: message.event });
				break;
		}
	}

	async #takeOver(): Promise<void> {
		const opened = await this.#ports.open();
		this.#backend = opened;
		this.#leader = this.#ports.id;
		this.#asking?.cancel();
		opened.subscribe((event) => this.#publish(event));
		this.#announce();
		this.#changed(opened.state);
	}

	#publish(event: HostEvent): void {
		this.#ports.broadcast({ kind: "leader-event", leader: this.#ports.id, event });
		this.#ports.toTab({ kind: "event", event });
	}

	#announce(): void {
		if (this.#backend === undefined) return;
		this.#ports.broadcast({ kind: "leader", leader: this.#ports.id, state: this.#backend.state });
	}

	#follow(leader: string, state: HostState): void {
		if (this.#backend !== undefined) return;
		this.#heardAt = this.#ports.clock.now();
		if (leader === this.#leader) return;
		this.#leader = leader;
		this.#changed(state);
	}

	/** There is a (new) leader: the tab hears of it, and what waited goes there. */
	#changed(state: HostState): void {
		this.#ports.toTab({ kind: "event", event: { type: "state", state } });
		this.#ports.toTab({ kind: "event", event: { type: "resync" } });
		for (const pending of [...this.#pending.values()]) {
			if (pending.asked === undefined || ON_HAND_OVER[pending.call.method] === "repeat") this.#dispatch(pending);
			else this.#settle({ kind: "result", id: pending.call.id, outcome: toOutcome(new HandedOver()) });
		}
	}

	#dispatch(pending: Pending): void {
		pending.asked = this.#leader;
		if (this.#backend !== undefined) void this.#serve(this.#ports.id, pending.call);
		else if (this.#leader !== undefined) {
			this.#ports.broadcast({
				kind: "remote-call",
				leader: this.#leader,
				from: this.#ports.id,
				call: pending.call,
			});
			this.#watchLeader();
		}
	}

	async #serve(from: string, call: Call): Promise<void> {
		const result = await this.#run(call);
		if (from === this.#ports.id) this.#settle(result);
		else this.#ports.broadcast({ kind: "remote-result", to: from, result });
	}

	async #run({ id, method, args }: Call): Promise<Result> {
		try {
			if (this.#backend === undefined) throw new Refusal("UNAVAILABLE", "this tab does not serve the device");
			return { kind: "result", id, outcome: { ok: true, value: await this.#backend.call(method, args) } };
		} catch (error) {
			return { kind: "result", id, outcome: toOutcome(error) };
		}
	}

	#settle(result: Result): void {
		if (this.#pending.delete(result.id)) this.#ports.toTab(result);
	}

	/**
	 * A leader that closed frees the lock, and then the next one speaks up. This is for one that hangs: it keeps the
	 * lock and answers nothing.
	 */
	#watchLeader(): void {
		if (this.#asking !== undefined) return;
		const { clock } = this.#ports;
		this.#heardAt = clock.now();
		const ask = () => {
			this.#asking = undefined;
			if (this.#backend !== undefined || this.#pending.size === 0) return;
			if (clock.now() - this.#heardAt > SILENCE) return this.#giveUp();
			this.#ports.broadcast({ kind: "who" });
			this.#asking = clock.after(ASK_EVERY, ask);
		};
		this.#asking = clock.after(ASK_EVERY, ask);
	}

	#giveUp(): void {
		for (const { call } of [...this.#pending.values()]) {
			const refusal = new Refusal("UNAVAILABLE", "the tab that serves the device does not answer");
			this.#settle({ kind: "result", id: call.id, outcome: toOutcome(refusal) });
		}
	}
}
