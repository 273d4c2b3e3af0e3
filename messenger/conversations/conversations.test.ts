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
import { type StoreKind, TestWorld } from "../delivery/_world.ts";
import { bundleOf, catchUp, engine, type MlsDevice, mlsPerson, randomChat, refused, welcomed } from "./_members.ts";
import { listConversations } from "./list-conversations.ts";

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
