/** Versions that follow one another: what was published holds, and an old yes is a yes to its own words only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { at, type Draft, namesAll, OPT_IN, OPT_OUT, wordsOf } from "./_broken.ts";
import { lintSuccession, parsePolicy, readPolicyFile, readPublishedPolicy, shippedPolicyPath } from "./policy.ts";
import { PolicyError } from "./policy-error.ts";

test("what was published goes on holding, whatever rules come later", async () => {
	const { file } = await readPolicyFile(shippedPolicyPath("opt-in"));
	const published = parsePolicy(JSON.stringify(file));
	const [first, ...others] = file.purposes;
	// As if the rule against it had come after the publication.
	const older = JSON.stringify({ ...file, purposes: [{ ...first, initial: "on" }, ...others] });
	assert.throws(() => parsePolicy(older), PolicyError);
	const held = readPublishedPolicy(older);
	assert.equal(held.version, published.version);
	assert.deepEqual([...held.purposes.keys()], [...published.purposes.keys()]);
	assert.deepEqual(readPublishedPolicy(JSON.stringify(file)).hash, published.hash);
	assert.throws(() => readPublishedPolicy("{}"), PolicyError);
});

test("a consent is bound to purpose, facts and reference words, and to nothing else of the file", () => {
	const hashes = (change: (draft: Draft) => void) => {
		const draft = structuredClone(OPT_IN);
		change(draft);
		namesAll(draft);
		const { purposes } = parsePolicy(JSON.stringify(draft));
		return [purposes.get("friend_suggestions")?.hash, purposes.get("relevant_ads")?.hash];
	};
	const [friends, ads] = hashes(() => {});
	const same = hashes((draft) => {
		draft.version = 3;
		at(Object.values(draft.locales), 0).summary.push("One line more.");
		draft.locales["de"] = structuredClone(at(Object.values(draft.locales), 0));
		at(Object.values(draft.locales), 1).purposes["friend_suggestions"] = { title: "Freunde", body: "Vorschlagen" };
	});
	assert.deepEqual(same, [friends, ads]);
	for (const change of [
		(draft: Draft) => Object.assign(at(draft.purposes, 0), { retentionDays: 366 }),
		(draft: Draft) => Object.assign(at(draft.purposes, 0), { recipients: ["family"] }),
		(draft: Draft) => Object.assign(at(draft.recipients, 1), { name: "Pictures" }),
		(draft: Draft) => Object.assign(at(draft.recipients, 1), { role: "processor" }),
		(draft: Draft) => Object.assign(wordsOf(draft)["friend_suggestions"] ?? {}, { body: "We give it away." }),
	]) {
		const [changed, others] = hashes(change);
		assert.notEqual(changed, friends);
		assert.equal(others, ads);
	}
});

test("what was taken back does not return under the words of an old yes", () => {
	const version = (number: number, change: (draft: Draft) => void = () => {}) => {
		const draft = { ...structuredClone(OPT_IN), version: number };
		change(draft);
		namesAll(draft);
		return parsePolicy(JSON.stringify(draft));
	};
	const without = (draft: Draft) => {
		draft.purposes.splice(1, 1);
		delete wordsOf(draft)["relevant_ads"];
	};
	const reworded = (draft: Draft) => Object.assign(wordsOf(draft)["relevant_ads"] ?? {}, { title: "Ads again" });
	const [two, three] = [version(2), version(3, without)];
	assert.deepEqual(lintSuccession(version(3), [two]), []);
	assert.deepEqual(lintSuccession(three, [two]), []);
	assert.deepEqual(
		lintSuccession(version(4), [two, three]).map(({ code, path }) => [code, path]),
		[["PURPOSE_REVIVED", "purposes.relevant_ads"]],
	);
	assert.deepEqual(lintSuccession(version(4, reworded), [two, three]), []);
});

test("a rule that was tightened does not loosen under the words of an old yes", async () => {
	const version = (number: number, change: (draft: Draft) => void = () => {}) => {
		const draft = structuredClone(OPT_OUT);
		draft.version = number;
		namesAll(draft);
		change(draft);
		return parsePolicy(JSON.stringify(draft));
	};
	const nowhere = (draft: Draft) => {
		draft.regions = ["CA"];
		at(draft.rules, 2)["regions"] = ["CA"];
	};
	const told = (policy: ReturnType<typeof version>, earlier: readonly ReturnType<typeof version>[]) =>
		lintSuccession(policy, earlier).map(({ code, path, message }) => [code, path, message.split(" ")[6]]);
	const [two, three] = [version(2), version(3, nowhere)];
	assert.deepEqual(told(version(3), [two]), []);
	// Who accepted version 2 is held by its stricter rule about Canada until they accept version 3.
	assert.deepEqual(told(three, [two]), []);
	assert.deepEqual(told(version(4), [two, three]), [
		["RULE_REVIVED", "rules.US", "friend_suggestions"],
		["RULE_REVIVED", "rules.US", "relevant_ads"],
	]);
	assert.deepEqual(told(version(4, nowhere), [two, three]), []);
	const reworded = (draft: Draft) => {
		for (const id of ["friend_suggestions", "relevant_ads"]) Object.assign(wordsOf(draft)[id] ?? {}, { body: "Anew." });
	};
	assert.deepEqual(told(version(4, reworded), [two, three]), []);
});
