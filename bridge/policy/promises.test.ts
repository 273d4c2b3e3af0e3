/** What was promised: nothing that the signed words do not say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPolicyFile, shippedPolicyPath } from "./policy.ts";
import { PromisesError, parsePromises, readShippedPromises, standingPromises } from "./promises.ts";

const [v1, optIn, optOut] = await Promise.all(
	(["v1", "opt-in", "opt-out"] as const).map((name) => readPolicyFile(shippedPolicyPath(name))),
);
assert.ok(v1 !== undefined && optIn !== undefined && optOut !== undefined);

const PROMISE = {
	id: "free",
	by: ["messenger"],
	since: 1,
	words: { en: { title: "Free", body: "It costs nothing." } },
	said: { "1": "It costs you nothing." },
};
const register = (...promises: readonly object[]) =>
	JSON.stringify({ register: 1, referenceLocale: "en", promises: promises.map((one) => ({ ...PROMISE, ...one })) });

test("every promise that ships stands word for word in every version that it names, in both models", async () => {
	const shipped = await readShippedPromises();
	assert.equal(shipped.promises.length, 12);
	for (const second of [optIn, optOut]) {
		const standing = standingPromises(shipped, [v1, second]);
		assert.deepEqual(
			standing.map(({ promise, said }) => [promise.id, said.map(({ version }) => String(version))]),
			shipped.promises.map(({ id, said }) => [id, Object.keys(said)]),
		);
		assert.ok(standing.every(({ inForce }) => inForce));
	}
});

test("under version 1 the messenger's own promises stand, and nobody else's", async () => {
	const standing = standingPromises(await readShippedPromises(), [v1]);
	assert.deepEqual(
		standing.map(({ promise }) => promise.id),
		["encrypted", "no_ads", "number_not_sold", "free", "content_not_for_ads", "old_data_old_promise"],
	);
	assert.ok(standing.every(({ promise }) => promise.by.join() === "messenger"));
});

test("what no published version says was not promised; what the one in force leaves out is said to be left out", () => {
	const invented = parsePromises(register({ said: { "1": "We pay you." } }));
	assert.deepEqual(standingPromises(invented, [v1]), []);
	const [kept] = standingPromises(parsePromises(register({})), [v1]);
	assert.equal(kept?.inForce, true);
	const [dropped] = standingPromises(parsePromises(register({})), [v1, optIn]);
	assert.deepEqual(dropped?.said, [{ version: 1, words: "It costs you nothing." }]);
	assert.equal(dropped?.inForce, false);
});

test("a register that could mean something else is refused", () => {
	for (const broken of [
		"{}",
		register({ by: [] }),
		register({ since: 2 }),
		register({ since: 2, said: { "1": "Before.", "2": "Then." } }),
		register({ said: { first: "It costs you nothing." } }),
		register({ surprise: true }),
		register({ words: { de: PROMISE.words.en } }),
		register({}, {}),
	])
		assert.throws(
			() => parsePromises(broken),
			(error) => error instanceof PromisesError && error.code === "NOT_A_REGISTER",
			broken,
		);
	assert.throws(
		() => parsePromises("{"),
		(error) => error instanceof PromisesError && error.code === "NOT_JSON",
	);
});
