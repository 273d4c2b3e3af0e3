import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConversationId,
	EntryKind,
	ErrorCode,
	ListConversationsRequestSchema,
	MemberRole,
	readId,
	toHex,
} from "@troth/protocol";
import type { TestClient } from "../delivery/_client.ts";
import { type StoreKind, TestWorld } from "../delivery/_world.ts";
import { bundleOf, engine, type MlsDevice, mlsDeviceOf, mlsPerson, randomChat, refused } from "./_members.ts";
import { listConversations } from "./list-conversations.ts";

/** Applies everything of a conversation that has come to a client and was not applied yet; gives the texts. */
async function catchUp(device: MlsDevice, client: TestClient, chat: ConversationId, upTo: number, from = 1) {
	await client.until(() => client.entries.some((entry) => toHex(entry.log) === chat && entry.seq === upTo));
	const texts: string[] = [];
	for (const entry of client.entries) {
		if (toHex(entry.log) !== chat || entry.seq < from || entry.seq > upTo) continue;
		const text = await device.apply(chat, entry);
		if (text !== undefined) texts.push(text);
	}
	return texts;
}

async function welcomed(device: MlsDevice, client: TestClient, count = 1): Promise<ConversationId> {
	const entries = await client.entriesOf(device.device, count);
	return device.join(entries[count - 1] ?? assert.fail("no Welcome"));
}

for (const store of ["memory", "sqlite"] satisfies StoreKind[]) {
	test(`alice starts a chat with bob, and both read what the other wrote (${store})`, async () => {
		await using world = await TestWorld.open({ store });
		const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
		const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
		const chat = randomChat();
		const { answer } = await alice.create(chat, "direct", [bob]);
		assert.equal(answer.seq, 1);
		const [own] = await alicePhone.entriesOf(chat, 1);
		assert.deepEqual([own?.kind, own?.epoch, own?.clientSeq], [EntryKind.COMMIT, 0, 1]);
		assert.equal(await welcomed(bob, bobPhone), chat);
		assert.equal(await alice.write(alicePhone, chat, "hello bob"), 2);
		assert.equal(await bob.write(bobPhone, chat, "hello alice"), 3);
		assert.deepEqual(await catchUp(bob, bobPhone, chat, 3, 2), ["hello bob"]);
		assert.deepEqual(await catchUp(alice, alicePhone, chat, 3, 2), ["hello alice"]);
		assert.deepEqual(engine.epochAuthenticator(alice.group(chat)), engine.epochAuthenticator(bob.group(chat)));
	});
}

test("a repeated creation gets its first answer", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const chat = randomChat();
	const made = await alice.makeFirst(chat, [bob]);
	const answers = await Promise.all(
		[1, 2, 3].map(() => alice.sendFirst(chat, "direct", bundleOf(made, 1), bob.person)),
	);
	for (const { seq, timeMs } of answers) assert.deepEqual([seq, timeMs], [1, answers[0]?.timeMs]);
	assert.equal((await world.logs.load(bob.device))?.head, 1);
});

test("alice and bob start a chat at once and get one", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const chats = [randomChat(), randomChat()] as const;
	const first = await alice.makeFirst(chats[0], [bob]);
	const second = await bob.makeFirst(chats[1], [alice]);
	const results = await Promise.allSettled([
		alice.sendFirst(chats[0], "direct", bundleOf(first, 1), bob.person),
		bob.sendFirst(chats[1], "direct", bundleOf(second, 1), alice.person),
	]);
	const won = results.findIndex(({ status }) => status === "fulfilled");
	const lost = results.find(({ status }) => status === "rejected");
	assert.ok(won >= 0 && lost?.status === "rejected", "exactly one wins");
	const refusal = await refused("CONVERSATION_EXISTS", Promise.reject(lost.reason));
	assert.equal(refusal.fields.conversation, chats[won]);
	assert.equal(await world.logs.load(chats[1 - won] as ConversationId), undefined);
	// The loser has its Welcome, and neither device's log has a hole.
	const loser = won === 0 ? bob : alice;
	const client = await world.attach(loser);
	assert.equal(await welcomed(loser, client), chats[won]);
	const late = await loser.makeFirst(randomChat(), [won === 0 ? alice : bob]);
	const peer = won === 0 ? alice.person : bob.person;
	await refused("CONVERSATION_EXISTS", loser.sendFirst(engine.id(late.next), "direct", bundleOf(late, 1), peer));
});

test("a group of three: who is added reads on from there, who is removed reads up to there", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob, carla] = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "carla"),
	];
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	await welcomed(bob, bobPhone);
	await alice.write(alicePhone, chat, "before carla");
	await alice.commit(chat, { add: [carla] });
	const carlaPhone = await world.attach(carla);
	await welcomed(carla, carlaPhone);
	await alice.write(alicePhone, chat, "with carla");
	assert.deepEqual(await catchUp(carla, carlaPhone, chat, 4, 4), ["with carla"]);
	assert.deepEqual(
		carlaPhone.entries.filter(({ log }) => toHex(log) === chat).map(({ seq }) => seq),
		[4],
	);

	await alice.commit(chat, { remove: [carla] });
	await alice.write(alicePhone, chat, "without carla");
	assert.deepEqual(await catchUp(bob, bobPhone, chat, 6, 2), ["before carla", "with carla", "without carla"]);
	await carlaPhone.flush();
	assert.deepEqual(
		carlaPhone.entries.filter(({ log }) => toHex(log) === chat).map(({ seq }) => seq),
		[4, 5],
	);
	carlaPhone.send(chat, 1, (await engine.encrypt(carla.group(chat), new Uint8Array(1), new Uint8Array())).message, 2);
	await carlaPhone.next("sendRefused");
	await refused("NOT_FOUND", carla.get(chat));
	await alice.commit(chat, { add: [carla] });
	await alice.write(alicePhone, chat, "with carla again");
	await welcomed(carla, carlaPhone, 2);
	assert.deepEqual(await catchUp(carla, carlaPhone, chat, 8, 8), ["with carla again"]);
	assert.deepEqual(
		carlaPhone.entries.filter(({ log }) => toHex(log) === chat).map(({ seq }) => seq),
		[4, 5, 8],
	);
	await carlaPhone.cut();
	const again = await world.attach(carla);
	await again.next("queueEmpty");
	assert.deepEqual(again.entries, []);
});

test("who was removed before she had read everything still gets what was hers", async () => {
	await using world = await TestWorld.open();
	const [alice, bob, carla] = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "carla"),
	];
	const alicePhone = await world.attach(alice);
	const chat = randomChat();
	await alice.create(chat, "group", [bob, carla]);
	for (const text of ["one", "two"]) await alice.write(alicePhone, chat, text);
	await alice.commit(chat, { remove: [carla] });
	await alice.write(alicePhone, chat, "three");
	await alice.commit(chat, { add: [carla] });
	await alice.write(alicePhone, chat, "four");
	// Added again before she came: what lies before that is told as lost, because her old state is gone.
	const carlaPhone = await world.attach(carla);
	const gap = await carlaPhone.next("gap");
	assert.deepEqual([gap.from, gap.to], [2, 6]);
	assert.equal((await carlaPhone.entriesOf(chat, 1))[0]?.seq, 7);
});

test("two devices commit from the same epoch: one wins, the other finds out", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const bobPhone = await world.attach(bob);
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	await welcomed(bob, bobPhone);
	for (let round = 0; round < 3; round++) {
		const made = [await alice.make(chat), await bob.make(chat)] as const;
		const results = await Promise.allSettled([
			alice.send(chat, bundleOf(made[0], alice.nextNumber(chat))),
			bob.send(chat, bundleOf(made[1], bob.nextNumber(chat))),
		]);
		const winner = results.findIndex(({ status }) => status === "fulfilled");
		const lost = results[1 - winner];
		assert.ok(winner >= 0 && lost?.status === "rejected");
		const refusal = await refused("STALE_EPOCH", Promise.reject(lost.reason));
		assert.equal(refusal.fields.epoch, round + 2);
		// Either device could have won; the loser adopts the winner's commit.
		const winning = [alice, bob][winner] as MlsDevice;
		const losing = [alice, bob][1 - winner] as MlsDevice;
		winning.adopt(chat, made[winner] as (typeof made)[0]);
		const entry = (await bobPhone.entriesOf(chat, round + 1)).at(-1);
		await losing.apply(chat, entry ?? assert.fail("no entry"));
	}
	assert.deepEqual(engine.epochAuthenticator(alice.group(chat)), engine.epochAuthenticator(bob.group(chat)));
});

test("a repeated commit gets its first answer; a number used for another commit is told", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const chat = randomChat();
	await alice.create(chat, "direct", [bob]);
	const made = await alice.make(chat);
	const first = await alice.send(chat, bundleOf(made, 2));
	assert.deepEqual(await alice.send(chat, bundleOf(made, 2)), first);
	const other = await alice.make(chat);
	await refused("SEQ_REUSED", alice.send(chat, bundleOf(other, 2)));
	alice.adopt(chat, made);
	alice.numbers.set(chat, 5);
	const ahead = await alice.make(chat);
	const refusal = await refused("SEQ_OUT_OF_ORDER", alice.send(chat, bundleOf(ahead, 6)));
	assert.equal(refusal.fields.expectedClientSeq, 3);
});

test("messages and commits of one device share one series of numbers, and messages wait for a commit", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const alicePhone = await world.attach(alice);
	const chat = randomChat();
	await alice.create(chat, "direct", [bob]);
	await alice.write(alicePhone, chat, "one");
	const committing = alice.commit(chat);
	const old = await engine.encrypt(alice.group(chat), new Uint8Array(3), new Uint8Array([8, 4]));
	await committing;
	alicePhone.send(chat, 4, old.message, 1);
	assert.equal((await alicePhone.next("sendRefused")).error?.epoch, 2);
	assert.equal(await alice.write(alicePhone, chat, "two"), 4);
	assert.deepEqual(
		(await alicePhone.entriesOf(chat, 4)).map(({ clientSeq, epoch }) => [clientSeq, epoch]),
		[
			[1, 0],
			[2, 1],
			[3, 1],
			[4, 2],
		],
	);
});

test("a message that comes while a commit is being stored waits, and is refused with the new epoch", async () => {
	const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	await using world = await TestWorld.open({
		wrapLogs: (logs) =>
			new Proxy(logs, {
				get(target, name) {
					const value = Reflect.get(target, name);
					if (name !== "write") return typeof value === "function" ? value.bind(target) : value;
					return async (steps: Parameters<typeof logs.write>[0]) => {
						if (steps.some(({ kind }) => kind === "epoch")) {
							begun.resolve();
							await gate.promise;
						}
						return target.write(steps);
					};
				},
			}),
	});
	using _opened = { [Symbol.dispose]: gate.resolve };
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const bobPhone = await world.attach(bob);
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	await welcomed(bob, bobPhone);
	const committing = alice.commit(chat);
	await begun.promise;
	const { message } = await engine.encrypt(bob.group(chat), new Uint8Array(3), new Uint8Array([8, 1]));
	bobPhone.send(chat, 1, message, 1);
	await bobPhone.flush();
	assert.ok(!bobPhone.frames.some(({ case: kind }) => kind === "sendRefused" || kind === "sendOk"));
	gate.resolve();
	await committing;
	const { error } = await bobPhone.next("sendRefused");
	assert.deepEqual([error?.code, error?.epoch], [ErrorCode.STALE_EPOCH, 2]);
});

test("a new device joins by itself where its account is a member, and nobody else does", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob, mallory] = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "mallory"),
	];
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	await welcomed(bob, bobPhone);
	const laptop = await mlsDeviceOf(world, bob.person);
	const laptopClient = await world.attach(laptop);
	await laptop.joinByItself(chat);
	const [own] = await laptopClient.entriesOf(chat, 1);
	assert.deepEqual([own?.seq, own?.clientSeq], [2, 1]);
	await catchUp(alice, alicePhone, chat, 2, 2);
	await alice.write(alicePhone, chat, "hello all");
	assert.deepEqual(await catchUp(laptop, laptopClient, chat, 3, 3), ["hello all"]);

	await refused("NOT_FOUND", mallory.get(chat));
	const stolen = await laptop.get(chat);
	mallory.get = async () => stolen;
	await refused("NOT_A_MEMBER", mallory.send(chat, bundleOf(await mallory.makeJoin(chat), 1)));
	const { conversation } = await alice.get(chat);
	const bobs = conversation?.members?.find(
		({ accountId }) => toHex(accountId ?? new Uint8Array()) === bob.person.account,
	);
	assert.deepEqual(
		new Set(bobs?.devices?.map(({ deviceId }) => toHex(deviceId ?? new Uint8Array()))),
		new Set([bob.device, laptop.device]),
	);
});

test("a device that lost its state replaces its old leaf", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const bobPhone = await world.attach(bob);
	const chat = randomChat();
	await alice.create(chat, "direct", [bob]);
	await welcomed(bob, bobPhone);
	bob.groups.delete(chat);
	await bob.joinByItself(chat);
	assert.equal(engine.members(bob.group(chat)).length, 2);
	const { conversation } = await bob.get(chat);
	assert.equal(conversation?.members?.length, 2);
	assert.equal(conversation?.epoch, 2);
	assert.equal(await bob.write(bobPhone, chat, "back again"), 3);
});

test("after all of bob's devices were replaced, alice's chat with him is still theirs", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const alicePhone = await world.attach(alice);
	const chat = randomChat();
	await alice.create(chat, "direct", [bob]);
	const laptop = await mlsDeviceOf(world, bob.person);
	world.directory.removed.add(bob.device);
	await world.delivery.dropDevices(bob.person.account, [bob.device]);
	const late = await laptop.makeFirst(randomChat(), [alice]);
	const exists = await refused(
		"CONVERSATION_EXISTS",
		laptop.sendFirst(engine.id(late.next), "direct", bundleOf(late, 1), alice.person),
	);
	assert.equal(exists.fields.conversation, chat);
	const laptopClient = await world.attach(laptop);
	await laptop.joinByItself(chat);
	await catchUp(alice, alicePhone, chat, 2, 2);
	// The leaf of the old device still waits; either of them may remove it.
	await laptop.commit(chat, { remove: [bob] });
	await catchUp(alice, alicePhone, chat, 3, 3);
	await alice.write(alicePhone, chat, "you are back");
	assert.deepEqual(await catchUp(laptop, laptopClient, chat, 4, 4), ["you are back"]);
});

test("carla leaves: nothing is stored before her leaf is removed, and any member may do that", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const people = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "carla"),
	] as const;
	const [alice, bob, carla] = people;
	const bobPhone = await world.attach(bob);
	const chat = randomChat();
	await alice.create(chat, "group", [bob, carla]);
	await welcomed(bob, bobPhone);
	await carla.leave(chat);
	await refused("NOT_A_MEMBER", carla.leave(chat));
	const { conversation } = await bob.get(chat);
	assert.deepEqual(
		conversation?.pendingRemovals?.map((bytes) => toHex(bytes)),
		[carla.device],
	);
	const update = await bob.make(chat);
	const refusal = await refused("COMMIT_REQUIRED", bob.send(chat, bundleOf(update, 1)));
	assert.deepEqual(refusal.fields.removeDevices, [carla.device]);
	await bob.commit(chat, { remove: [carla] });
	await bob.write(bobPhone, chat, "carla has left");
	assert.deepEqual((await bob.get(chat)).conversation?.pendingRemovals, []);
	await refused(
		"FORBIDDEN",
		alice.create(randomChat(), "direct", [bob]).then(() => alice.leave(chat2(world))),
	);
});

/** The only direct conversation of this world. */
function chat2(world: TestWorld): ConversationId {
	const log = [...world.delivery.exchange.owners.all()].find(({ group }) => group?.kind === "direct")?.log;
	return log as ConversationId;
}

test("what a member sees of a conversation", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	await alice.create(randomChat(), "direct", [bob]);
	const { conversation, groupInfo } = await bob.get(chat);
	assert.ok((groupInfo?.length ?? 0) > 100);
	assert.equal(conversation?.epoch, 1);
	assert.equal(conversation?.headSeq, 1);
	const roles = conversation?.members?.map(({ accountId, role, devices }) => [
		readId<AccountId>(new Uint8Array(accountId ?? [])),
		role,
		devices?.map(({ leafIndex }) => leafIndex),
	]);
	assert.deepEqual(
		new Map(roles?.map(([account, ...rest]) => [account, rest])),
		new Map([
			[alice.person.account, [MemberRole.ADMIN, [0]]],
			[bob.person.account, [MemberRole.MEMBER, [1]]],
		]),
	);
	const list = await listConversations(world.context, create(ListConversationsRequestSchema), bob.session);
	assert.equal(list.conversations?.length, 2);
});

test("a commit that can not be stored leaves everything as it was", async () => {
	await using world = await TestWorld.open();
	const [alice, bob, carla] = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "carla"),
	];
	const alicePhone = await world.attach(alice);
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	// Another node moves Carla's own log on, which this node has in memory: the whole commit fails with it.
	await world.delivery.exchange.owners.open(carla.device);
	const stolen = {
		seq: 1,
		timeMs: 1,
		kind: EntryKind.TERMS_NOTICE,
		senderAccount: undefined,
		body: new Uint8Array([1]),
	};
	await world.logs.write([{ kind: "append", log: carla.device, entry: stolen, sender: undefined }]);
	const made = await alice.make(chat, { add: [carla] });
	await refused("UNAVAILABLE", alice.send(chat, bundleOf(made, 2)));
	assert.equal((await world.logs.load(chat))?.group?.epoch, 1);
	assert.equal((await world.logs.load(chat))?.subscriptions.length, 2);
	const answer = await alice.send(chat, bundleOf(made, 2));
	assert.equal(answer.seq, 2);
	alice.adopt(chat, made);
	assert.equal(await alice.write(alicePhone, chat, "with carla"), 3);
});
