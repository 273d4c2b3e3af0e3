/** Where somebody lives and how old they are decides with: the stricter rule wins, and nothing is allowed by a move. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, decided, OPT_OUT, SUMS_ONLY, told } from "./_alice.ts";
import { DAY_MS, Life, START } from "./_life.ts";
import { TERMS_WINDOW_MS } from "./lifecycle.ts";
import { type Person, UNKNOWN_PERSON } from "./person.ts";

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
