import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
	type ConversationId,
	EntryKind,
	entryDigest,
	GapReason,
	idBytes,
	LIMITS,
	SystemClock,
	toHex,
} from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import type { TestClient } from "./_client.ts";
import { sealedMessage, TestWorld } from "./_world.ts";

async function sendAll(phone: TestClient, chat: ConversationId, from: number, to: number): Promise<void> {
	for (let number = from; number <= to; number++) {
		phone.send(chat, number, sealedMessage(chat, number));
		await phone.next("sendOk");
	}
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("what everybody has is deleted, what somebody still needs is kept", async () => {
	const clock = new SystemClock();
	await using world = await TestWorld.open({ clock });
	const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
	const chat = await world.conversation("group", alice, bob, carla);
	const alicePhone = await world.attach(alice);
	await world.attach(bob);
	await sendAll(alicePhone, chat, 1, 150);
	await pause(120);
	assert.equal((await world.logs.load(chat))?.trimmed, 0);
	const carlaPhone = await world.attach(carla);
	await carlaPhone.entriesOf(chat, 150);
	await pause(120);
	assert.equal((await world.logs.load(chat))?.trimmed, 150);
	// Less than a step waits until the log leaves memory.
	await sendAll(alicePhone, chat, 151, 153);
	await carlaPhone.entriesOf(chat, 153);
	await pause(120);
	assert.equal((await world.logs.load(chat))?.trimmed, 150);
	for (let i = 0; i < 8; i++) {
		clock.advance(10_000);
		await pause(5);
	}
	assert.equal((await world.logs.load(chat))?.trimmed, 153);
	assert.ok(world.delivery.exchange.owners.peek(chat) === undefined);
	await sendAll(alicePhone, chat, 154, 154);
	assert.equal((await carlaPhone.entriesOf(chat, 154)).at(-1)?.seq, 154);
});

test("entries that nobody fetched for 30 days are gone, and bob is told which", async () => {
	const clock = new SystemClock();
	// A sweep right after the half months that pass below would take every stream for dead.
	const timing = { pingMs: LIMITS.retentionMs, deadMs: LIMITS.retentionMs };
	await using world = await TestWorld.open({ clock, timing });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const alicePhone = await world.attach(alice);
	await sendAll(alicePhone, chat, 1, 5);
	clock.advance(LIMITS.retentionMs / 2);
	await (await world.attach(alice)).flush();
	await sendAll(await world.attach(alice), chat, 6, 8);
	clock.advance(LIMITS.retentionMs / 2 + 1000);
	await world.delivery.exchange.retention.run();
	const bobPhone = await world.attach(bob);
	const gap = await bobPhone.next("gap");
	assert.deepEqual([toHex(gap.log), gap.from, gap.to, gap.reason], [chat, 1, 5, GapReason.EXPIRED]);
	const rest = await bobPhone.entriesOf(chat, 3);
	assert.deepEqual(
		rest.map(({ seq }) => seq),
		[6, 7, 8],
	);
	await bobPhone.next("queueEmpty");
	await bobPhone.cut();
	// The gap was acknowledged like an entry: it does not come twice.
	const again = await world.attach(bob);
	await again.next("queueEmpty");
	assert.ok(!again.frames.some(({ case: kind }) => kind === "gap"));
});

test("what is lost to one device alone is a gap to that device", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	await sendAll(await world.attach(alice), chat, 1, 4);
	await world.logs.write([{ kind: "floor", log: chat, device: bob.phone.device, floor: 3 }]);
	await world.restart();
	const bobPhone = await world.attach(bob);
	const gap = await bobPhone.next("gap");
	assert.deepEqual([gap.from, gap.to, gap.reason], [1, 3, GapReason.CAP]);
	assert.equal((await bobPhone.entriesOf(chat, 1))[0]?.seq, 4);
});

test("what lies before a device was taken in again is a gap on the stream that it had open all the time, too", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const alicePhone = await world.attach(alice);
	const bobPhone = await world.attach(bob, { acknowledges: false });
	await sendAll(alicePhone, chat, 1, 1);
	await bobPhone.entriesOf(chat, 1);
	// As the commit does that brings him back: what he did not fetch is his still, the commit itself is not.
	const owner = world.delivery.exchange.owners.peek(chat);
	await owner?.exclusively(async () => {
		const member = owner.members.get(bob.phone.device);
		if (member !== undefined) owner.members.put({ ...member.row(), floor: 2 });
	});
	await sendAll(alicePhone, chat, 2, 3);
	const gap = await bobPhone.next("gap");
	assert.deepEqual([gap.from, gap.to], [2, 2]);
	const entries = await bobPhone.entriesOf(chat, 2);
	assert.deepEqual(
		entries.map(({ seq }) => seq),
		[1, 3],
	);
});

test("a blocked sender's messages are withheld, their digests are not, and she learns nothing of it", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	await sendAll(alicePhone, chat, 1, 1);
	await bobPhone.entriesOf(chat, 1);

	world.directory.blocks.set(bob.account, new Set([alice.account]));
	world.delivery.blocksChanged(bob.account);
	await sendAll(alicePhone, chat, 2, 2);
	const live = await bobPhone.next("skipped");
	assert.deepEqual([live.from, live.to], [2, 2]);
	await bobPhone.cut();
	await sendAll(alicePhone, chat, 3, 5);
	bobPhone.frames.length = 0;
	const again = await world.attach(bob);
	const skipped = await again.next("skipped");
	assert.deepEqual([toHex(skipped.log), skipped.from, skipped.to], [chat, 3, 5]);
	const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
	assert.deepEqual(
		skipped.digests.map(toHex),
		[3, 4, 5].map((seq) =>
			toHex(
				entryDigest(
					{ seq, kind: EntryKind.MESSAGE, senderDevice: alice.phone.device, payload: sealedMessage(chat, seq) },
					sha256,
				),
			),
		),
	);
	await again.next("queueEmpty");
	assert.deepEqual(again.entries, []);
	// Answers and delivery marks are the same as ever.
	await alicePhone.until(() => alicePhone.frames.some((body) => body.case === "progress" && body.value.ackedSeq === 5));

	world.directory.blocks.delete(bob.account);
	world.delivery.blocksChanged(bob.account);
	await sendAll(alicePhone, chat, 6, 6);
	assert.equal((await again.entriesOf(chat, 1))[0]?.seq, 6);
});

test("bob reads on while the block of alice is being looked up, and gets nothing of hers in between", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	await sendAll(alicePhone, chat, 1, 1);
	const gate = Promise.withResolvers<void>();
	const answer = world.directory.blockedBy.bind(world.directory);
	world.directory.blockedBy = async (account) => {
		await gate.promise;
		return answer(account);
	};
	world.directory.blocks.set(bob.account, new Set([alice.account]));
	world.delivery.blocksChanged(bob.account);
	await sendAll(alicePhone, chat, 2, 3);
	await bobPhone.flush();
	assert.equal(bobPhone.entries.length, 1);
	gate.resolve();
	const skipped = await bobPhone.next("skipped");
	assert.deepEqual([skipped.from, skipped.to], [2, 3]);
});

test("after a restore from a backup every log tells where it stands now", async () => {
	let generation = 1;
	await using world = await TestWorld.open({ wrapLogs: (logs) => withGeneration(logs, () => generation) });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const other = await world.conversation("group", alice, bob);
	const alicePhone = await world.attach(alice);
	await sendAll(alicePhone, chat, 1, 5);
	const bobPhone = await world.attach(bob, { acknowledges: false });
	await bobPhone.entriesOf(chat, 5);
	bobPhone.ack(idBytes(chat), 2);
	await pause(100);
	await world.restart();
	generation = 2;

	const again = await world.attach(bob, { generation: 1 });
	assert.equal((await again.next("rebased")).generation, 2);
	const gap = await again.next("gap");
	assert.deepEqual([toHex(gap.log), gap.from, gap.to, gap.reason], [chat, 3, 5, GapReason.RESTORED]);
	await again.next("queueEmpty");
	assert.deepEqual(again.entries, []);
	await (await world.attach(alice, { generation: 1 })).next("queueEmpty");
	const newPhone = await world.attach(alice, { generation: 2 });
	await sendAll(newPhone, chat, 6, 6);
	assert.equal((await again.entriesOf(chat, 1))[0]?.seq, 6);
	assert.ok(other);

	// A device that has everything learns the head as well: it may remember more than the backup had.
	const same = await world.attach(bob, { generation: 1 });
	const head = await same.next("gap");
	assert.deepEqual([head.from, head.to], [6, 6]);
});

/** The same store, as it is after a restore. */
function withGeneration(logs: LogStore, generation: () => number): LogStore {
	return new Proxy(logs, {
		get(target, name) {
			if (name === "generation") return generation();
			const value = Reflect.get(target, name);
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
}

test("an acknowledgement beyond what was sent counts as far as it was", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const alicePhone = await world.attach(alice);
	const bobPhone = await world.attach(bob, { acknowledges: false });
	await sendAll(alicePhone, chat, 1, 3);
	await bobPhone.entriesOf(chat, 3);
	bobPhone.ack(idBytes(chat), 4_000_000);
	await bobPhone.flush();
	await sendAll(alicePhone, chat, 4, 4);
	await bobPhone.entriesOf(chat, 4);
	await pause(100);
	const bobs = (await world.logs.load(chat))?.subscriptions.find(({ device }) => device === bob.phone.device);
	assert.equal(bobs?.acked, 3);
});
