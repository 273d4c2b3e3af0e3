import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSE, EntryKind, idBytes, LIMITS, SystemClock } from "@troth/protocol";
import type { TestClient } from "./_client.ts";
import { type StoreKind, sealedMessage, TestWorld } from "./_world.ts";

/** Lets alice store messages one window after the other. */
async function sendAll(
	phone: TestClient,
	chat: Parameters<typeof sealedMessage>[0],
	from: number,
	to: number,
	text = "x",
) {
	for (let number = from; number <= to; number++) {
		phone.send(chat, number, sealedMessage(chat, number, { text }));
		if ((number - from) % LIMITS.sendsInFlight === LIMITS.sendsInFlight - 1 || number === to)
			await phone.entriesOf(chat, number);
	}
}

const seqs = (phone: TestClient) => phone.entries.map(({ seq }) => seq);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

for (const store of ["memory", "sqlite"] satisfies StoreKind[]) {
	test(`no more than a window is under way, and acknowledging moves it on (${store})`, async () => {
		await using world = await TestWorld.open({ store });
		const [alice, bob] = [await world.person("alice"), await world.person("bob")];
		const chat = await world.conversation("direct", alice, bob);
		const bobPhone = await world.attach(bob, { acknowledges: false });
		await sendAll(await world.attach(alice), chat, 1, 300);
		await bobPhone.flush();
		assert.deepEqual(seqs(bobPhone), upTo(LIMITS.windowEntries));
		bobPhone.ack(bobPhone.entries[0]?.log ?? new Uint8Array(), 10);
		await bobPhone.entriesOf(chat, LIMITS.windowEntries + 10);
		bobPhone.acknowledges = true;
		bobPhone.ack(bobPhone.entries[0]?.log ?? new Uint8Array(), LIMITS.windowEntries + 10);
		await bobPhone.entriesOf(chat, 300);
		assert.deepEqual(seqs(bobPhone), upTo(300));
	});
}

test("a device's own log comes through a window full of what it can not read before", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const bobPhone = await world.attach(bob, { acknowledges: false });
	await sendAll(await world.attach(alice), chat, 1, LIMITS.windowEntries + 40);
	await bobPhone.entriesOf(chat, LIMITS.windowEntries);
	const own = bob.phone.device;
	for (let n = 1; n <= LIMITS.windowEntries + 1; n++)
		await world.delivery.notifyDevices([own], EntryKind.TERMS_NOTICE, new Uint8Array([8, 2, 16, n % 100]));
	await bobPhone.entriesOf(own, LIMITS.windowEntries);
	// A second window, and no more than that; the chat's entries wait as before.
	await bobPhone.flush();
	assert.equal(bobPhone.entries.length, 2 * LIMITS.windowEntries);
	bobPhone.ack(idBytes(chat), LIMITS.windowEntries);
	bobPhone.acknowledges = true;
	bobPhone.ack(idBytes(own), LIMITS.windowEntries);
	await bobPhone.entriesOf(own, LIMITS.windowEntries + 1);
	await bobPhone.entriesOf(chat, LIMITS.windowEntries + 40);
});

test("the window counts bytes too, and the largest entry still passes an empty one", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const bobPhone = await world.attach(bob, { acknowledges: false });
	const text = "x".repeat(LIMITS.messageBytes - 200);
	await sendAll(await world.attach(alice), chat, 1, 14, text);
	const fitting = Math.floor(LIMITS.windowBytes / LIMITS.messageBytes);
	await bobPhone.entriesOf(chat, fitting);
	await bobPhone.flush();
	assert.equal(bobPhone.entries.length, fitting);
	bobPhone.acknowledges = true;
	bobPhone.ack(bobPhone.entries[0]?.log ?? new Uint8Array(), bobPhone.entries.length);
	await bobPhone.entriesOf(chat, 14);
});

test("a reader that stops is closed with 4008 after a time, comes back where it was, and never hurt the others", async () => {
	const clock = new SystemClock();
	await using world = await TestWorld.open({ clock, store: "sqlite" });
	const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
	const chat = await world.conversation("group", alice, bob, carla);
	const alicePhone = await world.attach(alice);
	const bobPhone = await world.attach(bob);
	const carlaPhone = await world.attach(carla);
	await sendAll(alicePhone, chat, 1, 10);
	await carlaPhone.entriesOf(chat, 10);
	await carlaPhone.flush();
	carlaPhone.acknowledges = false;
	carlaPhone.socket.pause();

	await sendAll(alicePhone, chat, 11, 400, "y".repeat(8000));
	await bobPhone.entriesOf(chat, 400);
	assert.deepEqual(seqs(bobPhone), upTo(400));

	// The clock moves on by itself in between, so that the sweep sees nothing move.
	for (let second = 0; second < 35 && world.delivery.attached(carla.phone.device); second++) {
		clock.advance(1000);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	assert.ok(!world.delivery.attached(carla.phone.device));
	carlaPhone.socket.resume();
	assert.equal(await carlaPhone.closed, CLOSE.slowReader);

	const again = await world.attach(carla);
	await again.entriesOf(chat, 390);
	assert.deepEqual(seqs(again), upTo(400).slice(10));
});

test("a device that sends and never reads its answers stops the server's memory from growing", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	await world.conversation("direct", alice, bob);
	const phone = await world.attach(alice, { acknowledges: false });
	phone.socket.pause();
	// Refused, and the refusal names the log that was meant.
	let sent = 0;
	while (sent < 20_000 && phone.socket.bufferedAmount < 1024 * 1024) {
		phone.write({ case: "send", value: { log: new Uint8Array(16_000), clientSeq: sent++ } });
		if (sent % 20 === 0) await new Promise(setImmediate);
	}
	assert.ok(phone.socket.bufferedAmount > 1024 * 1024, "the server went on reading");
	const bobPhone = await world.attach(bob);
	await bobPhone.flush();
	// As soon as it reads, it gets every answer.
	phone.socket.resume();
	await phone.until(() => phone.frames.filter(({ case: kind }) => kind === "sendRefused").length === sent);
});

test("several logs share a window in turn", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const alice = await world.person("alice");
	const friends = [await world.person("bob"), await world.person("carla"), await world.person("dan")];
	const chats = [];
	for (const friend of friends) {
		const chat = await world.conversation("direct", friend, alice);
		chats.push(chat);
		await sendAll(await world.attach(friend), chat, 1, 200);
	}
	const phone = await world.attach(alice);
	for (const chat of chats) {
		const entries = await phone.entriesOf(chat, 200);
		assert.deepEqual(
			entries.map(({ seq }) => seq),
			upTo(200),
		);
	}
	await phone.next("queueEmpty");
});
