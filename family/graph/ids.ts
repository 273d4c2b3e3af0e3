/**
 * Ids of the Graph: 19 digits as text, below 2^63 and beyond what a double can hold. The first digit is the kind of the
 * object, so that `/{id}` finds its table; the rest grows with time, so that lists have an order.
 */
import type { Clock } from "@troth/protocol";

const KINDS = { audience: "1", campaign: "2", adset: "3", creative: "4", ad: "5" } as const;

export type ObjectKind = keyof typeof KINDS;
/** What a path may name before its edge. */
export type NodeKind = ObjectKind | "account";

/** Ids per millisecond; more than that run ahead of the clock. */
const PER_MS = 100_000n;

export class GraphIds {
	readonly #clock: Clock;
	#last = 0n;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	next(kind: ObjectKind): string {
		const now = BigInt(this.#clock.now()) * PER_MS;
		this.#last = this.#last >= now ? this.#last + 1n : now;
		return KINDS[kind] + String(this.#last).padStart(18, "0");
	}
}

const OBJECT_ID = /^[1-5]\d{18}$/;

/** The node a path names, its id without "act_"; undefined for what is none. */
export function readNode(node: string): { readonly kind: NodeKind; readonly id: string } | undefined {
	const account = /^act_(\d{1,20})$/.exec(node)?.[1];
	if (account !== undefined) return { kind: "account", id: account };
	if (!OBJECT_ID.test(node)) return undefined;
	const kind = (Object.keys(KINDS) as ObjectKind[]).find((name) => KINDS[name] === node[0]);
	return kind && { kind, id: node };
}
