/** A life for tests: one person, versions that may follow one another, a door and a recipient that may be slow. */
import { decide } from "../decision/decide.ts";
import type { Policy } from "../policy/policy.ts";
import {
	type Effect,
	type Lifecycle,
	type LifecycleEvent,
	newLifecycle,
	phaseAt,
	reduce,
	type Step,
} from "./lifecycle.ts";
import { factsOf, type Person, UNKNOWN_PERSON } from "./person.ts";

export const DAY_MS = 24 * 3600 * 1000;
export const START = Date.UTC(2026, 10, 22, 12);

type Row = Extract<Effect, { readonly type: "outbox" }>;

/** What a recipient holds of the person, and what it was told to forget. */
export interface Held {
	readonly generation: number;
	/** What the decision said when it was delivered. */
	readonly state: Lifecycle;
	readonly atMs: number;
	/** Since when the words were agreed to without a break, as the life remembers it. */
	readonly agreedAtMs: number;
}

export class Life {
	state: Lifecycle;
	/** Rows the door has not done yet, the oldest first. */
	readonly queue: Row[] = [];
	readonly held = new Map<string, Held>();
	/** Every acceptance, in order. */
	readonly acceptances: { readonly policy: Policy; readonly atMs: number }[] = [];
	readonly #tombstones = new Map<string, number>();
	/** Shares that were delivered, ever. */
	delivered = 0;
	recalled = 0;

	constructor(current: Policy, person: Person = UNKNOWN_PERSON) {
		this.state = { ...newLifecycle(current, START), person };
	}

	happen(event: LifecycleEvent): Step {
		const step = reduce(this.state, event);
		const { accepted } = step.state;
		if (accepted !== undefined && accepted.policy !== this.state.accepted?.policy) this.acceptances.push(accepted);
		this.state = step.state;
		for (const effect of step.effects) if (effect.type === "outbox") this.queue.push(effect);
		return step;
	}

	/** The door does what it may of its first rows, and keeps what an embargo holds back. */
	work(rows: number, nowMs: number): void {
		const waiting: Row[] = [];
		for (const row of this.queue.splice(0, rows)) if (this.#do(row, nowMs) === "wait") waiting.push(row);
		this.queue.unshift(...waiting);
	}

	#do(row: Row, nowMs: number): "done" | "wait" {
		const key = keyOf(row);
		if (row.kind === "recall") {
			this.#tombstones.set(key, Math.max(row.generation, this.#tombstones.get(key) ?? 0));
			if ((this.held.get(key)?.generation ?? 0) <= row.generation && this.held.delete(key)) this.recalled++;
			return "done";
		}
		const answer = this.decide(row.purpose, row.recipient, nowMs);
		if (!answer.permit) return answer.reason === "EMBARGO" ? "wait" : "done";
		if (answer.generation !== row.generation || row.generation <= (this.#tombstones.get(key) ?? 0)) return "done";
		const atMs = Math.max(nowMs, this.state.timeMs);
		this.held.set(key, {
			...{ generation: row.generation, state: this.state, atMs },
			agreedAtMs: this.#agreedAtMs(row.purpose),
		});
		this.delivered++;
		return "done";
	}

	/** From the newest acceptance back, as long as the purpose has the same words. */
	#agreedAtMs(purpose: string): number {
		const words = this.acceptances.at(-1)?.policy.purposes.get(purpose)?.hash;
		const others = this.acceptances.findLastIndex(({ policy }) => policy.purposes.get(purpose)?.hash !== words);
		return this.acceptances[others + 1]?.atMs ?? Number.POSITIVE_INFINITY;
	}

	decide(purpose: string, recipient: string, nowMs: number) {
		const { current, accepted, choices, person, timeMs } = this.state;
		const atMs = Math.max(nowMs, timeMs);
		return decide({
			...{ purpose, recipient, current, accepted: accepted?.policy, acceptedAtMs: accepted?.atMs, nowMs: atMs },
			field: accepted?.policy.purposes.get(purpose)?.fields[0] ?? "phone_number",
			agreedAtMs: accepted?.agreedAtMs.get(purpose),
			phase: phaseAt(this.state, atMs),
			choice: choices.get(purpose),
			person: factsOf(person),
		});
	}

	/** Is a recall of this on its way? */
	recallOpen(key: string, generation: number): boolean {
		return this.queue.some((row) => row.kind === "recall" && keyOf(row) === key && row.generation >= generation);
	}
}

function keyOf({ purpose, recipient }: { readonly purpose: string; readonly recipient: string }): string {
	return `${purpose}/${recipient}`;
}
