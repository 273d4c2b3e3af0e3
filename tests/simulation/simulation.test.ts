/** Seeds under which everything goes wrong at once; in the end every promise was kept (README.md). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import { DIALS } from "./dials.ts";
import { applyEdits } from "./edits.ts";

applyEdits(DIALS);
const { buildTown } = await import("./town.ts");
const { runSeed } = await import("./run.ts");

const SEEDS = rounds(100);
const AT_ONCE = 20;
const town = await buildTown();
const broken = async (seed: number) => {
	const { violations } = await runSeed(seed, town);
	return violations.map(({ promise, what }) => `promise ${promise}: ${what}`);
};

for (let first = 1; first <= SEEDS; first += AT_ONCE)
	test(`every promise is kept under seeds ${first} to ${first + AT_ONCE - 1}`, async () => {
		for (let seed = first; seed < first + AT_ONCE; seed++)
			assert.deepEqual(await broken(seed), [], `npm run simulate -- --seed ${seed} --trace`);
	});

test("a seed replays exactly, whatever ran before it in the process", async () => {
	const first = await runSeed(7, town);
	await runSeed(8, town);
	const again = await runSeed(7, await buildTown());
	assert.equal(again.hash, first.hash);
	assert.notEqual((await runSeed(8, town)).hash, first.hash);
});
