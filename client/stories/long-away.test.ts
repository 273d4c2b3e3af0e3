/** Bob is away for long, and more is written to him than is kept for one device: he is told how much, and reads on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemClock } from "@troth/protocol";
import { startWorld, until } from "./_people.ts";

const KEPT = 20;

test("what is more than his share is one gap with its reason, and the chat goes on after it", async () => {
	await using world = await startWorld({ clock: new SystemClock(), delivery: { backlogEntries: KEPT } });
	// What is kept is looked at with the first second and each half minute: not again while this is being written.
	world.clock.advance(1000);
	const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
	const group = await alice.device.createGroup("Choir", [bob.account]);
	await alice.say(group, "bob has this");
	await until("bob has it", async () => (await bob.texts(group)).length === 1);
	await bob.close();
	// A commit lies among what he loses: he has to come back in by himself (hazard 18).
	await alice.device.addMembers(group, [carla.account]);
	for (let n = 1; n <= 30; n++) await alice.say(group, `while he was away ${n}`);
	// Once: after a minute without a message the log would be out of memory, where growing logs are found.
	world.clock.advance(40_000);
	await until("the server kept his share only", async () => world.counters().get("backlog-cut") === 1);
	await bob.comeBack();
	await bob.say(group, "I am back");
	await until("alice reads him", async () => (await alice.texts(group)).includes("bob: I am back"));
	await alice.say(group, "you were away for long");
	await until("bob reads her", async () => (await bob.texts(group)).includes("alice: you were away for long"));
	const gaps = (await bob.rows(group)).flatMap(({ body }) => (body.kind === "gap" ? [body] : []));
	assert.deepEqual(
		gaps.map(({ reason }) => reason),
		["cap"],
	);
	assert.ok((gaps[0]?.count ?? 0) > 30 - KEPT, `${gaps[0]?.count} are told as lost`);
	assert.equal((await carla.rows(group)).filter(({ body }) => body.kind === "gap").length, 0, "carla lost nothing");
});
