/** A simulation is worth the defects it finds (hazard 26): a few of the named ones here, all of them in the long run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import { checkEdit } from "./edits.ts";
import { hunt } from "./hunt.ts";
import { MUTANTS, mutantNamed } from "./mutants.ts";

/** Found within the first seeds: they cost little. */
const QUICK = ["the server acknowledges before the commit", "a generation is used twice"];
const HUNTED = rounds(1) > 1 ? MUTANTS : QUICK.map(mutantNamed);

test("there are twenty defects, and each changes what is there exactly once", () => {
	assert.ok(MUTANTS.length >= 20);
	assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
	for (const { edits } of MUTANTS) for (const edit of edits) checkEdit(edit);
});

for (const mutant of HUNTED)
	test(`found: ${mutant.name}`, async () => {
		const { seed, what } = await hunt(mutant);
		assert.notEqual(seed, undefined, "no seed shows it");
		assert.notEqual(what, "");
	});
