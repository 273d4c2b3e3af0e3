/** One person's life with the terms: deadlines to the millisecond, answers that hold, and what the door is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { policyOf } from "../_policies.ts";
import { alice, decided, OPT_OUT, told, V2, V3 } from "./_alice.ts";
import { DAY_MS, Life, START } from "./_life.ts";
import { phaseAt, TERMS_WINDOW_MS } from "./lifecycle.ts";

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
