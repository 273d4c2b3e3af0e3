import assert from "node:assert/strict";
import { test } from "node:test";
import { idBytes, toHex } from "@troth/protocol";
import { sealedMessage, TestWorld } from "./_world.ts";

const sealed = (text: string) => new TextEncoder().encode(text);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("the latest receipt is stored, pushed to who is there, and waits for who is not", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
	const chat = await world.conversation("group", alice, bob, carla);
	const log = idBytes(chat);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	for (const text of ["read 1", "read 2"]) bobPhone.write({ case: "register", value: { log, sealed: sealed(text) } });
	const first = await alicePhone.next("register");
	assert.equal(toHex(first.deviceId), bob.phone.device);
	assert.deepEqual(first.sealed, sealed("read 2"));
	bobPhone.write({ case: "register", value: { log, sealed: sealed("read 3") } });
	const second = await alicePhone.next("register");
	assert.ok(second.version > first.version);
	assert.ok(!bobPhone.frames.some(({ case: kind }) => kind === "register"));

	const carlaPhone = await world.attach(carla);
	const waited = await carlaPhone.next("register");
	assert.deepEqual([waited.sealed, waited.version], [sealed("read 3"), second.version]);
	await world.restart();
	const again = await world.attach(bob);
	again.write({ case: "register", value: { log, sealed: sealed("read 4") } });
	const aliceAgain = await world.attach(alice);
	await aliceAgain.until(() =>
		aliceAgain.frames.some((body) => body.case === "register" && body.value.version > second.version),
	);
});

test("a typing signal reaches who is there now, and nobody later", async () => {
	await using world = await TestWorld.open();
	const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")];
	const chat = await world.conversation("direct", alice, bob);
	const log = idBytes(chat);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	const malloryPhone = await world.attach(mallory);
	malloryPhone.write({ case: "ephemeral", value: { log, sealed: sealed("intruding") } });
	await malloryPhone.flush();
	alicePhone.write({ case: "ephemeral", value: { log, sealed: sealed("typing") } });
	const signal = await bobPhone.next("ephemeral");
	assert.deepEqual([toHex(signal.deviceId), signal.sealed], [alice.phone.device, sealed("typing")]);
	const again = await world.attach(bob);
	await again.next("queueEmpty");
	await again.flush();
	assert.ok(!again.frames.some(({ case: kind }) => kind === "ephemeral"));
});

test("signals are rationed, and whoever is blocked is not heard", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const log = idBytes(chat);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	for (let i = 0; i < 300; i++) alicePhone.write({ case: "ephemeral", value: { log, sealed: sealed("typing") } });
	await alicePhone.flush();
	await bobPhone.flush();
	const heard = bobPhone.frames.filter(({ case: kind }) => kind === "ephemeral").length;
	assert.ok(heard >= 50 && heard < 100, `${heard} signals`);

	await pause(200);
	world.directory.blocks.set(bob.account, new Set([alice.account]));
	world.delivery.blocksChanged(bob.account);
	await pause(1);
	bobPhone.frames.length = 0;
	alicePhone.write({ case: "ephemeral", value: { log, sealed: sealed("typing") } });
	alicePhone.write({ case: "register", value: { log, sealed: sealed("read") } });
	await alicePhone.flush();
	await pause(100);
	await bobPhone.flush();
	assert.deepEqual(
		bobPhone.frames.map(({ case: kind }) => kind),
		[],
	);
});

test("what was delivered while alice was away she learns when she comes back", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const alicePhone = await world.attach(alice);
	alicePhone.send(chat, 1, sealedMessage(chat, 1));
	await alicePhone.next("sendOk");
	await alicePhone.end();
	await (await world.attach(bob)).entriesOf(chat, 1);
	await pause(100);
	const progress = await (await world.attach(alice)).next("progress");
	assert.deepEqual([toHex(progress.accountId), progress.ackedSeq], [bob.account, 1]);
});

test("delivered is what one device of an account has", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const laptop = await world.linkDevice(bob);
	const chat = await world.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob, { acknowledges: false })];
	const bobLaptop = await world.attach(laptop);
	alicePhone.send(chat, 1, sealedMessage(chat, 1));
	await bobLaptop.entriesOf(chat, 1);
	assert.equal((await alicePhone.next("progress")).ackedSeq, 1);
	await bobPhone.entriesOf(chat, 1);
	bobPhone.ack(idBytes(chat), 1);
	await bobPhone.flush();
	await pause(120);
	await alicePhone.flush();
	assert.ok(!alicePhone.frames.some(({ case: kind }) => kind === "progress"));
});
