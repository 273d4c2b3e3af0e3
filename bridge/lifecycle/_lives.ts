import fc from "fast-check";
import { type Places, type PurposeShape, policyOf } from "../_policies.ts";
import { lintSuccession, type Policy } from "../policy/policy.ts";
import { DAY_MS, Life } from "./_life.ts";
import { type LifecycleEvent, TERMS_WINDOW_MS } from "./lifecycle.ts";
import { type Person, UNKNOWN_PERSON } from "./person.ts";

const PURPOSES = ["friend_suggestions", "relevant_ads", "account_linking"];
export const RECIPIENTS = ["family", "photos"];

const shapeOf = (id: string) =>
	fc.option(
		fc.record({
			id: fc.constant(id),
			basis:
				id === "account_linking" ? fc.constant("consent" as const) : fc.constantFrom("consent", "opt_out" as const),
			wording: fc.constantFrom(1, 1, 1, 2),
			recipients: fc.constantFrom(["family"], ["family", "photos"], ["photos"]),
		}),
		{ freq: 8, nil: undefined },
	);

interface Version {
	readonly shapes: readonly PurposeShape[];
	readonly places: Places;
}

/**
 * Versions with all three purposes unless one leaves some out: not every one there could be, because a policy takes
 * longer to check than a life takes to live.
 */
const VERSIONS: readonly Version[] = fc.sample(
	fc.record({
		shapes: fc.tuple(...PURPOSES.map(shapeOf)).map((list) => list.filter((shape) => shape !== undefined)),
		places: fc.record({
			optOutIn: fc.constantFrom(["US"], ["US"], ["US", "CA"], ["CA"]),
			aggregatesIn: fc.constant(["DE"]),
		}),
	}),
	{ numRuns: 150, seed: 1 },
);
const versions = fc.constantFrom(...VERSIONS);

/** Where somebody lives, and whether they are of age. */
const place: fc.Arbitrary<Partial<Person>> = fc.record(
	{
		numberRegion: fc.constantFrom("US", "US", "US", "US", "CA", "DE", undefined),
		declaredRegion: fc.constantFrom("US", "DE", undefined, undefined, undefined, undefined),
		minor: fc.constantFrom(false, false, false, false, true),
	},
	{ requiredKeys: [] },
);

/** Time passes, mostly forward, often to just around a deadline. */
export const passing = fc.constantFrom(
	0,
	1,
	1000,
	DAY_MS,
	10 * DAY_MS,
	TERMS_WINDOW_MS - 1,
	TERMS_WINDOW_MS,
	-3 * DAY_MS,
);

type Move =
	| { readonly kind: "publish" }
	| { readonly kind: "display"; readonly back: number }
	| { readonly kind: "accept"; readonly back: number }
	| {
			readonly kind: "decide";
			readonly answers: readonly { readonly purpose: string; readonly granted: boolean }[];
			readonly skew: number;
			readonly stale: boolean;
			readonly shownOn: boolean;
	  }
	| { readonly kind: "move"; readonly person: Partial<Person> }
	| { readonly kind: "renumber"; readonly renew: readonly string[]; readonly skew: number; readonly to: string }
	| { readonly kind: "narrow" }
	| { readonly kind: "replay" }
	| { readonly kind: "tick" }
	| { readonly kind: "work"; readonly rows: number }
	| { readonly kind: "delete" };

export const answers = fc.uniqueArray(fc.record({ purpose: fc.constantFrom(...PURPOSES), granted: fc.boolean() }), {
	selector: ({ purpose }) => purpose,
	minLength: 1,
	maxLength: 3,
});

export const moves: fc.Arbitrary<Move> = fc.oneof(
	{ weight: 2, arbitrary: fc.constant({ kind: "publish" } as const) },
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant("display" as const), back: fc.constantFrom(0, 0, 0, 1) }) },
	{ weight: 4, arbitrary: fc.record({ kind: fc.constant("accept" as const), back: fc.constantFrom(0, 0, 0, 1) }) },
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant("decide" as const),
			answers,
			skew: fc.constantFrom(0, 0, 0, 0, 0, -1, 1),
			stale: fc.constantFrom(false, false, false, false, true),
			shownOn: fc.boolean(),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("move" as const), person: place }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant("renumber" as const),
			renew: fc.subarray(PURPOSES),
			skew: fc.constantFrom(0, 0, 0, -1, 1),
			to: fc.constantFrom("US", "US", "CA", "DE"),
		}),
	},
	{ weight: 3, arbitrary: fc.constant({ kind: "narrow" } as const) },
	{ weight: 1, arbitrary: fc.constant({ kind: "replay" } as const) },
	{ weight: 2, arbitrary: fc.constant({ kind: "tick" } as const) },
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant("work" as const), rows: fc.integer({ min: 1, max: 6 }) }) },
	{
		weight: 1,
		arbitrary: fc.constantFrom({ kind: "tick" } as const, { kind: "tick" } as const, { kind: "delete" } as const),
	},
);

const IN_THE_US: Person = { ...UNKNOWN_PERSON, numberRegion: "US" };

export const lives = fc.record({
	versions: fc.array(versions, { minLength: 3, maxLength: 4 }),
	person: fc.constantFrom<Person>(...[IN_THE_US, IN_THE_US, IN_THE_US, UNKNOWN_PERSON, { ...IN_THE_US, minor: true }], {
		...IN_THE_US,
		declaredRegion: "DE",
	}),
	moves: fc.array(fc.record({ passing, move: moves }), { minLength: 8, maxLength: 40 }),
});

const ALL = PURPOSES.map((purpose) => ({ purpose, granted: true }));
const YES: Move = { kind: "decide", answers: ALL, skew: 0, stale: false, shownOn: false };
const ACCEPT: Move = { kind: "accept", back: 0 };
const beginning = (...begun: readonly (readonly [passing: number, Move])[]) =>
	lives.map((life) => ({ ...life, moves: [...begun.map(([ms, move]) => ({ passing: ms, move })), ...life.moves] }));

/** Lives that begin with a yes to everything, and those that accept two versions within an embargo. */
export const given = beginning(
	...([
		[0, ACCEPT],
		[0, YES],
		[TERMS_WINDOW_MS, { kind: "work", rows: 6 }],
		[0, { kind: "publish" }],
		[0, { kind: "narrow" }],
	] as const),
);
export const twice = beginning(
	...([
		[0, ACCEPT],
		[0, YES],
		[0, { kind: "publish" }],
		[10 * DAY_MS, ACCEPT],
		[20 * DAY_MS, { kind: "work", rows: 6 }],
	] as const),
);

export interface Told {
	readonly versions: readonly Version[];
	readonly person: Person;
	readonly moves: readonly { readonly passing: number; readonly move: Move }[];
}

/** Lives a life; `watch` sees every event with what was before it. */
export function live(
	{ versions: told, person, moves: list }: Told,
	watch: (
		life: Life,
		happen: (event: LifecycleEvent) => ReturnType<Life["happen"]>,
		event: LifecycleEvent,
		nowMs: number,
	) => void,
	after: (life: Life) => void = () => {},
): Life {
	const [first, ...rest] = told;
	const published: Policy[] = [policyOf(1, first?.shapes ?? [], first?.places)];
	const life = new Life(published[0] ?? policyOf(1, []), person);
	let nowMs = life.state.timeMs;
	let last: LifecycleEvent | undefined;
	let waiting = rest;
	for (const [n, { passing: ms, move }] of list.entries()) {
		nowMs += ms;
		if (move.kind === "work") life.work(move.rows, nowMs);
		else if (move.kind === "publish") {
			const policy = policyOf(published.length + 1, waiting[0]?.shapes ?? [], waiting[0]?.places);
			waiting = waiting.slice(1);
			if (waiting.length === 0 && published.length > 3) continue;
			if (lintSuccession(policy, published).length > 0) continue;
			published.push(policy);
			watch(life, (event) => life.happen(event), { type: "published", policy, atMs: nowMs }, nowMs);
		} else {
			const event = move.kind === "replay" ? last : eventOf(life, move, nowMs, `e${n}`, published);
			if (event === undefined) continue;
			if ("eventId" in event) last = event;
			watch(life, (one) => life.happen(one), { ...event, atMs: nowMs }, nowMs);
		}
		after(life);
	}
	return life;
}

function eventOf(
	{ state }: Life,
	move: Exclude<Move, { readonly kind: "publish" | "work" | "replay" }>,
	atMs: number,
	eventId: string,
	published: readonly Policy[],
): LifecycleEvent {
	switch (move.kind) {
		case "display":
			return { type: "displayed", version: state.current.version - move.back, atMs };
		case "accept":
			return { type: "accepted", version: state.current.version - move.back, atMs };
		case "decide": {
			const source = move.stale ? (published[0] ?? state.current) : state.current;
			const decisions = move.answers.map(({ purpose, granted }) => ({
				...{ purpose, granted, purposeHash: source.purposes.get(purpose)?.hash ?? "" },
				generation: granted ? (state.choices.get(purpose)?.generation ?? 0) + 1 + move.skew : 0,
			}));
			return { type: "decided", eventId, decisions, shownOn: move.shownOn, atMs };
		}
		case "renumber": {
			const live = [...state.choices].filter(
				([purpose, choice]) =>
					choice.state === "granted" && purpose !== "account_linking" && move.renew.includes(purpose),
			);
			const renewed = live.map(([purpose, { purposeHash, generation }]) => {
				return { purpose, granted: true, purposeHash, generation: generation + 1 + move.skew };
			});
			return { type: "renumbered", eventId, renewed, numberRegion: move.to, atMs };
		}
		case "move":
			return { type: "moved", person: move.person, atMs };
		case "narrow":
			return { type: "narrowed", by: state.current, atMs };
		case "tick":
			return { type: "tick", atMs };
		case "delete":
			return { type: "deleted", atMs };
	}
}

export const permits = (life: Life, nowMs: number) =>
	PURPOSES.flatMap((purpose) => RECIPIENTS.map((recipient) => life.decide(purpose, recipient, nowMs).permit));
