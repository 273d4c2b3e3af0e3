/** Items that come together are held against what those before them did, as if each had come alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { newKey, newTrother, type TestItem, type Trother } from "../_bridge.ts";
import { startTestFamily } from "../_fixture.ts";

const NUMBERS = ["+15550100001", "+15550100002", "+15550100003"] as const;
const DEVICE = { device_type: "desktop", os: "linux", app_version: "0.1.0" };

const step = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constantFrom("friend_suggestions", "relevant_ads"),
			person: fc.nat(1),
			number: fc.nat(2),
			generation: fc.integer({ min: 1, max: 3 }),
			otherKey: fc.boolean(),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant("link"),
			person: fc.nat(1),
			nonce: fc.nat(1),
			generation: fc.integer({ min: 1, max: 3 }),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant("recall"),
			person: fc.nat(1),
			purpose: fc.constantFrom("friend_suggestions", "relevant_ads", "account_linking"),
			generation: fc.integer({ min: 1, max: 3 }),
		}),
	},
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

type TestFamily = Awaited<ReturnType<typeof startTestFamily>>;

/** A company with two people, of whom alice has verified her number. */
async function settle(family: TestFamily) {
	const alice = await family.signUp("Alice");
	const carla = await family.signUp("Carla");
	await alice.verify(NUMBERS[0]);
	const nonces = async () => [await alice.connect(), await carla.connect()];
	return { family, nonces };
}

const strange = newKey();

/** What the company answers to these, and what it then knows; the items come in requests of this size. */
async function outcome(
	{ family, nonces }: Awaited<ReturnType<typeof settle>>,
	steps: readonly Step[],
	people: readonly Trother[],
	size: number,
) {
	const { bridge } = family;
	const given = await nonces();
	const items: TestItem[] = [];
	for (const one of steps) {
		const person = people[one.person] ?? newTrother();
		const { generation } = one;
		if (one.kind === "recall") items.push(await bridge.recall(person, "purpose" in one ? one.purpose : "", generation));
		else if ("nonce" in one) {
			const values = { link_assertion: given[one.nonce] ?? "", ...DEVICE };
			items.push(await bridge.share(person, { purpose: "account_linking", generation, values }));
		} else if ("number" in one) {
			const purpose = one.kind as "friend_suggestions" | "relevant_ads";
			const values = { phone_number: NUMBERS[one.number] ?? "" };
			const key = one.otherKey ? { consentKey: strange } : {};
			items.push(await bridge.share(person, { purpose, generation, values, ...key }));
		}
	}
	const answers: string[] = [];
	for (let at = 0; at < items.length; at += size) answers.push(...(await bridge.deliver(items.slice(at, at + size))));
	const known: unknown[] = [];
	for (const number of NUMBERS) known.push((await family.knows(number)).items);
	return { answers, known };
}

test("many items in one request come to the same as each in a request of its own", async () => {
	await using one = await startTestFamily();
	await using other = await startTestFamily();
	const together = await settle(one);
	const alone = await settle(other);
	const seen = new Set<string>();
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
			const people = [newTrother(), newTrother()];
			const at = await outcome(together, steps, people, steps.length);
			assert.deepEqual(
				at,
				await outcome(
					alone,
					steps,
					people.map((person) => ({ ...person, n: 0 })),
					1,
				),
			);
			for (const answer of at.answers) seen.add(answer);
		}),
		{ numRuns: rounds(25) },
	);
	assert.deepEqual([...seen].sort(), ["dropped", "kept", "recalled", "refused: CONSENT_KEY", "stale"]);
});
