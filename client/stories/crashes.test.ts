/**
 * A device dies between the steps of sending. Whatever was written is sent again with the same bytes, shown once, and no
 * key generation is used for two texts (hazards 12 and 16).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ErrorCode, FrameSchema, isRefusal, type MessageId, toHex } from "@troth/protocol";
import { Middleman } from "./_lying.ts";
import { startWorld, until } from "./_people.ts";

const payloads = (man: Middleman) =>
	man.sent.flatMap(({ body }) => (body.case === "send" ? [toHex(body.value.payload)] : []));

test("killed after encrypting and before sending: the same bytes go out again and count once", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");

	// From here the network swallows what alice sends; she believes it is under way, and dies.
	man.outgoing = (frame) => (frame.body.case === "send" ? [] : [frame]);
	man.sent.length = 0;
	await alice.device.send(chat, "two");
	await alice.device.send(chat, "three");
	await until("both were encrypted", () => payloads(man).length === 2);
	const lost = payloads(man);
	await alice.crash();

	man.outgoing = (frame) => [frame];
	man.sent.length = 0;
	await alice.comeBack();
	await until("bob has all", async () => (await bob.texts(chat)).length === 3);
	assert.deepEqual(payloads(man), lost, "nothing was encrypted anew");
	assert.deepEqual(await bob.texts(chat), ["Alice: one", "Alice: two", "Alice: three"]);
	assert.deepEqual(await alice.texts(chat), ["Alice: one", "Alice: two", "Alice: three"]);
});

test("killed after the server stored it and before alice heard: sent again, shown once", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	man.incoming = (frame) => (frame.body.case === "sendOk" || frame.body.case === "entry" ? [] : [frame]);
	await alice.device.send(chat, "two");
	await until("bob has it", async () => (await bob.texts(chat)).length === 2);
	await alice.crash();
	man.incoming = (frame) => [frame];
	await alice.comeBack();
	await until("alice knows", async () => (await alice.rows(chat)).every(({ seq }) => seq !== undefined));
	assert.deepEqual(await alice.texts(chat), ["Alice: one", "Alice: two"]);
	await alice.say(chat, "three");
	await until("bob has it", async () => (await bob.texts(chat)).length === 3);
	assert.deepEqual(await bob.texts(chat), ["Alice: one", "Alice: two", "Alice: three"]);
});

test("killed with a group change under way: it is made once, and the group goes on", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const carla = await world.person("Carla");
	const group = await alice.device.createGroup("Walks", [(await alice.device.find(bob.phone)).account]);
	await until("bob is in", () => bob.device.conversation(group));
	const { account } = await alice.device.find(carla.phone);

	// The server takes the commit; its answer and its entry never come back, and alice dies.
	man.deaf.add("CommitToConversation");
	man.incoming = (frame) => (frame.body.case === "entry" ? [] : [frame]);
	alice.device.addMembers(group, [account]).catch(() => undefined);
	await until("carla is in", () => carla.device.conversation(group));
	await alice.crash();

	man.deaf.clear();
	man.incoming = (frame) => [frame];
	await alice.comeBack();
	await until("three", async () => (await alice.device.conversation(group))?.members.length === 3);
	await alice.say(group, "Hello Carla");
	for (const person of [bob, carla])
		await until(`${person.name} reads it`, async () => (await person.texts(group)).includes("Alice: Hello Carla"));
	assert.equal((await alice.rows(group)).filter(({ body }) => body.kind === "added").length, 1);
});

test("killed with a new conversation under way: it exists once", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const { account } = await alice.device.find(bob.phone);
	man.deaf.add("CreateConversation");
	man.incoming = (frame) => (frame.body.case === "entry" ? [] : [frame]);
	alice.device.openDirect(account).catch(() => undefined);
	const chat = await until("bob is in", async () => (await bob.device.conversations())[0]?.id);
	await alice.crash();
	man.deaf.clear();
	man.incoming = (frame) => [frame];
	await alice.comeBack();
	assert.equal(await until("alice has it", async () => await alice.device.openDirect(account)), chat);
	await alice.say(chat, "Hello");
	await until("bob reads it", async () => (await bob.texts(chat)).length === 1);
	assert.equal((await alice.device.conversations()).length, 1);
});

test("acknowledgements get lost: what comes again is not shown again", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: man.between });
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	man.outgoing = (frame) => (frame.body.case === "ack" ? [] : [frame]);
	for (const text of ["one", "two", "three"]) await alice.say(chat, text);
	await until("bob has all", async () => (await bob.texts(chat)).length === 3);
	man.outgoing = (frame) => [frame];
	man.received.length = 0;
	man.disconnect();
	await alice.say(chat, "four");
	await until("bob has it", async () => (await bob.texts(chat)).includes("Alice: four"));
	const again = man.received.filter(({ body }) => body.case === "entry").length;
	assert.ok(again > 4, "they did come again");
	assert.deepEqual(await bob.texts(chat), ["Alice: one", "Alice: two", "Alice: three", "Alice: four"]);
	assert.ok((await bob.rows(chat)).every(({ body }) => body.kind === "text"));
	await until("delivered", async () =>
		(await alice.rows(chat)).every(({ delivery }) => delivery?.state === "delivered"),
	);
});

test("a broken network in the middle of forty messages costs none and repeats none", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const sent = [];
	for (let i = 0; i < 40; i++) {
		sent.push(await alice.device.send(chat, `${i}`));
		if (i % 13 === 12) man.disconnect();
	}
	await Promise.all(sent.map(({ id }) => id && alice.device.stored(chat, id)));
	await until("bob has all", async () => (await bob.texts(chat)).length >= 40);
	assert.deepEqual(
		await bob.texts(chat),
		sent.map((_, i) => `Alice: ${i}`),
	);
});

test("an old copy of the profile is told to link anew, and what it did not send is shown as failed", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	const backup = alice.copy();
	await alice.say(chat, "two");
	await until("bob is in", () => bob.device.conversation(chat));
	await bob.say(chat, "three");
	await until("alice has it", async () => (await alice.texts(chat)).length === 3);
	await new Promise((resolve) => setTimeout(resolve, 150));
	await alice.close();

	await alice.open(backup);
	await until("found out", async () => (await alice.device.connection()).state === "relink-required");
	await assert.rejects(alice.device.send(chat, "four"), (error) => isRefusal(error, "SEQ_REUSED"));
	await assert.rejects(alice.device.caughtUp(), (error) => isRefusal(error, "SEQ_REUSED"));
	await alice.close();
	await alice.open();
	assert.equal((await alice.device.connection()).state, "relink-required", "also after a restart");
	assert.deepEqual(await bob.texts(chat), ["Alice: one", "Alice: two", "Bob: three"], "nothing was sent from it");
});

test("two copies that use one number for two texts: the later one is stopped, and shows its text as failed", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	await alice.close();
	const other = alice.copy();

	man.outgoing = (frame) => (frame.body.case === "send" ? [] : [frame]);
	man.sent.length = 0;
	await alice.comeBack();
	await alice.device.send(chat, "mine");
	await until("encrypted", () => payloads(man).length === 1);
	await alice.crash();
	const original = alice.data;

	// The other copy acknowledges nothing, so that the numbers alone give it away.
	man.outgoing = (frame) => (frame.body.case === "ack" ? [] : [frame]);
	await alice.open(other);
	await alice.say(chat, "theirs");
	await alice.close();

	man.outgoing = (frame) => [frame];
	await alice.open(original);
	await until("found out", async () => (await alice.device.connection()).state === "relink-required");
	await until("shown as failed", async () => {
		const row = (await alice.rows(chat)).find(({ body }) => body.kind === "text" && body.text === "mine");
		return row?.delivery?.state === "failed" && row.delivery.code === "SEQ_REUSED";
	});
	assert.deepEqual(await bob.texts(chat), ["Alice: one", "Alice: theirs"]);
});

test("the server says that a number was used for other bytes: nothing more is sent, and the text is shown as failed", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	man.outgoing = (frame) => {
		if (frame.body.case !== "send") return [frame];
		const { log, clientSeq } = frame.body.value;
		man.inject([refusal(log, clientSeq, ErrorCode.SEQ_REUSED)]);
		return [];
	};
	const message = await alice.device.send(chat, "two");
	await assert.rejects(alice.device.stored(chat, message.id ?? idOf("")), (error) => isRefusal(error, "SEQ_REUSED"));
	assert.equal((await alice.device.connection()).state, "relink-required");
	assert.deepEqual((await alice.rows(chat)).at(-1)?.delivery, { state: "failed", code: "SEQ_REUSED" });
});

test("the server takes nothing for a while: the same bytes go out again after it", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	let refused = 0;
	man.sent.length = 0;
	man.outgoing = (frame) => {
		if (frame.body.case !== "send" || refused++ > 0) return [frame];
		const { log, clientSeq } = frame.body.value;
		man.inject([refusal(log, clientSeq, ErrorCode.RATE_LIMITED, world.clock.now() + 600)]);
		return [];
	};
	const startedMs = world.clock.now();
	await alice.say(chat, "two");
	assert.ok(world.clock.now() - startedMs >= 600, "not before the time that was named");
	assert.equal(new Set(payloads(man)).size, 1);
	assert.equal(payloads(man).length, 2);
	await until("bob has it", async () => (await bob.texts(chat)).length === 2);
});

test("a message that is refused for good is shown as failed, and those after it are sent", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	let refused = 0;
	man.outgoing = (frame) => {
		if (frame.body.case !== "send" || refused++ > 0) return [frame];
		const { log, clientSeq } = frame.body.value;
		man.inject([refusal(log, clientSeq, ErrorCode.MALFORMED)]);
		return [];
	};
	const two = await alice.device.send(chat, "two");
	const three = await alice.device.send(chat, "three");
	await assert.rejects(alice.device.stored(chat, two.id ?? idOf("")), (error) => isRefusal(error, "MALFORMED"));
	await alice.device.stored(chat, three.id ?? idOf(""));
	await until("bob has it", async () => (await bob.texts(chat)).length === 2);
	assert.deepEqual(await bob.texts(chat), ["Alice: one", "Alice: three"]);
	assert.ok(
		(await bob.rows(chat)).every(({ body }) => body.kind === "text"),
		"no number is missing",
	);
});

function refusal(log: Uint8Array, clientSeq: number, code: ErrorCode, retryAtMs = 0) {
	const error = { code, message: "", retryAtMs: BigInt(retryAtMs) };
	return create(FrameSchema, { body: { case: "sendRefused", value: { log: new Uint8Array(log), clientSeq, error } } });
}

const idOf = (text: string) => text as MessageId;
