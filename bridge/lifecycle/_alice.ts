/** Alice as the tests of her life with the terms begin with her, and what she says. */
import assert from "node:assert/strict";
import { shipped } from "../_policies.ts";
import { DAY_MS, Life, START } from "./_life.ts";
import type { Effect } from "./lifecycle.ts";

export const V1 = shipped("v1");

export const V2 = shipped("opt-in");

export const V3 = shipped("opt-in", 3);

export const OPT_OUT = shipped("opt-out");

let events = 0;

export const decided = (
	life: Life,
	atMs: number,
	answers: Readonly<Record<string, boolean>>,
	{ eventId = `e${++events}`, shownOn = false } = {},
) =>
	life.happen({
		...{ type: "decided", eventId, shownOn, atMs },
		decisions: Object.entries(answers).map(([purpose, granted]) => ({
			...{ purpose, granted, purposeHash: life.state.current.purposes.get(purpose)?.hash ?? "" },
			generation: granted ? (life.state.choices.get(purpose)?.generation ?? 0) + 1 : 0,
		})),
	});

/** Alice accepted version 1, and version 2 was published. */
export function alice(): Life {
	const life = new Life(V1);
	assert.equal(life.happen({ type: "accepted", version: 1, atMs: START }).refused, undefined);
	life.happen({ type: "published", policy: V2, atMs: START + DAY_MS });
	return life;
}

export const told = (effects: readonly Effect[]) =>
	effects.map((effect) =>
		effect.type === "outbox"
			? `${effect.kind} ${effect.purpose} ${effect.recipient} ${effect.generation}`
			: effect.type,
	);

/** What was said about use under a pseudonym goes back: in Germany only sums are made of it. */
export const SUMS_ONLY = ["recall usage_metrics family 0", "recall usage_metrics photos 0"];
