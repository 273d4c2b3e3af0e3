/** The way back: after a gap over a commit, after lost state, after a lost Welcome (hazard 18). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
	EntryKind,
	type Frame,
	FrameSchema,
	GapReason,
	GetBlobResponseSchema,
	Refusal,
	toErrorDetail,
} from "@troth/protocol";
import type { DevicePorts } from "../device/ports.ts";
import { Middleman } from "./_lying.ts";
import { startWorld, until } from "./_people.ts";

test("carla misses a commit for ever: she comes back in by herself, and the gap is shown", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const dan = await world.person("Dan");
	const carla = await world.person("Carla", { ports: man.between });
	const group = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	await until("carla is in", async () => (await carla.device.conversation(group))?.title === "Walks");
	await alice.say(group, "before");
	await until("carla has it", async () => (await carla.texts(group)).length === 1);

	// The server lost the commit that adds dan before carla had it, and says so.
	man.loseNextCommit();
	await alice.device.addMembers(group, [(await alice.device.find(dan.phone)).account]);
	await until("carla is back", async () => (await carla.device.conversation(group))?.members.length === 4);
	await carla.say(group, "I am back");
	for (const person of [alice, bob, dan])
		await until(`${person.name} reads her`, async () => (await person.texts(group)).includes("Carla: I am back"));
	await bob.say(group, "Good");
	await until("carla reads on", async () => (await carla.texts(group)).includes("Bob: Good"));
	const gaps = (await carla.rows(group)).flatMap(({ body }) => (body.kind === "gap" ? [body] : []));
	assert.deepEqual(gaps, [{ kind: "gap", reason: "expired", count: 1 }]);
	for (const person of [alice, bob, carla, dan])
		assert.ok(
			(await person.rows(group)).every(({ body }) => body.kind !== "forked"),
			person.name,
		);
});

test("what carla sealed before she lost the way is sent after it, under a number of its own", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const dan = await world.person("Dan");
	const carla = await world.person("Carla", { ports: man.between });
	const group = await alice.device.createGroup("Walks", [(await alice.device.find(carla.phone)).account]);
	await until("carla is in", async () => (await carla.device.conversation(group))?.title === "Walks");
	await carla.say(group, "before");

	const onTheWay = Promise.withResolvers<void>();
	man.outgoing = (frame) => {
		if (frame.body.case !== "send") return [frame];
		onTheWay.resolve();
		return [];
	};
	await carla.device.send(group, "on its way");
	await onTheWay.promise;
	await carla.crash(man);
	await alice.device.addMembers(group, [(await alice.device.find(dan.phone)).account]);
	// A month later: the commit has expired, and her way back takes the number that the message had.
	man.outgoing = (frame) => [frame];
	man.loseNextCommit();
	await carla.comeBack();
	for (const person of [alice, dan])
		await until(`${person.name} reads it`, async () => (await person.texts(group)).includes("Carla: on its way"));
	assert.equal((await carla.device.connection()).state, "online", "she is taken for no copy of herself");
	assert.equal((await alice.texts(group)).filter((text) => text === "Carla: on its way").length, 1);
});

test("a refusal that comes late, of what bob sent once more meanwhile, takes no number back", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: man.between });
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "hello");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);

	// The first of two is refused for a moment; the second, because the first is missing: that is told late.
	let first: number | undefined;
	let refused = false;
	let late: Frame | undefined;
	man.outgoing = (frame) => {
		if (frame.body.case !== "send") return [frame];
		const { log, clientSeq } = frame.body.value;
		if (first === undefined) {
			first = clientSeq;
			return [];
		}
		if (clientSeq === first + 1 && !refused) {
			refused = true;
			const error = toErrorDetail(new Refusal("UNAVAILABLE", "not now"));
			man.inject([create(FrameSchema, { body: { case: "sendRefused", value: { log, clientSeq: first, error } } })]);
		}
		if (clientSeq === first && late !== undefined) {
			man.incoming = (later) => [later];
			man.inject([late]);
		}
		return [frame];
	};
	man.incoming = (frame) => {
		if (frame.body.case !== "sendRefused") return [frame];
		late = frame;
		return [];
	};
	await bob.device.send(chat, "one");
	await bob.device.send(chat, "two");
	await until("alice has both", async () => (await alice.texts(chat)).length === 3);
	assert.ok(late?.body.case === "sendRefused" && late.body.value.clientSeq > (first ?? 0));
	assert.deepEqual(await alice.texts(chat), ["Alice: hello", "Bob: one", "Bob: two"]);
	assert.equal((await bob.device.connection()).state, "online", "he is taken for no copy of himself");
});

test("carla does not wait for ever for a commit of her own that lies in a gap", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const dan = await world.person("Dan");
	const carla = await world.person("Carla", { ports: man.between });
	const group = await carla.device.createGroup("Walks", [(await carla.device.find(alice.phone)).account]);
	await carla.say(group, "before");
	await until("alice has it", async () => (await alice.texts(group)).length === 1);

	// Her commit arrives, its answer and its entry do not, and when she comes back it has expired.
	man.deaf.add("CommitToConversation");
	man.incoming = (frame) => (frame.body.case === "entry" ? [] : [frame]);
	void carla.device.addMembers(group, [(await carla.device.find(dan.phone)).account]).catch(() => {});
	await until("dan is in", async () => (await dan.device.conversation(group)) !== undefined);
	await carla.crash(man);
	man.deaf.clear();
	man.loseNextCommit();
	await carla.comeBack();
	await carla.say(group, "I go on");
	for (const person of [alice, dan])
		await until(`${person.name} reads it`, async () => (await person.texts(group)).includes("Carla: I go on"));
	assert.equal((await carla.device.conversation(group))?.members.length, 3);
});

test("a gap over messages only needs no way back", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: man.between });
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	const epoch = (await bob.device.conversation(chat))?.epoch;
	man.incoming = (frame) => {
		if (frame.body.case !== "entry") return [frame];
		const { log, seq } = frame.body.value;
		man.incoming = (later) => [later];
		const value = { log, from: seq, to: seq, reason: GapReason.CAP };
		return [create(FrameSchema, { body: { case: "gap", value } })];
	};
	await alice.say(chat, "two");
	await alice.say(chat, "three");
	await until("bob has three", async () => (await bob.texts(chat)).includes("Alice: three"));
	await bob.say(chat, "I missed one");
	await until("alice has it", async () => (await alice.texts(chat)).includes("Bob: I missed one"));
	assert.equal((await bob.device.conversation(chat))?.epoch, epoch);
	assert.ok((await alice.rows(chat)).every(({ body }) => body.kind === "text"));
});

test("bob's group state is damaged: he joins anew and the chat goes on", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	await bob.close();
	for (const key of [...bob.data.keys()]) if (key.startsWith("group-")) bob.data.delete(key);
	await alice.say(chat, "two");
	await bob.comeBack();
	await bob.say(chat, "Who is there?");
	await until("alice reads him", async () => (await alice.texts(chat)).includes("Bob: Who is there?"));
	await alice.say(chat, "Me");
	await until("bob reads on", async () => (await bob.texts(chat)).includes("Alice: Me"));
	assert.equal(
		(await bob.rows(chat)).filter(({ body }) => body.kind === "unreadable").length,
		1,
		"two was lost, and is shown",
	);
});

test("bob's Welcome never came: after a while he comes in by himself", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: man.between });
	man.incoming = (frame) => (frame.body.case === "entry" && frame.body.value.kind === EntryKind.WELCOME ? [] : [frame]);
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello?");
	await new Promise((resolve) => setTimeout(resolve, 300));
	assert.equal(await bob.device.conversation(chat), undefined);
	// Acknowledged by nobody, the Welcome is sent again with the next stream; here it stays lost.
	man.disconnect();
	await until("bob is online again", async () => (await bob.device.connection()).state === "online");
	await bob.device.caughtUp();
	world.clock.advance(11_000);
	await until("bob is in", async () => (await bob.device.conversation(chat))?.members.length === 2);
	await alice.say(chat, "There you are");
	await until("bob reads it", async () => (await bob.texts(chat)).includes("Alice: There you are"));
	assert.ok(
		(await bob.rows(chat)).some(({ body }) => body.kind === "unreadable"),
		"what he missed is shown",
	);
});

test("bob's Welcome is here and its tree is late: he waits for it, and can read what came meanwhile", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	let looks = 0;
	const ports = (own: DevicePorts): DevicePorts => {
		const between = man.between(own);
		const counting: typeof fetch = (input, init) => {
			if (String(input).endsWith("/ListConversations")) looks++;
			return between.fetch(input, init);
		};
		return { ...between, fetch: counting };
	};
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports });
	man.cut.add("GetBlob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello?");
	const before = looks;
	for (const look of [1, 2, 3])
		await until("bob asks where he is", () => {
			world.clock.advance(1000);
			return looks >= before + look;
		});
	man.cut.clear();
	await until("bob reads it", async () => (await bob.texts(chat)).includes("Alice: Hello?"));
	assert.ok((await bob.rows(chat)).every(({ body }) => body.kind !== "unreadable"));
});

test("a tree with other bytes than its hash says is not joined, and the right one is when it comes", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: man.between });
	man.lie("GetBlob", GetBlobResponseSchema, (answer) => {
		answer.data[answer.data.length >> 1] = (answer.data[answer.data.length >> 1] ?? 0) ^ 1;
	});
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello");
	await until("bob refuses it", async () =>
		(await bob.rows(chat)).some(({ body }) => body.kind === "unreadable" && body.code === "BlobMissing"),
	);
	man.answers.clear();
	await until("bob is in", async () => (await bob.device.conversation(chat))?.members.length === 2);
	await alice.say(chat, "Hello again");
	await until("bob reads it", async () => (await bob.texts(chat)).includes("Alice: Hello again"));
});
