/** A later version takes from whoever does nothing what it leaves out, gives nothing, and begins no embargo again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { policyOf } from "../_policies.ts";
import { describeStanding } from "../asking/describe-standing.ts";
import { decided, told } from "./_alice.ts";
import { DAY_MS, Life, START } from "./_life.ts";
import { TERMS_WINDOW_MS } from "./lifecycle.ts";
import { UNKNOWN_PERSON } from "./person.ts";

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
