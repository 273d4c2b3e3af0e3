/** One person's life with the terms: deadlines to the millisecond, answers that hold, and what the door is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { policyOf, shipped } from "../_policies.ts";
import { describeStanding } from "../asking/describe-standing.ts";
import { DAY_MS, Life, START } from "./_life.ts";
import { type Effect, phaseAt, TERMS_WINDOW_MS } from "./lifecycle.ts";
import { type Person, UNKNOWN_PERSON } from "./person.ts";

const V1 = shipped("v1");
const V2 = shipped("opt-in");
const V3 = shipped("opt-in", 3);
const OPT_OUT = shipped("opt-out");

let events = 0;
const decided = (
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
function alice(): Life {
	const life = new Life(V1);
	assert.equal(life.happen({ type: "accepted", version: 1, atMs: START }).refused, undefined);
	life.happen({ type: "published", policy: V2, atMs: START + DAY_MS });
	return life;
}

const told = (effects: readonly Effect[]) =>
	effects.map((effect) =>
		effect.type === "outbox"
			? `${effect.kind} ${effect.purpose} ${effect.recipient} ${effect.generation}`
			: effect.type,
	);

test("nothing runs before it was shown: who is away for 45 days has all 30 when they come back", () => {
	const life = alice();
	const back = START + 46 * DAY_MS;
	assert.equal(phaseAt(life.state, back), "ACTIVE");
	life.happen({ type: "displayed", version: 2, atMs: back });
	const deadline = back + 2_592_000_000;
	assert.equal(life.state.notice?.deadlineMs, deadline);
	assert.equal(phaseAt(life.state, deadline - 1), "PENDING");
	assert.equal(phaseAt(life.state, deadline), "SUSPENDED");
	assert.equal(phaseAt(life.state, deadline + 1), "SUSPENDED");
});

test("the first display counts, on whichever device; those of other versions do not", () => {
	const life = alice();
	life.happen({ type: "displayed", version: 1, atMs: START + DAY_MS });
	assert.deepEqual([life.state.notice], [undefined]);
	life.happen({ type: "displayed", version: 2, atMs: START + 2 * DAY_MS });
	life.happen({ type: "displayed", version: 2, atMs: START + 9 * DAY_MS });
	assert.equal(life.state.notice?.displayedAtMs, START + 2 * DAY_MS);
	const fresh = new Life(V2);
	fresh.happen({ type: "displayed", version: 2, atMs: START });
	assert.equal(fresh.state.notice, undefined, "who never accepted has nothing that could run out");
});

test("accepting ends what runs; accepting what is no longer in force does not count", () => {
	const life = alice();
	life.happen({ type: "displayed", version: 2, atMs: START + DAY_MS });
	life.happen({ type: "published", policy: V3, atMs: START + 2 * DAY_MS });
	assert.equal(life.happen({ type: "accepted", version: 2, atMs: START + 3 * DAY_MS }).refused, "VERSION_NOT_IN_FORCE");
	assert.equal(life.happen({ type: "accepted", version: 3, atMs: START + 3 * DAY_MS }).refused, undefined);
	assert.equal(phaseAt(life.state, START + 400 * DAY_MS), "ACTIVE");
	const again = life.happen({ type: "accepted", version: 3, atMs: START + 9 * DAY_MS });
	assert.deepEqual([again.refused, life.state.accepted?.atMs], [undefined, START + 3 * DAY_MS]);
});

test("version 3 in the middle of version 2's days begins its own when it is shown, and lifts no suspension", () => {
	const [shown, deadline] = [START + 2 * DAY_MS, START + 32 * DAY_MS];
	const inTime = alice();
	inTime.happen({ type: "displayed", version: 2, atMs: shown });
	inTime.happen({ type: "published", policy: V3, atMs: START + 20 * DAY_MS });
	assert.equal(inTime.state.notice?.deadlineMs, deadline, "publishing moves nothing");
	inTime.happen({ type: "displayed", version: 3, atMs: deadline - 1 });
	assert.equal(inTime.state.notice?.deadlineMs, deadline - 1 + TERMS_WINDOW_MS);

	const late = alice();
	late.happen({ type: "displayed", version: 2, atMs: shown });
	late.happen({ type: "published", policy: V3, atMs: deadline + 1 });
	assert.equal(phaseAt(late.state, deadline + 1), "SUSPENDED");
	late.happen({ type: "displayed", version: 3, atMs: deadline + 2 });
	assert.equal(phaseAt(late.state, deadline + 3), "SUSPENDED");
	late.happen({ type: "accepted", version: 3, atMs: deadline + DAY_MS });
	assert.equal(phaseAt(late.state, deadline + DAY_MS), "ACTIVE");
});

test("a yes is shared with each recipient, a withdrawal recalls it from each, a refusal tells nobody", () => {
	const life = alice();
	life.happen({ type: "accepted", version: 2, atMs: START + 2 * DAY_MS });
	const yes = decided(life, START + 3 * DAY_MS, { friend_suggestions: true, relevant_ads: false });
	assert.deepEqual(told(yes.effects), ["share friend_suggestions family 1", "share friend_suggestions photos 1"]);
	assert.equal(life.state.choices.get("relevant_ads")?.state, "refused");
	const no = decided(life, START + 4 * DAY_MS, { friend_suggestions: false });
	assert.deepEqual(told(no.effects), ["recall friend_suggestions family 1", "recall friend_suggestions photos 1"]);
	assert.deepEqual(told(decided(life, START + 5 * DAY_MS, { friend_suggestions: false }).effects), []);
	assert.equal(life.state.choices.get("friend_suggestions")?.state, "withdrawn");
	const again = decided(life, START + 6 * DAY_MS, { friend_suggestions: true });
	assert.deepEqual(told(again.effects), ["share friend_suggestions family 2", "share friend_suggestions photos 2"]);
});

test("a yes ends where the accepted version has other words, and everybody gives back what it gave them", () => {
	const shape = { id: "friend_suggestions", basis: "consent", wording: 1 } as const;
	const life = new Life(policyOf(1, [{ ...shape, recipients: ["family", "photos"] }]));
	life.happen({ type: "accepted", version: 1, atMs: START });
	decided(life, START, { friend_suggestions: true });
	life.happen({ type: "published", policy: policyOf(2, [{ ...shape, recipients: ["family"] }]), atMs: START });
	assert.deepEqual(told(life.happen({ type: "accepted", version: 2, atMs: START }).effects), [
		"recall friend_suggestions family 1",
		"recall friend_suggestions photos 1",
	]);
	assert.equal(life.state.choices.get("friend_suggestions")?.state, "withdrawn");
	assert.deepEqual(told(decided(life, START, { friend_suggestions: true }).effects), [
		"share friend_suggestions family 2",
	]);
	life.happen({ type: "published", policy: policyOf(3, []), atMs: START });
	assert.deepEqual(told(life.happen({ type: "accepted", version: 3, atMs: START }).effects), [
		"recall friend_suggestions family 2",
	]);
});

test("two devices decide in the same second: of two yeses one is told to look again, the withdrawal wins", () => {
	const life = alice();
	life.happen({ type: "accepted", version: 2, atMs: START });
	const hash = V2.purposes.get("relevant_ads")?.hash ?? "";
	const say = (granted: boolean, generation: number, eventId: string) =>
		life.happen({
			...{ type: "decided", eventId, shownOn: false, atMs: START },
			decisions: [{ purpose: "relevant_ads", granted, purposeHash: hash, generation }],
		});
	assert.equal(say(true, 1, "phone").refused, undefined);
	assert.equal(say(true, 1, "laptop").refused, "CONFLICT");
	assert.equal(say(false, 0, "tablet").refused, undefined);
	assert.equal(say(true, 1, "laptop again").refused, "CONFLICT");
	assert.equal(life.state.choices.get("relevant_ads")?.state, "withdrawn");
	// A repeat of the first yes, from a network that kept it, changes nothing.
	assert.deepEqual(told(say(true, 1, "phone").effects), []);
	assert.equal(life.state.choices.get("relevant_ads")?.state, "withdrawn");
});

test("a yes has to be to what is in force and accepted, and comes with its whole decision or not at all", () => {
	const life = alice();
	assert.equal(decided(life, START, { relevant_ads: true }).refused, "NOT_ACCEPTED");
	assert.equal(decided(life, START, { relevant_ads: false }).refused, undefined, "a no is always taken");
	life.happen({ type: "accepted", version: 2, atMs: START });
	assert.equal(decided(life, START, { contact_graph: true }).refused, "PURPOSE_UNKNOWN");
	assert.equal(decided(life, START, { contact_graph: false }).refused, "PURPOSE_UNKNOWN");
	assert.equal(decided(life, START, { friend_suggestions: true, contact_graph: true }).refused, "PURPOSE_UNKNOWN");
	assert.equal(life.state.choices.has("friend_suggestions"), false);
});

test("a link lets what was dropped find its account, and takes what was learned by it along when it ends", () => {
	const life = alice();
	life.happen({ type: "accepted", version: 2, atMs: START });
	decided(life, START, { relevant_ads: true, friend_suggestions: true });
	const link = decided(life, START, { account_linking: true });
	assert.deepEqual(told(link.effects), [
		"share account_linking family 1",
		"share relevant_ads family 1",
		"share friend_suggestions family 1",
	]);
	assert.deepEqual(told(decided(life, START, { account_linking: false }).effects), [
		"recall account_linking family 1",
		"unlinked",
	]);
});

test("what could not be shared during a suspension is shared when acceptance ends it", () => {
	const life = alice();
	life.happen({ type: "accepted", version: 2, atMs: START });
	life.happen({ type: "published", policy: V3, atMs: START });
	life.happen({ type: "displayed", version: 3, atMs: START });
	const late = START + 31 * DAY_MS;
	decided(life, late, { relevant_ads: true });
	life.work(10, late);
	assert.equal(life.held.size, 0);
	const { effects } = life.happen({ type: "accepted", version: 3, atMs: late });
	assert.deepEqual(told(effects), ["share relevant_ads family 1"]);
	life.work(10, late);
	assert.deepEqual([...life.held.keys()], ["relevant_ads/family"]);
});

test("an opt-out inside its 30 days means that nothing ever left (H2)", () => {
	const life = new Life(OPT_OUT);
	life.happen({ type: "accepted", version: 2, atMs: START });
	decided(life, START, { friend_suggestions: true, relevant_ads: true });
	life.work(10, START + TERMS_WINDOW_MS - 1);
	decided(life, START + TERMS_WINDOW_MS - 1, { relevant_ads: false });
	assert.equal(life.delivered, 0);
	life.work(10, START + TERMS_WINDOW_MS);
	assert.deepEqual([...life.held.keys()], ["friend_suggestions/family", "friend_suggestions/photos"]);
});

test("an account that ends takes everything back, once", () => {
	const life = alice();
	life.happen({ type: "accepted", version: 2, atMs: START });
	decided(life, START, { friend_suggestions: true, relevant_ads: true });
	decided(life, START, { relevant_ads: false });
	const { effects } = life.happen({ type: "deleted", atMs: START });
	assert.deepEqual(told(effects), [
		"recall friend_suggestions family 1",
		"recall friend_suggestions photos 1",
		"unlinked",
	]);
	assert.deepEqual(told(life.happen({ type: "deleted", atMs: START }).effects), []);
	assert.equal(decided(life, START, { relevant_ads: true }).refused, "CLOSED");
	assert.equal(phaseAt(life.state, START), "CLOSED");
});

test("a clock that jumps back takes no time away and gives none", () => {
	const life = alice();
	life.happen({ type: "displayed", version: 2, atMs: START + 10 * DAY_MS });
	const deadline = START + 40 * DAY_MS;
	life.happen({ type: "tick", atMs: deadline });
	assert.equal(phaseAt(life.state, START), "SUSPENDED");
	life.happen({ type: "accepted", version: 2, atMs: START });
	assert.equal(life.state.accepted?.atMs, deadline);
});

/** What was said about use under a pseudonym goes back: in Germany only sums are made of it. */
const SUMS_ONLY = ["recall usage_metrics family 0", "recall usage_metrics photos 0"];

test("who moves to where silence is no yes is asked again; an answer of their own goes along, and nothing comes back", () => {
	const life = new Life(OPT_OUT, { ...UNKNOWN_PERSON, numberRegion: "US" });
	life.happen({ type: "accepted", version: 2, atMs: START });
	decided(life, START, { friend_suggestions: true }, { shownOn: true });
	decided(life, START, { relevant_ads: true });
	life.work(10, START + TERMS_WINDOW_MS);
	assert.equal(life.held.size, 3);
	const move = (person: Partial<Person>) => life.happen({ type: "moved", person, atMs: START + TERMS_WINDOW_MS });
	// A second region adds its rules; the number still says the United States.
	assert.deepEqual(told(move({ declaredRegion: "DE" }).effects), [
		"recall friend_suggestions family 1",
		"recall friend_suggestions photos 1",
		...SUMS_ONLY,
	]);
	assert.deepEqual(told(move({ declaredRegion: undefined }).effects), []);
	life.work(10, START + TERMS_WINDOW_MS);
	assert.deepEqual([...life.held.keys()], ["relevant_ads/family"]);
	assert.equal(life.state.choices.get("friend_suggestions")?.state, "withdrawn");
	move({ declaredRegion: "DE" });
	const late = START + TERMS_WINDOW_MS;
	assert.equal(decided(life, late, { friend_suggestions: true }, { shownOn: true }).refused, "NOT_ALLOWED");
	assert.equal(decided(life, late, { friend_suggestions: true }).refused, undefined);
});

test("ads by a profile end on the day somebody says that they are a minor, and can not be allowed until they are not", () => {
	const life = alice();
	life.happen({ type: "accepted", version: 2, atMs: START });
	decided(life, START, { friend_suggestions: true, relevant_ads: true });
	const { effects } = life.happen({ type: "moved", person: { minor: true }, atMs: START });
	assert.deepEqual(told(effects), ["recall relevant_ads family 1"]);
	assert.equal(decided(life, START, { relevant_ads: true }).refused, "NOT_ALLOWED");
	assert.equal(decided(life, START, { relevant_ads: false }).refused, undefined, "a no is always taken");
	life.happen({ type: "moved", person: { minor: false }, atMs: START });
	assert.equal(life.state.choices.get("relevant_ads")?.state, "withdrawn");
	assert.deepEqual(told(decided(life, START, { relevant_ads: true }).effects), ["share relevant_ads family 2"]);
});

test("an account without a known region is everywhere else: an opt-out does not hold there", () => {
	const life = new Life(OPT_OUT);
	life.happen({ type: "accepted", version: 2, atMs: START });
	assert.equal(decided(life, START, { relevant_ads: true }, { shownOn: true }).refused, "NOT_ALLOWED");
	assert.equal(decided(life, START, { relevant_ads: true }).refused, undefined);
});

test("a number from elsewhere takes a yes along only where it would be taken", () => {
	const life = new Life(OPT_OUT, { ...UNKNOWN_PERSON, numberRegion: "US" });
	life.happen({ type: "accepted", version: 2, atMs: START });
	decided(life, START, { friend_suggestions: true }, { shownOn: true });
	decided(life, START, { relevant_ads: true });
	const renewed = [...life.state.choices].map(([purpose, { purposeHash, generation }]) => ({
		...{ purpose, granted: true, purposeHash, generation: generation + 1 },
	}));
	const change = { type: "renumbered", eventId: "number", renewed, numberRegion: "DE", atMs: START } as const;
	assert.deepEqual(told(life.happen(change).effects), [
		"recall friend_suggestions family 1",
		"recall friend_suggestions photos 1",
		"recall relevant_ads family 1",
		...SUMS_ONLY,
		"share relevant_ads family 2",
	]);
});

test("who moves to where only sums may be made of use has what was said under a pseudonym taken back, once", () => {
	const life = alice();
	const move = (declaredRegion: string | undefined) =>
		told(life.happen({ type: "moved", person: { declaredRegion }, atMs: START + 2 * DAY_MS }).effects);
	assert.deepEqual(move("DE"), [], "nothing was said under version 1");
	assert.deepEqual(move(undefined), []);
	life.happen({ type: "accepted", version: 2, atMs: START + DAY_MS });
	assert.deepEqual(move("DE"), SUMS_ONLY);
	assert.deepEqual(move("FR"), []);
	assert.deepEqual(move(undefined), [], "nothing is said by it");
	assert.deepEqual(move("DE"), SUMS_ONLY);
});

const YES = { id: "friend_suggestions", basis: "consent", wording: 1, recipients: ["family", "photos"] } as const;
const RECALLED = ["recall friend_suggestions family 1", "recall friend_suggestions photos 1"];

/** Alice said yes under version 1; version 2 comes into force, and she does nothing. */
function underVersion2(second: Parameters<typeof policyOf>[1], places: Parameters<typeof policyOf>[2] = {}) {
	const life = new Life(policyOf(1, [YES]), { ...UNKNOWN_PERSON, numberRegion: "US" });
	life.happen({ type: "accepted", version: 1, atMs: START });
	decided(life, START, { friend_suggestions: true });
	const by = policyOf(2, second, places);
	life.happen({ type: "published", policy: by, atMs: START + DAY_MS });
	const effects = told(life.happen({ type: "narrowed", by, atMs: START + DAY_MS }).effects);
	return { life, effects };
}

test("a version without a purpose, or without one of its recipients, takes back what was given, and nobody has to come", () => {
	for (const second of [[], [{ ...YES, recipients: ["family"] }]]) {
		const { life, effects } = underVersion2(second);
		assert.deepEqual(effects, RECALLED);
		assert.equal(life.state.choices.get("friend_suggestions")?.state, "withdrawn");
		const again = life.happen({ type: "narrowed", by: life.state.current, atMs: START + 2 * DAY_MS });
		assert.deepEqual(again.effects, []);
		// She is asked anew with the new version, as if she had never answered.
		life.happen({ type: "accepted", version: 2, atMs: START + 3 * DAY_MS });
		if (second.length > 0)
			assert.deepEqual(told(decided(life, START + 3 * DAY_MS, { friend_suggestions: true }).effects), [
				"share friend_suggestions family 2",
			]);
	}
});

test("a version with other words, or with more, takes nothing away before it is accepted, and gives nothing", () => {
	const base = { ...YES, recipients: ["family"] } as const;
	for (const more of [{ ...base, wording: 2 }, YES]) {
		const life = new Life(policyOf(1, [base]));
		life.happen({ type: "accepted", version: 1, atMs: START });
		decided(life, START, { friend_suggestions: true });
		const by = policyOf(2, [more]);
		life.happen({ type: "published", policy: by, atMs: START });
		assert.deepEqual(told(life.happen({ type: "narrowed", by, atMs: START }).effects), []);
		assert.equal(life.decide("friend_suggestions", "family", START).permit, false);
		assert.deepEqual(told(decided(life, START, { friend_suggestions: false }).effects), [
			"recall friend_suggestions family 1",
		]);
	}
});

test("a version under which an opt-out holds no longer where alice lives takes back what silence gave", () => {
	const optOut = { ...YES, basis: "opt_out" } as const;
	for (const [shownOn, expected] of [
		[true, RECALLED],
		[false, []],
	] as const) {
		const life = new Life(policyOf(1, [optOut], { optOutIn: ["US", "CA"] }), { ...UNKNOWN_PERSON, numberRegion: "US" });
		life.happen({ type: "accepted", version: 1, atMs: START });
		decided(life, START, { friend_suggestions: true }, { shownOn });
		const by = policyOf(2, [optOut], { optOutIn: ["CA"] });
		life.happen({ type: "published", policy: by, atMs: START });
		assert.deepEqual(told(life.happen({ type: "narrowed", by, atMs: START }).effects), expected);
	}
});

test("what was said without a yes comes back where a version leaves it out, or demands sums where it did not", () => {
	const usage = { id: "usage_metrics", basis: "legitimate_interest", wording: 1 } as const;
	const both = { ...usage, recipients: ["family", "photos"] };
	const under = (second: Parameters<typeof policyOf>[1], aggregatesIn?: readonly string[]) => {
		const life = new Life(policyOf(1, [both], { aggregatesIn: ["DE"] }), { ...UNKNOWN_PERSON, numberRegion: "US" });
		life.happen({ type: "accepted", version: 1, atMs: START });
		const by = policyOf(2, second, { aggregatesIn: aggregatesIn ?? ["DE"] });
		life.happen({ type: "published", policy: by, atMs: START });
		return told(life.happen({ type: "narrowed", by, atMs: START }).effects);
	};
	assert.deepEqual(under([both]), []);
	assert.deepEqual(under([]), ["recall usage_metrics family 0", "recall usage_metrics photos 0"]);
	assert.deepEqual(under([{ ...usage, recipients: ["family"] }]), ["recall usage_metrics photos 0"]);
	assert.deepEqual(under([both], ["DE", "US"]), ["recall usage_metrics family 0", "recall usage_metrics photos 0"]);
});

test("the embargo of an opt-out is over once: a later version with the same words does not begin it again", () => {
	const purpose = (wording: number) => [{ ...YES, basis: "opt_out", wording } as const];
	const life = new Life(policyOf(1, purpose(1)), { ...UNKNOWN_PERSON, numberRegion: "US" });
	const flows = (atMs: number) => life.decide("friend_suggestions", "family", atMs);
	life.happen({ type: "accepted", version: 1, atMs: START });
	decided(life, START, { friend_suggestions: true });
	assert.equal(flows(START + TERMS_WINDOW_MS - 1).permit, false);
	assert.equal(flows(START + TERMS_WINDOW_MS).permit, true);
	// Accepted in the middle of the embargo, and long after it: it ends when it was said to end.
	for (const [version, day] of [
		[2, 10],
		[3, 90],
	] as const) {
		life.happen({ type: "published", policy: policyOf(version, purpose(1)), atMs: START + day * DAY_MS });
		life.happen({ type: "accepted", version, atMs: START + day * DAY_MS });
		if (day < 30) assert.equal(flows(START + TERMS_WINDOW_MS - 1).permit, false);
		assert.equal(flows(START + Math.max(day * DAY_MS, TERMS_WINDOW_MS)).permit, true);
	}
	// Other words are agreed to anew.
	life.happen({ type: "published", policy: policyOf(4, purpose(2)), atMs: START + 100 * DAY_MS });
	life.happen({ type: "accepted", version: 4, atMs: START + 100 * DAY_MS });
	decided(life, START + 100 * DAY_MS, { friend_suggestions: true });
	assert.equal(flows(START + 100 * DAY_MS + TERMS_WINDOW_MS - 1).permit, false);
	assert.equal(flows(START + 100 * DAY_MS + TERMS_WINDOW_MS).permit, true);
});

test("a no stays a no: a later version shows it as off, and takes no yes to a box that was ticked for alice", () => {
	const purpose = (wording: number) => [{ ...YES, basis: "opt_out", wording } as const];
	const life = new Life(policyOf(1, purpose(1)), { ...UNKNOWN_PERSON, numberRegion: "US" });
	const shown = () => describeStanding(life.state, START).choices?.map(({ initiallyOn }) => initiallyOn);
	life.happen({ type: "accepted", version: 1, atMs: START });
	assert.deepEqual(shown(), [true]);
	decided(life, START, { friend_suggestions: false });
	for (const [version, wording] of [
		[2, 1],
		[3, 2],
	] as const) {
		life.happen({ type: "published", policy: policyOf(version, purpose(wording)), atMs: START });
		life.happen({ type: "accepted", version, atMs: START });
		assert.deepEqual(shown(), [false]);
		assert.equal(decided(life, START, { friend_suggestions: true }, { shownOn: true }).refused, "NOT_ALLOWED");
	}
	assert.equal(decided(life, START, { friend_suggestions: true }).refused, undefined, "by an act of her own");
	// A yes that ended with its words is no answer to others.
	life.happen({ type: "published", policy: policyOf(4, purpose(1)), atMs: START });
	life.happen({ type: "accepted", version: 4, atMs: START });
	assert.deepEqual(shown(), [true]);
});
