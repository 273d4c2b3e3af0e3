/** What alice says about somebody's key on one of her devices, the others know: of that key, and only by her word. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { EntryKind, type Frame, FrameSchema, idBytes, toHex } from "@troth/protocol";
import { Companion } from "./_companion.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, type TestWorld, until } from "./_people.ts";

const isNote = ({ body }: Frame) => body.case === "entry" && body.value.kind === EntryKind.OWN_DEVICES;
const verified = async (device: Person, whom: Person) => (await device.device.safetyNumber(whom.account)).verified;

/** Alice's phone and her laptop, and Bob, with whom both are in a chat. */
async function threeDevices(world: TestWorld, man = new Middleman()) {
	const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "before");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	const laptop = await Companion.link(alice, "Laptop", { ports: man.between });
	await until("the laptop is in", async () => (await laptop.device.conversation(chat))?.members.length === 2);
	await until("it has the history", async () => (await laptop.texts(chat)).length === 1);
	return { alice, laptop, bob, chat, man };
}

/** The notes of before come once more, as if they were new. */
async function replay(of: Person, man: Middleman, notes: readonly Frame[]): Promise<void> {
	const log = of.self?.device ?? assert.fail();
	const seen = man.received.map(({ body }) =>
		body.case === "entry" && toHex(body.value.log) === log ? body.value.seq : 0,
	);
	let seq = Math.max(...seen);
	for (const note of notes) {
		const again = fromBinary(FrameSchema, toBinary(FrameSchema, note));
		if (again.body.case === "entry") Object.assign(again.body.value, { log: idBytes(log), seq: ++seq });
		man.inject([again]);
	}
	await until("it is through", () => JSON.parse(new TextDecoder().decode(of.data.get(`log/${log}`))).seq === seq);
	// What follows has its place behind them.
	man.incoming = (frame) => {
		if (frame.body.case === "entry" && toHex(frame.body.value.log) === log) frame.body.value.seq += notes.length;
		return [frame];
	};
}

/** What this device pinned was never his, whoever gave it to her. */
async function mistake(of: Person, whom: Person, key: string): Promise<void> {
	await of.close();
	const record = JSON.parse(new TextDecoder().decode(of.data.get(`account/${whom.account}`)));
	of.data.set(
		`account/${whom.account}`,
		new TextEncoder().encode(JSON.stringify({ ...record, identityKey: key, version: 0, devices: [] })),
	);
}

test("alice verifies bob on her phone and takes it back on the laptop; the server can not bring it back with what it heard", async () => {
	await using world = await startWorld();
	const { alice, laptop, bob, man } = await threeDevices(world);
	await alice.device.confirmSafetyNumber(bob.account, true);
	await until("the laptop knows", () => verified(laptop, bob));
	const notes = man.received.filter(isNote);
	assert.ok(notes.length > 0);
	await laptop.device.confirmSafetyNumber(bob.account, false);
	await until("the phone knows", async () => !(await verified(alice, bob)));
	// What is said of him otherwise says nothing else of his key.
	await alice.device.block(bob.account);
	await until("the laptop knows", async () => (await laptop.device.blocked()).length === 1);
	assert.equal(await verified(laptop, bob), false);
	await replay(laptop, man, notes);
	assert.equal(await verified(laptop, bob), false);
	assert.equal((await laptop.device.blocked()).length, 1);
	await laptop.device.confirmSafetyNumber(bob.account, true);
	await until("and the other way", () => verified(alice, bob));
});

test("alice takes bob's right key on her phone: her laptop believes it, too, and both go on in one chat", async () => {
	await using world = await startWorld();
	const { alice, laptop, bob, chat } = await threeDevices(world);
	for (const device of [alice, laptop]) await mistake(device, bob, "ab".repeat(32));
	await alice.comeBack();
	await laptop.comeBack();
	await alice.device.find(bob.phone);
	await laptop.device.find(bob.phone);
	assert.equal((await laptop.device.conversation(chat))?.changed[0]?.what, "key");
	await alice.device.acknowledgeKeyChange(bob.account);
	await until("it was looked at", async () => (await laptop.device.conversation(chat))?.changed[0]?.seen);
	const anew = await alice.device.acceptKeyChange(bob.account);
	assert.ok(anew !== undefined && anew !== chat);
	await alice.say(anew, "after");
	for (const device of [alice, laptop]) {
		await until(`${device.name} goes on`, async () => (await device.texts(anew)).includes("Alice: after"));
		assert.deepEqual(await device.texts(anew), ["Alice: before", "Alice: after"]);
		assert.deepEqual((await device.device.conversation(anew))?.changed, []);
		const { code } = await bob.device.safetyNumber(alice.account);
		assert.equal((await device.device.compareSafetyCode(code)).outcome, "same", device.name);
		assert.equal(await verified(device, bob), false, "taken is not verified");
	}
	await laptop.say(anew, "from the laptop");
	await until("bob reads it", async () => (await bob.texts(anew)).includes("Alice: from the laptop"));
	assert.deepEqual(
		(await laptop.device.conversations()).map(({ id }) => id),
		[anew],
	);
});

test("the laptop believes another key: it takes nothing over, and a note that is kept back makes nothing look verified", async () => {
	await using world = await startWorld();
	const { alice, laptop, bob, chat, man } = await threeDevices(world);
	await mistake(laptop, bob, "cd".repeat(32));
	await laptop.comeBack();
	await alice.device.confirmSafetyNumber(bob.account, true);
	await alice.device.setOwnName(bob.account, "Bobby");
	const named = async () => (await laptop.device.conversation(chat))?.title === "Bobby";
	await until("the note is there", named);
	assert.equal(await verified(laptop, bob), false);

	// What the phone accepts in the place of its own key is not accepted in the place of this one.
	await mistake(alice, bob, "ab".repeat(32));
	await alice.comeBack();
	await alice.device.find(bob.phone);
	const kept: Frame[] = [];
	man.incoming = (frame) => {
		if (frame.body.case !== "entry" || toHex(frame.body.value.log) !== laptop.self?.device) return [frame];
		kept.push(frame);
		return [];
	};
	await alice.device.acceptKeyChange(bob.account);
	await alice.device.confirmSafetyNumber(bob.account, true);
	await until("it is kept back", () => kept.some(isNote));
	assert.equal(await verified(laptop, bob), false);
	man.incoming = (frame) => [frame];
	man.inject(kept);
	await alice.device.setOwnName(bob.account, "Robert");
	await until("all of it is there", async () => (await laptop.device.conversation(chat))?.title === "Robert");
	assert.equal(await verified(laptop, bob), false);
	assert.equal(
		(await laptop.device.compareSafetyCode((await bob.device.safetyNumber(alice.account)).code)).outcome,
		"offered",
	);
});

test("bob registers anew and alice accepts it on her phone: on the laptop the chat goes on where it was, and it asks nothing", async () => {
	await using world = await startWorld();
	const { alice, laptop, bob, chat } = await threeDevices(world);
	await alice.device.confirmSafetyNumber(bob.account, true);
	await until("the laptop knows", () => verified(laptop, bob));
	const again = await world.person("Bob", { phone: bob.phone });
	await alice.device.find(bob.phone);
	await laptop.device.find(bob.phone);
	assert.equal((await laptop.device.conversation(chat))?.changed[0]?.asks, true);
	const anew = (await alice.device.acceptKeyChange(bob.account)) ?? assert.fail();
	await alice.say(anew, "Is that you?");
	await until("the laptop goes on", async () => (await laptop.texts(anew)).length === 2);
	await until("it is one chat", async () => (await laptop.device.conversations()).length === 1);
	assert.deepEqual((await laptop.device.conversation(anew))?.changed, []);
	await laptop.say(anew, "From the laptop");
	await until("the new device reads it", async () => (await again.texts(anew)).length === 2);
	assert.equal(await verified(laptop, again), false);
});
