/** The decision in TypeScript against the same policy in Cedar: 20 000 random questions, every reason often (hazard 34). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { preparsePolicySet, statefulIsAuthorized, validate } from "@cedar-policy/cedar-wasm/nodejs";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { type PurposeShape, policyOf, shipped } from "../_policies.ts";
import { type DecisionInput, decide, type Phase } from "../decision/decide.ts";
import { cedarContext, REASONS, SCHEMA, toCedar } from "./cedar.ts";
import type { Policy } from "./policy.ts";

const DAY_MS = 24 * 3600 * 1000;
const ACCEPTED_AT = Date.UTC(2026, 10, 22, 12);
const CHOICES = ["friend_suggestions", "relevant_ads", "account_linking"];
const RESIDUAL = ["usage_metrics", "infrastructure", "spam_and_abuse", "security", "infringement"];
const PURPOSES = [...CHOICES, ...RESIDUAL];

/** Mostly the first. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
	fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const recipients = fc.constantFrom(["family"], ["family", "photos"]);
const shapeOf = (id: string): fc.Arbitrary<PurposeShape> => {
	const bases = id === "account_linking" || !CHOICES.includes(id) ? [] : (["opt_out"] as const);
	const basis = CHOICES.includes(id) ? fc.constantFrom("consent" as const, ...bases) : fc.constant(residual);
	return fc.record({ id: fc.constant(id), basis, wording: fc.constant(1), recipients });
};
const residual = "legitimate_interest" as const;

/** Two versions; the second mostly keeps a purpose, and sometimes has it in other words or not at all. */
const pair = fc
	.tuple(
		...PURPOSES.map((id) =>
			fc.record({
				shape: shapeOf(id),
				now: mostly<string>("kept", "reworded", "gone", "new"),
				there: mostly(true, false),
			}),
		),
	)
	.chain((rows) =>
		fc.record({
			accepted: fc.constant(rows.flatMap(({ shape, there, now }) => (there && now !== "new" ? [shape] : []))),
			current: fc.constant(
				rows.flatMap(({ shape, there, now }) =>
					there && now !== "gone" ? [now === "reworded" ? { ...shape, wording: 2 } : shape] : [],
				),
			),
			same: mostly(false, true),
			first: mostly(false, true),
			optOutIn: fc.tuple(...[0, 1].map(() => mostly(["US", "CA"], ["US"], ["CA", "JP"]))),
			aggregatesIn: fc.tuple(...[0, 1].map(() => fc.constantFrom(undefined, ["DE"], ["DE", "US"], ["*", "DE"]))),
		}),
	)
	.map(({ accepted, current, same, first, optOutIn, aggregatesIn }): readonly [Policy, Policy | undefined] => {
		const places = [0, 1].map((n) => ({
			...{ optOutIn: optOutIn[n] ?? [] },
			...(aggregatesIn[n] !== undefined && { aggregatesIn: aggregatesIn[n] }),
		}));
		const then = policyOf(2, accepted, places[0]);
		return [same ? then : policyOf(3, current, places[1]), first ? undefined : then];
	});

/** As many as can be made and parsed in a few seconds; each is asked some 250 questions. */
const PAIRS = fc.sample(pair, { numRuns: 80, seed: 7 });

interface Question {
	readonly pair: number;
	readonly purpose: string;
	readonly field: string | undefined;
	readonly recipient: string;
	readonly phase: Phase;
	readonly acceptedAtMs: number | undefined;
	readonly agreedAtMs: number | undefined;
	readonly state: "granted" | "refused" | "withdrawn" | "unset";
	readonly answered: boolean;
	readonly to: "accepted" | "current" | "other";
	readonly shownOn: boolean;
	readonly regions: readonly string[];
	readonly minor: boolean;
	readonly sums: boolean | undefined;
	readonly days: number;
}

const questions: fc.Arbitrary<Question> = fc.record({
	pair: fc.nat(PAIRS.length - 1),
	purpose: fc.oneof(
		{ weight: 3, arbitrary: fc.constantFrom(...CHOICES) },
		{ weight: 2, arbitrary: fc.constantFrom("usage_metrics", ...RESIDUAL) },
	),
	field: mostly<string | undefined>(undefined, "phone_number", "os", "label", "messages"),
	recipient: mostly("family", "photos", "advertiser"),
	phase: mostly<Phase>("ACTIVE", "PENDING", "SUSPENDED", "CLOSED"),
	acceptedAtMs: mostly<number | undefined>(ACCEPTED_AT, undefined),
	agreedAtMs: mostly<number | undefined>(undefined, ACCEPTED_AT - 10 * DAY_MS, ACCEPTED_AT - 40 * DAY_MS),
	state: mostly<Question["state"]>("granted", "refused", "withdrawn", "unset"),
	answered: mostly(true, false),
	to: mostly<Question["to"]>("accepted", "current", "other"),
	shownOn: fc.constantFrom(false, false, true),
	regions: fc.constantFrom(...[["US"], ["US"], ["US", "CA"], ["CA"], ["DE"], ["US", "DE"], ["JP"], []]),
	minor: fc.constantFrom(false, false, false, true),
	sums: mostly<boolean | undefined>(undefined, false, true),
	days: fc.constantFrom(0, 29, 30, 31, 32, 400),
});

function inputOf({ pair: index, field, state, answered, to, shownOn, regions, minor, days, ...rest }: Question) {
	const [current, accepted] = PAIRS[index] ?? [shipped("opt-in"), undefined];
	const hashes = { accepted, current, other: undefined };
	const row = accepted?.purposes.get(rest.purpose) ?? current.purposes.get(rest.purpose);
	const input: DecisionInput = {
		...rest,
		...{ current, accepted },
		field: field ?? row?.fields.at(-1) ?? "phone_number",
		choice: answered
			? { state, purposeHash: hashes[to]?.purposes.get(rest.purpose)?.hash ?? "", generation: 1, shownOn }
			: undefined,
		person: { regions, minor },
		nowMs: ACCEPTED_AT + days * DAY_MS,
	};
	return input;
}

const parsed = new Set<string>();

/** The Cedar policy set of a pair, parsed once. */
function preparsed(index: number, current: Policy, accepted: Policy | undefined): string {
	const name = `pair ${index}`;
	if (!parsed.has(name)) {
		const answer = preparsePolicySet(name, { staticPolicies: Object.fromEntries(toCedar(current, accepted)) });
		assert.equal(answer.type, "success", JSON.stringify(answer));
		parsed.add(name);
	}
	return name;
}

/** Cedar's answer: the reason that `decide` would name, the first of those that forbid. */
function askCedar(index: number, input: DecisionInput): string {
	const answer = statefulIsAuthorized({
		principal: { type: "Person", id: "carla" },
		action: { type: "Action", id: "share" },
		resource: { type: "Recipient", id: input.recipient },
		context: cedarContext(input),
		preparsedPolicySetId: preparsed(index, input.current, input.accepted),
		entities: [],
	});
	assert.equal(answer.type, "success", JSON.stringify(answer));
	const { decision, diagnostics } = answer.response;
	assert.deepEqual(diagnostics.errors, []);
	if (decision === "allow") return "PERMIT";
	return REASONS.find((reason) => diagnostics.reason.includes(reason)) ?? "nothing permits it";
}

test("Cedar permits what the decision permits, and forbids the rest for the same reason", () => {
	const counts = new Map<string, number>();
	let asked = 0;
	fc.assert(
		fc.property(questions, (question) => {
			const input = inputOf(question);
			const decision = decide(input);
			const ours = decision.permit ? "PERMIT" : decision.reason;
			assert.equal(askCedar(question.pair, input), ours);
			asked++;
			counts.set(ours, (counts.get(ours) ?? 0) + 1);
		}),
		{ numRuns: rounds(20_000, 200_000) },
	);
	const permitted = counts.get("PERMIT") ?? 0;
	assert.ok(permitted >= asked / 5, `${permitted} of ${asked} are permitted: too few to tell anything`);
	for (const reason of REASONS) assert.ok((counts.get(reason) ?? 0) >= 200, `${reason}: ${counts.get(reason)}`);
});

test("Cedar's validator has nothing to say about the generated policies, those of the shipped files among them", () => {
	const [optIn, optOut, first] = [shipped("opt-in"), shipped("opt-out"), shipped("v1")];
	const some: readonly (readonly [Policy, Policy | undefined])[] = [
		...([
			[optIn, optIn],
			[optOut, optOut],
			[optOut, first],
			[first, undefined],
		] as const),
		...PAIRS.slice(0, 20),
	];
	for (const [current, accepted] of some) {
		const policies = { staticPolicies: Object.fromEntries(toCedar(current, accepted)) };
		const answer = validate({ schema: SCHEMA, policies });
		assert.equal(answer.type, "success", JSON.stringify(answer));
		assert.deepEqual(answer.type === "success" && answer.validationErrors, [], JSON.stringify(policies));
	}
});
