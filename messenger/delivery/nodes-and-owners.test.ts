import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { EntryKind, ErrorCode, ListConversationsRequestSchema, SystemClock } from "@troth/protocol";
import type { HintBus } from "@troth/storage";
import { openHints } from "@troth/storage";
import { listConversations } from "../conversations/list-conversations.ts";
import { sealedMessage, TestWorld } from "./_world.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const lostHints = (): HintBus => ({ publish() {}, subscribe: () => () => {}, [Symbol.asyncDispose]: async () => {} });

test("a message stored on one node reaches a device on the other by a hint", async () => {
	await using hints = await openHints({ kind: "process" });
	await using here = await TestWorld.open({ hints });
	await using there = await TestWorld.open({ beside: here, hints });
	const [alice, bob] = [await here.person("alice"), await here.person("bob")];
	const chat = await here.conversation("direct", alice, bob);
	const alicePhone = await here.attach(alice);
	const bobPhone = await there.attach(bob);
	for (const number of [1, 2, 3]) {
		alicePhone.send(chat, number, sealedMessage(chat, number));
		await bobPhone.entriesOf(chat, number);
	}
});

test("when every hint is lost, only time is", async () => {
	const clock = new SystemClock();
	await using here = await TestWorld.open({ hints: lostHints() });
	await using there = await TestWorld.open({ beside: here, hints: lostHints(), clock, timing: { recheckMs: 3000 } });
	const [alice, bob] = [await here.person("alice"), await here.person("bob")];
	const chat = await here.conversation("direct", alice, bob);
	const alicePhone = await here.attach(alice);
	const bobPhone = await there.attach(bob);
	for (const number of [1, 2]) {
		alicePhone.send(chat, number, sealedMessage(chat, number));
		await alicePhone.next("sendOk");
		assert.equal(bobPhone.entries.length, number - 1);
		for (let second = 0; second < 4; second++) {
			clock.advance(1000);
			await pause(5);
		}
		await bobPhone.entriesOf(chat, number);
	}
});

test("a device that comes back gets what another node stored while its hint was lost", async () => {
	await using here = await TestWorld.open({ hints: lostHints() });
	await using there = await TestWorld.open({ beside: here, hints: lostHints() });
	const [alice, bob] = [await here.person("alice"), await here.person("bob")];
	const chat = await here.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await here.attach(alice), await there.attach(bob)];
	alicePhone.send(chat, 1, sealedMessage(chat, 1));
	await alicePhone.next("sendOk");
	bobPhone.send(chat, 1, sealedMessage(chat, 1, { text: "hello" }));
	assert.equal((await bobPhone.next("sendOk")).seq, 2);
	await alicePhone.end();
	const again = await here.attach(alice);
	await again.next("queueEmpty");
	assert.equal(again.entries.at(-1)?.seq, 2);
});

test("a device that misses its Welcome and asks for its conversations gets what another node put into its log", async () => {
	await using here = await TestWorld.open({ hints: lostHints() });
	await using there = await TestWorld.open({ beside: here, hints: lostHints() });
	const alice = await here.person("alice");
	const { device } = alice.phone;
	const phone = await here.attach(alice);
	await phone.next("queueEmpty");
	await there.delivery.notifyDevices([device], EntryKind.WELCOME, new Uint8Array([8, 2]));
	await phone.flush();
	assert.deepEqual(phone.entries, []);
	const session = { account: alice.account, device };
	await listConversations(here.context, create(ListConversationsRequestSchema), session);
	await phone.entriesOf(device, 1);
});

test("an owner that is no longer the only one never commits, and its sender finds the truth", async () => {
	await using here = await TestWorld.open({ hints: lostHints() });
	await using there = await TestWorld.open({ beside: here, hints: lostHints() });
	const [alice, bob] = [await here.person("alice"), await here.person("bob")];
	const chat = await here.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await here.attach(alice), await there.attach(bob)];
	alicePhone.send(chat, 1, sealedMessage(chat, 1));
	await alicePhone.next("sendOk");
	// This node loads the log now, with head 1; then the other one moves it on.
	bobPhone.send(chat, 1, sealedMessage(chat, 1, { text: "hello" }));
	assert.equal((await bobPhone.next("sendOk")).seq, 2);
	alicePhone.send(chat, 2, sealedMessage(chat, 2));
	assert.equal((await alicePhone.next("sendRefused")).error?.code, ErrorCode.UNAVAILABLE);
	alicePhone.send(chat, 2, sealedMessage(chat, 2));
	assert.equal((await alicePhone.next("sendOk")).seq, 3);
	const seen = await alicePhone.entriesOf(chat, 3);
	assert.deepEqual(
		seen.map(({ seq }) => seq),
		[1, 2, 3],
	);
});

test("with room for two logs in memory, twenty conversations still go on", async () => {
	const clock = new SystemClock();
	await using world = await TestWorld.open({ clock, store: "sqlite", owners: { idleMs: 1_000_000, loaded: 2 } });
	const alice = await world.person("alice");
	const alicePhone = await world.attach(alice);
	const friends = [];
	for (let i = 0; i < 20; i++) {
		const friend = await world.person(`friend ${i}`);
		const chat = await world.conversation("direct", alice, friend);
		friends.push({ chat, phone: await world.attach(friend) });
	}
	for (let number = 1; number <= 3; number++) {
		for (const { chat, phone } of friends) {
			alicePhone.send(chat, number, sealedMessage(chat, number));
			await phone.entriesOf(chat, number);
		}
		await alicePhone.flush();
		await pause(100);
		clock.advance(11_000);
		await pause(10);
		assert.ok(world.delivery.exchange.owners.size <= 2, `${world.delivery.exchange.owners.size} logs`);
	}
});
