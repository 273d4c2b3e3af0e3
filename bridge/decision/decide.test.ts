/** What may flow, and everything that stops it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { type PurposeShape, policyOf, shipped } from "../_policies.ts";
import { lintSuccession, type Policy } from "../policy/policy.ts";
import { type DecisionInput, type DenyReason, decide, type Phase } from "./decide.ts";

const DAY_MS = 24 * 3600 * 1000;
const ACCEPTED_AT = Date.UTC(2026, 10, 22, 12);
const V1 = shipped("v1");
const OPT_IN = shipped("opt-in");
const OPT_OUT = shipped("opt-out");

const hashOf = (policy: Policy, purpose: string) => policy.purposes.get(purpose)?.hash ?? "";
const granted = (policy: Policy, purpose: string, generation = 1) => ({
	...({ state: "granted", purposeHash: hashOf(policy, purpose), generation, shownOn: false } as const),
});

/** Carla accepted version 2 and said yes to friend suggestions. */
const YES: DecisionInput = {
	...{ purpose: "friend_suggestions", field: "phone_number", recipient: "family" },
	...{ current: OPT_IN, accepted: OPT_IN, phase: "ACTIVE", acceptedAtMs: ACCEPTED_AT },
	...{
		choice: granted(OPT_IN, "friend_suggestions", 3),
		nowMs: ACCEPTED_AT,
		person: { regions: ["US"], minor: false },
	},
};

const reason = (change: Partial<DecisionInput>): DenyReason | "PERMIT" => {
	const decision = decide({ ...YES, ...change });
	return decision.permit ? "PERMIT" : decision.reason;
};

test("a yes to what was shown flows at once, under its own generation", () => {
	assert.deepEqual(decide(YES), { permit: true, basis: "consent", generation: 3 });
	assert.equal(reason({ recipient: "photos" }), "PERMIT");
	assert.equal(reason({ phase: "PENDING" }), "PERMIT");
});

test("without one of its conditions it does not", () => {
	const choice = granted(OPT_IN, "friend_suggestions");
	const changed = policyOf(3, [{ id: "friend_suggestions", basis: "consent", wording: 1, recipients: ["family"] }]);
	const cases: readonly (readonly [DenyReason, Partial<DecisionInput>])[] = [
		["CLOSED", { phase: "CLOSED" }],
		["SUSPENDED", { phase: "SUSPENDED" }],
		["NOT_ACCEPTED", { accepted: undefined }],
		["NOT_ACCEPTED", { acceptedAtMs: undefined }],
		["PURPOSE_NOT_ACCEPTED", { accepted: V1 }],
		["PURPOSE_NOT_CURRENT", { current: V1 }],
		["PURPOSE_NOT_CURRENT", { purpose: "toString" }],
		["PURPOSE_CHANGED", { current: changed }],
		["GRANT_OUTDATED", { current: changed, accepted: changed }],
		["FIELD_NOT_LISTED", { field: "device_type" }],
		["FIELD_NOT_LISTED", { field: "messages" }],
		["RECIPIENT_NOT_LISTED", { recipient: "advertiser" }],
		["RECIPIENT_NOT_LISTED", { ...{ purpose: "relevant_ads", recipient: "photos" } }],
		["NOT_GRANTED", { choice: undefined }],
		["NOT_GRANTED", { choice: { ...choice, state: "unset" } }],
		["REFUSED", { choice: { ...choice, state: "refused" } }],
		["WITHDRAWN", { choice: { ...choice, state: "withdrawn" } }],
	];
	for (const [expected, change] of cases) assert.equal(reason(change), expected, JSON.stringify(change));
});

test("under opt_out nothing flows before the embargo ends, to the millisecond, whatever was ticked", () => {
	const optOut = { current: OPT_OUT, accepted: OPT_OUT };
	const choice = granted(OPT_OUT, "friend_suggestions");
	for (const shownOn of [false, true]) {
		const at = (nowMs: number) => decide({ ...YES, ...optOut, choice: { ...choice, shownOn }, nowMs });
		const fromMs = ACCEPTED_AT + 30 * DAY_MS;
		assert.deepEqual(at(ACCEPTED_AT), { permit: false, reason: "EMBARGO", fromMs });
		assert.deepEqual(at(fromMs - 1), { permit: false, reason: "EMBARGO", fromMs });
		assert.equal(at(fromMs).permit, true);
		assert.equal(at(fromMs + 1).permit, true);
	}
	const late = { ...optOut, nowMs: ACCEPTED_AT + 400 * DAY_MS };
	assert.equal(reason({ ...late, choice: undefined }), "NOT_GRANTED", "nobody has seen the control yet");
	assert.equal(reason({ ...late, choice: { ...choice, state: "refused" } }), "REFUSED");
	assert.equal(reason({ ...late, choice: { ...choice, state: "withdrawn" } }), "WITHDRAWN");
	assert.equal(reason({ ...late, choice: granted(OPT_IN, "friend_suggestions") }), "GRANT_OUTDATED");
	// The link is a consent there, too: nobody is linked by silence.
	const link = { ...late, purpose: "account_linking", field: "link_assertion" };
	assert.equal(reason({ ...link, choice: undefined }), "NOT_GRANTED");
});

test("what protects others does not wait for acceptance, what measures does", () => {
	const shape = (id: string): PurposeShape => ({
		...{ id, basis: "legitimate_interest", wording: 1, recipients: ["family"] },
	});
	const policy = policyOf(2, [shape("usage_metrics"), shape("spam_and_abuse")]);
	const base = { current: policy, accepted: policy, choice: undefined };
	const metrics = { ...base, purpose: "usage_metrics", field: "usage_class" };
	const abuse = { ...base, purpose: "spam_and_abuse", field: "label" };
	assert.equal(reason(metrics), "PERMIT");
	assert.equal(reason({ ...metrics, phase: "SUSPENDED" }), "SUSPENDED");
	assert.equal(reason({ ...abuse, phase: "SUSPENDED" }), "PERMIT");
	assert.equal(reason({ ...abuse, phase: "CLOSED" }), "CLOSED");
	const objected = {
		state: "refused",
		purposeHash: hashOf(policy, "usage_metrics"),
		generation: 0,
		shownOn: false,
	} as const;
	assert.equal(reason({ ...metrics, choice: objected }), "REFUSED");
});

test("minors are shown no ads by a profile, whatever they answered and whatever the basis", () => {
	const minor = { person: { regions: ["US"], minor: true } };
	const ads = { purpose: "relevant_ads", choice: granted(OPT_IN, "relevant_ads") };
	assert.equal(reason({ ...ads }), "PERMIT");
	assert.equal(reason({ ...ads, ...minor }), "MINOR");
	assert.equal(reason({ ...minor }), "PERMIT", "other purposes are theirs to choose");
	const late = { current: OPT_OUT, accepted: OPT_OUT, nowMs: ACCEPTED_AT + 31 * DAY_MS };
	const left = { ...late, choice: { ...granted(OPT_OUT, "friend_suggestions"), shownOn: true } };
	assert.equal(reason({ ...left }), "PERMIT");
	assert.equal(reason({ ...left, ...minor }), "PRE_TICKED");
	assert.equal(reason({ ...late, ...minor, ...{ purpose: "relevant_ads", choice: undefined } }), "MINOR");
});

test("outside its regions an opt-out is a question: leaving it as it was is no yes, and the strictest region counts", () => {
	const choice = granted(OPT_OUT, "friend_suggestions");
	const late = { current: OPT_OUT, accepted: OPT_OUT, nowMs: ACCEPTED_AT + 31 * DAY_MS };
	const at = (regions: readonly string[], shownOn: boolean) =>
		decide({ ...YES, ...late, choice: { ...choice, shownOn }, person: { regions, minor: false } });
	const [asked, left] = [
		{ permit: true, basis: "consent", generation: 1 },
		{ permit: false, reason: "PRE_TICKED" },
	];
	assert.deepEqual(at(["US"], true), { permit: true, basis: "opt_out", generation: 1 });
	for (const regions of [["DE"], ["US", "DE"], ["DE", "US"], ["CA"], []]) {
		assert.deepEqual(at(regions, true), left, regions.join());
		assert.deepEqual(at(regions, false), asked, regions.join());
	}
	const soon = { ...late, nowMs: ACCEPTED_AT, choice, person: { regions: ["DE"], minor: false } };
	assert.equal(reason(soon), "EMBARGO", "the words promise it to everybody");
});

test("a version with stricter rules holds from its publication on, one with looser rules from its acceptance on", () => {
	const shape: PurposeShape = { id: "friend_suggestions", basis: "opt_out", wording: 1, recipients: ["family"] };
	const [us, both] = [["US"], ["US", "CA"]].map((optOutIn, n) => policyOf(n + 2, [shape], { optOutIn }));
	assert.ok(us !== undefined && both !== undefined);
	const left = { ...granted(us, "friend_suggestions"), shownOn: true };
	const late = { nowMs: ACCEPTED_AT + 31 * DAY_MS, choice: left, person: { regions: ["CA"], minor: false } };
	assert.equal(reason({ ...late, accepted: both, current: both }), "PERMIT");
	assert.equal(reason({ ...late, accepted: both, current: us }), "PRE_TICKED");
	assert.equal(reason({ ...late, accepted: us, current: both }), "PRE_TICKED");
});

test("where only sums may be made of how people use the service, that is all that stops it", () => {
	const shape = { id: "usage_metrics", basis: "legitimate_interest", wording: 1, recipients: ["family"] } as const;
	const policy = policyOf(2, [shape], { aggregatesIn: ["DE"] });
	const metrics = { current: policy, accepted: policy, choice: undefined, purpose: "usage_metrics" };
	const in_ = (regions: readonly string[]) => ({ ...metrics, field: "usage_class", person: { regions, minor: false } });
	assert.equal(reason(in_(["US"])), "PERMIT");
	assert.equal(reason(in_(["US", "DE"])), "AGGREGATES_ONLY");
	const objected = { state: "refused", purposeHash: hashOf(policy, "usage_metrics"), generation: 0, shownOn: false };
	assert.equal(reason({ ...in_(["DE"]), choice: objected as DecisionInput["choice"] }), "REFUSED");
});

const ALL: readonly (DenyReason | "PERMIT")[] = [
	...(["PERMIT", "CLOSED", "SUSPENDED", "NOT_ACCEPTED", "PURPOSE_NOT_CURRENT", "PURPOSE_NOT_ACCEPTED"] as const),
	...(["PURPOSE_CHANGED", "FIELD_NOT_LISTED", "RECIPIENT_NOT_LISTED", "REFUSED", "WITHDRAWN", "NOT_GRANTED"] as const),
	...(["GRANT_OUTDATED", "EMBARGO", "MINOR", "PRE_TICKED"] as const),
];

// ─── Properties ──────────────────────────────────────────────────────────────────────────────────────────────────────

const PURPOSES = ["friend_suggestions", "relevant_ads", "account_linking"];
const FIELDS = ["phone_number", "device_type", "link_assertion"];

const shapeOf = (id: string) =>
	fc.option(
		fc.record({
			id: fc.constant(id),
			basis:
				id === "account_linking"
					? fc.constant("consent" as const)
					: fc.constantFrom("consent" as const, "opt_out" as const),
			wording: fc.constantFrom(1, 1, 1, 2),
			recipients: fc.constantFrom(["family"], ["family"], ["family"], ["family", "photos"]),
		}),
		{ freq: 8, nil: undefined },
	);

const shapes = fc
	.tuple(...PURPOSES.map(shapeOf))
	.map((list): readonly PurposeShape[] => list.flatMap((shape) => (shape === undefined ? [] : [shape])));

/** Not every version there could be, because a policy takes longer to check than to decide with. */
const VERSIONS = fc.sample(fc.record({ shapes, optOutIn: fc.constantFrom(["US"], ["US"], ["US", "DE"], ["CA"]) }), {
	numRuns: 120,
	seed: 1,
});

/** Versions 1, 2, … that may follow one another. */
const version = fc.record({ own: fc.constantFrom(...VERSIONS), kept: fc.boolean() });
const successions = fc.array(version, { minLength: 3, maxLength: 4 }).map((list) => {
	const policies: Policy[] = [];
	for (const { own, kept } of list) {
		// Many a version leaves its purposes as they were, and changes where its opt-out holds.
		const { shapes } = kept ? (list[0]?.own ?? own) : own;
		const policy = policyOf(policies.length + 1, shapes, { optOutIn: own.optOutIn });
		if (lintSuccession(policy, policies).length === 0) policies.push(policy);
	}
	return policies;
});

const inputs = fc
	.record({
		policies: successions,
		accepted: fc.nat(3),
		purpose: fc.constantFrom(...PURPOSES),
		field: fc.constantFrom(...FIELDS),
		recipient: fc.constantFrom("family", "family", "photos"),
		phase: fc.constantFrom<Phase>("ACTIVE", "ACTIVE", "ACTIVE", "PENDING", "PENDING", "SUSPENDED", "CLOSED"),
		state: fc.constantFrom("granted", "granted", "granted", "refused", "withdrawn", "unset" as const),
		/** To which words: those of the accepted version, as a rule. */
		to: fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary: fc.nat(3), weight: 1 }),
		days: fc.constantFrom(0, 29, 30, 31, 90),
		shownOn: fc.boolean(),
		person: fc.record({
			regions: fc.constantFrom(["US"], ["US"], ["DE"], ["US", "DE"], []),
			minor: fc.constantFrom(false, false, false, true),
		}),
	})
	.map(({ policies, accepted, state, to, days, shownOn, ...rest }) => {
		const of = (index: number) => policies[index % policies.length];
		return {
			...rest,
			policies,
			accepted: accepted === 3 ? undefined : of(accepted),
			acceptedAtMs: ACCEPTED_AT,
			choice: { state, purposeHash: hashOf(of(to ?? accepted) ?? V1, rest.purpose), generation: 1, shownOn },
			nowMs: ACCEPTED_AT + days * DAY_MS,
		};
	});

test("publishing never turns a no into a yes (I10)", () => {
	let narrowed = 0;
	fc.assert(
		fc.property(inputs, ({ policies, ...input }) => {
			const since = input.accepted === undefined ? 0 : policies.indexOf(input.accepted);
			const answers = policies.slice(since).map((current) => decide({ ...input, current }).permit);
			for (const [n, permit] of answers.entries()) assert.ok(!permit || n === 0 || answers[n - 1], "a no became a yes");
			if (answers[0] === true && answers.at(-1) === false) narrowed++;
		}),
		{ numRuns: rounds(5000, 100_000) },
	);
	assert.ok(narrowed > 50, `only ${narrowed} runs narrowed anything`);
});

test("nothing flows without an answer to these words, and under opt_out not before its time (I2, H2, H3)", () => {
	const counts = new Map<string, number>();
	fc.assert(
		fc.property(inputs, fc.nat(3), ({ policies, ...input }, index) => {
			const current = policies[index % policies.length] ?? V1;
			const decision = decide({ ...input, current });
			const name = decision.permit ? "PERMIT" : decision.reason;
			counts.set(name, (counts.get(name) ?? 0) + 1);
			if (!decision.permit) return;
			const row = input.accepted?.purposes.get(input.purpose);
			assert.ok(row !== undefined && row.hash === hashOf(current, input.purpose));
			assert.ok(row.fieldSet.has(input.field as "phone_number") && row.recipients.includes(input.recipient));
			assert.ok(input.phase === "ACTIVE" || input.phase === "PENDING");
			assert.ok(input.choice.state !== "refused" && input.choice.state !== "withdrawn");
			assert.equal(input.choice.state, "granted");
			assert.ok(!input.person.minor || (input.purpose !== "relevant_ads" && !input.choice.shownOn));
			if (input.choice.shownOn) {
				assert.equal(row.basis, "opt_out");
				for (const { file } of [current, input.accepted ?? V1])
					assert.ok(input.person.regions.every((region) => file.regions?.includes(region)));
				assert.ok(input.person.regions.length > 0);
			}
			if (row.basis === "opt_out") assert.ok(input.nowMs >= ACCEPTED_AT + 30 * DAY_MS);
			assert.equal(input.choice.purposeHash, row.hash);
		}),
		{ numRuns: rounds(8000) },
	);
	// A search that never meets a rule says nothing about it (hazard 34 asks for more where engines are compared).
	for (const name of ALL) assert.ok((counts.get(name) ?? 0) >= 10, `${name}: ${counts.get(name)}`);
});
