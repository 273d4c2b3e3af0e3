/** What the operator and the public are told of shares and recalls: exact to the one, and of nobody to the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BridgeService, CATALOGUE } from "@troth/protocol";
import fc from "fast-check";
import { startWorld, TOKEN } from "../_door.ts";
import { coarse, coarseOverdue } from "./coarse.ts";
import type { PublicFigures } from "./public-figures.ts";

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
const SECRET = new Uint8Array(32).fill(3);

async function exactFigures(url: string, token = TOKEN) {
	const transport = createConnectTransport({
		baseUrl: url,
		httpVersion: "1.1",
		interceptors: [
			(next) => (request) => {
				request.header.set("authorization", `Bearer ${token}`);
				return next(request);
			},
		],
	});
	return createClient(BridgeService, transport).getFigures({});
}

const publicFigures = async (url: string) => (await (await fetch(`${url}/figures`)).json()) as PublicFigures;

test("every record is counted by what became of it, and a recall is open until its recipient has acknowledged it", async () => {
	await using world = await startWorld({ members: ["+15550100001", "+15550100002"], witnessed: true });
	const people = [];
	for (let n = 1; n <= 3; n++) people.push(await world.records.register(`+1555010000${n}`));
	const [alice, bob] = people;
	for (const person of people) await person.allow("friend_suggestions");
	await world.until(() => world.family.taken.length === 3 && world.photos.taken.length === 3);
	const figure = async (recipient: string) => {
		const { shares } = await exactFigures(world.door.url);
		const { $typeName, ...counts } = shares.find((one) => one.recipient === recipient) ?? {};
		return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0n));
	};
	assert.deepEqual(await figure("family"), {
		...{ purpose: "friend_suggestions", recipient: "family", recorded: 3n, kept: 2n, dropped: 1n },
	});
	await world.family.goAway();
	await alice?.refuse("friend_suggestions");
	await world.tick();
	const began = world.clock.now();
	let { recalls } = await exactFigures(world.door.url);
	assert.deepEqual([recalls?.open, recalls?.overdue], [1n, 0n], "photos has acknowledged already");
	world.clock.sleep(10 * HOUR_MS);
	await bob?.refuse("friend_suggestions");
	await world.tick();
	world.clock.sleep(15 * HOUR_MS);
	await world.tick();
	({ recalls } = await exactFigures(world.door.url));
	assert.deepEqual([recalls?.open, recalls?.overdue, recalls?.pastLimit], [2n, 1n, 0n]);
	assert.ok(began - Number(recalls?.oldestAtMs) <= 2_000, "as old as the person's decision");
	world.clock.sleep(30 * DAY_MS);
	await world.tick();
	({ recalls } = await exactFigures(world.door.url));
	assert.deepEqual([recalls?.open, recalls?.overdue, recalls?.pastLimit], [2n, 2n, 2n]);
	await world.family.comeBack();
	await world.until(() => world.family.taken.length === 5);
	const after = await exactFigures(world.door.url);
	assert.deepEqual([after.recalls?.open, after.recalls?.oldestAtMs], [0n, 0n]);
	assert.equal((await figure("family"))["recalled"], 2n);
	assert.deepEqual(
		after.log?.witnesses.map(({ name }) => name),
		["witness.example"],
	);
	assert.ok(Number(after.log?.checkpointAtMs) > began && (after.log?.size ?? 0n) >= 16n);
	await assert.rejects(exactFigures(world.door.url, "another token"), /unauthenticated|bearer/i);
});

test("a recall is as old as the person's decision, however long the door was down", async () => {
	await using world = await startWorld({ members: ["+15550100001"] });
	const alice = await world.records.register("+15550100001");
	await alice.allow("friend_suggestions");
	await world.tick();
	await world.family.goAway();
	await world.restart(async () => {
		await alice.refuse("friend_suggestions");
		world.clock.sleep(2 * DAY_MS);
	});
	const unread = await exactFigures(world.door.url);
	assert.ok((unread.recalls?.overdue ?? 0n) >= 1n, "also before the door has read of it");
	await world.tick();
	const { recalls } = await exactFigures(world.door.url);
	assert.deepEqual([recalls?.open, recalls?.overdue], [1n, 1n]);
});

test("ten people, one more or one less, at any moment of a day: the public figures are the same", async () => {
	await using world = await startWorld({ members: ["+15550100001"] });
	const before = await publicFigures(world.door.url);
	assert.equal(
		before.shares.length,
		Object.keys(CATALOGUE).length * 2,
		"each purpose with each recipient, used or not",
	);
	for (let n = 1; n <= 3; n++) {
		const person = await world.records.register(`+1555010000${n}`);
		await person.allow("friend_suggestions");
		await world.tick();
	}
	await world.until(() => world.family.taken.length === 3);
	const strip = ({ log: _log, day: _day, at: _at, ...rest }: PublicFigures) => rest;
	const during = await publicFigures(world.door.url);
	assert.equal(during.at, before.at);
	assert.deepEqual(strip(during), strip(before));
	world.clock.sleep(DAY_MS);
	await world.tick();
	const after = await publicFigures(world.door.url);
	assert.notEqual(after.day, before.day);
	assert.deepEqual(strip(after), strip(before));
	assert.deepEqual(after.recalls.overdue, { from: 0, below: 1 });
});

test("that something is overdue is public, in a number that fits one as well as a hundred", async () => {
	await using world = await startWorld({ members: ["+15550100001"] });
	const alice = await world.records.register("+15550100001");
	await alice.allow("friend_suggestions");
	await world.tick();
	await world.family.goAway();
	await alice.refuse("friend_suggestions");
	await world.tick();
	world.clock.sleep(2 * DAY_MS);
	await world.tick();
	const response = await fetch(`${world.door.url}/figures`);
	assert.equal(response.headers.get("access-control-allow-origin"), "*");
	const { recalls } = (await response.json()) as PublicFigures;
	assert.deepEqual(recalls, {
		...{ open: { from: 0, below: 200 }, overdue: { from: 1, below: 200 }, pastLimit: { from: 0, below: 1 } },
		...{ oldestOverdueDays: 2, targetHours: 24, limitHours: 720 },
	});
});

test("a range always holds the count, never names it, and one more person changes it at one count in a hundred", () => {
	fc.assert(
		fc.property(fc.nat(2_000_000), fc.string(), (count, name) => {
			const { from, below } = coarse(count, SECRET, name);
			assert.ok(from <= count && count < below && below - from === 200 && from % 100 === 0);
			if (count > 0) assert.ok(coarseOverdue(count, SECRET, name).from >= 1);
		}),
	);
	const changes = Array.from(
		{ length: 3000 },
		(_, n) => coarse(n, SECRET, "a").from !== coarse(n + 1, SECRET, "a").from,
	);
	const at = changes.flatMap((change, n) => (change ? [n + 1] : []));
	assert.ok((at[0] ?? 0) >= 100 && at.every((n, i) => i === 0 || n - (at[i - 1] ?? 0) === 100));
	const elsewhere = Array.from({ length: 300 }, (_, n) => coarse(n, SECRET, "b").from).indexOf(100);
	assert.notEqual(elsewhere, at[0], "another count changes elsewhere");
});
