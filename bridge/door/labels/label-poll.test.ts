/** Labels that come back: only those the recipient's log proves, only as long as it lists them, and by pseudonym. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BridgeService, type ListRecipientLabelsResponse, toHex } from "@troth/protocol";
import { numberPseudonym } from "@troth/transparency";
import { startWorld, type TestWorld, TOKEN } from "../_door.ts";

const PAIR_KEY = new Uint8Array(32).fill(5);
const MALLORY = numberPseudonym(PAIR_KEY, "+15550100009");
const BOB = numberPseudonym(PAIR_KEY, "+15550100002");

/** What the messenger is told. */
function ask(world: TestWorld, knownVersion = 0): Promise<ListRecipientLabelsResponse> {
	const transport = createConnectTransport({
		baseUrl: world.door.url,
		httpVersion: "1.1",
		interceptors: [
			(next) => (request) => {
				request.header.set("authorization", `Bearer ${TOKEN}`);
				return next(request);
			},
		],
	});
	return createClient(BridgeService, transport).listRecipientLabels({ knownVersion });
}

const inShort = ({ recipients }: ListRecipientLabelsResponse) =>
	recipients.flatMap(({ recipient, labels }) =>
		labels.map(({ subject, label }) => `${recipient} ${toHex(subject)} ${label}`),
	);

/** The door asks every five seconds. */
async function poll(world: TestWorld): Promise<void> {
	for (let seconds = 0; seconds < 6; seconds++) await world.tick();
}

test("a label is taken with its leaf, kept over a restart, and gone when the recipient lists it no more", async () => {
	await using world = await startWorld({ pairKey: PAIR_KEY });
	const { family } = world;
	family.returned = { version: 2, labels: [await family.label(MALLORY, "scam")] };
	await poll(world);
	const first = await ask(world);
	assert.deepEqual(inShort(first), [`family ${toHex(MALLORY)} scam`]);
	assert.deepEqual(
		first.recipients.map(({ numberKey }) => numberKey),
		[PAIR_KEY, PAIR_KEY],
	);
	assert.deepEqual((await ask(world, first.version)).recipients, [], "nothing new");
	await family.goAway();
	await world.restart();
	await poll(world);
	assert.deepEqual(
		inShort(await ask(world)),
		[`family ${toHex(MALLORY)} scam`],
		"what is known stays while it is away",
	);
	await family.comeBack();
	family.returned = { version: 3, labels: [] };
	world.clock.advance(60_000);
	await poll(world);
	assert.deepEqual(inShort(await ask(world)), []);
});

test("what the recipient's log does not say, it did not say", async () => {
	await using world = await startWorld({ pairKey: PAIR_KEY });
	const { family, photos } = world;
	const honest = await family.label(MALLORY, "scam");
	const wrong = [
		{ ...honest, proof: undefined },
		{ ...honest, subject: BOB },
		{ ...honest, subject: BOB.subarray(1) },
		await photos.label(BOB, "scam"),
		await family.label(BOB, "scam", { purpose: "security" }),
		await family.label(BOB, "scam", { kind: "kept" }),
	];
	family.returned = { version: 2, labels: [...wrong, honest] as (typeof honest)[] };
	await poll(world);
	assert.deepEqual(inShort(await ask(world)), [`family ${toHex(MALLORY)} scam`]);
	assert.ok(world.log.some((line) => line.includes('"labels-taken"') && line.includes('"unproved":6')));
});

test("where the two have no key for numbers nobody is asked", async () => {
	await using world = await startWorld();
	world.family.returned = { version: 2, labels: [await world.family.label(MALLORY, "scam")] };
	await poll(world);
	assert.deepEqual((await ask(world)).recipients, []);
});
