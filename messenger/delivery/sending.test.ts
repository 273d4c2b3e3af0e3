import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { ErrorCode, idBytes, LIMITS, SystemClock, toHex } from "@troth/protocol";
import { type LogStore, type LogWrite, StoreError } from "@troth/storage";
import { type StoreKind, sealedMessage, TestWorld } from "./_world.ts";

const STORES = ["memory", "sqlite"] satisfies StoreKind[];

for (const store of STORES) {
	test(`alice writes to bob and both get the same entry (${store})`, async () => {
		await using world = await TestWorld.open({ store });
		const [alice, bob] = [await world.person("alice"), await world.person("bob")];
		const chat = await world.conversation("direct", alice, bob);
		const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
		const payload = sealedMessage(chat, 1);
		alicePhone.send(chat, 1, payload);
		const ok = await alicePhone.next("sendOk");
		assert.equal(toHex(ok.log), chat);
		assert.deepEqual([ok.clientSeq, ok.seq], [1, 1]);
		const [atBob] = await bobPhone.entriesOf(chat, 1);
		const [atAlice] = await alicePhone.entriesOf(chat, 1);
		assert.deepEqual(atBob, atAlice);
		assert.equal(toHex(atBob?.senderDevice ?? new Uint8Array()), alice.phone.device);
		assert.equal(toHex(atBob?.senderAccount ?? new Uint8Array()), alice.account);
		assert.deepEqual(atBob?.payload, payload);
		assert.equal(atBob?.timeMs, ok.timeMs);
		const progress = await alicePhone.next("progress");
		assert.equal(toHex(progress.accountId), bob.account);
		assert.equal(progress.ackedSeq, 1);
	});

	test(`bob is away for 200 messages and gets them in order, exactly once, through broken connections (${store})`, async () => {
		await using world = await TestWorld.open({ store });
		const [alice, bob] = [await world.person("alice"), await world.person("bob")];
		const chat = await world.conversation("direct", alice, bob);
		const alicePhone = await world.attach(alice);
		for (let number = 1; number <= 200; number++) {
			alicePhone.send(chat, number, sealedMessage(chat, number));
			if (number % LIMITS.sendsInFlight === 0) await alicePhone.until(() => answers(alicePhone) === number);
		}
		await alicePhone.until(() => answers(alicePhone) === 200);

		const shown: number[] = [];
		for (const takes of [10, 50, 1, 80, 200]) {
			const phone = await world.attach(bob, { acknowledges: false });
			const upTo = Math.min(200, shown.length + takes);
			while (shown.length < upTo) {
				const entry = await phone.next("entry");
				// A device knows what it has stored, and shows nothing twice.
				if (entry.seq <= shown.length) continue;
				assert.equal(entry.seq, shown.length + 1);
				assert.deepEqual(entry.payload, sealedMessage(chat, entry.seq));
				shown.push(entry.seq);
				if (entry.seq % 7 === 0 || entry.seq === 200) phone.ack(entry.log, entry.seq);
			}
			await phone.flush();
			if (shown.length < 200) await phone.cut();
			else await phone.next("queueEmpty");
		}
		assert.equal(shown.length, 200);
	});

	test(`what was answered is there after a restart (${store})`, async () => {
		await using world = await TestWorld.open({ store });
		const [alice, bob] = [await world.person("alice"), await world.person("bob")];
		const chat = await world.conversation("direct", alice, bob);
		const alicePhone = await world.attach(alice);
		alicePhone.send(chat, 1, sealedMessage(chat, 1));
		const ok = await alicePhone.next("sendOk");
		await world.restart();
		const again = await world.attach(alice);
		again.send(chat, 1, sealedMessage(chat, 1));
		const repeated = await again.next("sendOk");
		assert.deepEqual([repeated.seq, repeated.timeMs], [ok.seq, ok.timeMs]);
		again.send(chat, 2, sealedMessage(chat, 2));
		assert.equal((await again.next("sendOk")).seq, 2);
		const seen = await (await world.attach(bob)).entriesOf(chat, 2);
		assert.deepEqual(
			seen.map(({ clientSeq }) => clientSeq),
			[1, 2],
		);
	});
}

function answers(client: { readonly frames: readonly { readonly case: string | undefined }[] }): number {
	return client.frames.filter((frame) => frame.case === "sendOk").length;
}

test("a send that is repeated at once and later is stored once and answered each time", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const phone = await world.attach(alice);
	const payload = sealedMessage(chat, 1);
	for (let i = 0; i < 3; i++) phone.send(chat, 1, payload);
	for (let i = 0; i < 3; i++) assert.equal((await phone.next("sendOk")).seq, 1);
	phone.send(chat, 1, payload);
	assert.equal((await phone.next("sendOk")).seq, 1);
	await phone.flush();
	assert.equal(phone.entries.length, 1);
});

test("a restored old profile is told so, and a hole in the numbers", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const phone = await world.attach(alice);
	phone.send(chat, 1, sealedMessage(chat, 1));
	await phone.next("sendOk");
	phone.send(chat, 1, sealedMessage(chat, 1, { text: "from a restored profile" }));
	assert.equal((await phone.next("sendRefused")).error?.code, ErrorCode.SEQ_REUSED);
	phone.send(chat, 5, sealedMessage(chat, 5));
	const { error } = await phone.next("sendRefused");
	assert.deepEqual([error?.code, error?.expectedClientSeq], [ErrorCode.SEQ_OUT_OF_ORDER, 2]);
	phone.send(chat, 2, sealedMessage(chat, 2, { epoch: 4 }), 4);
	const stale = (await phone.next("sendRefused")).error;
	assert.deepEqual([stale?.code, stale?.epoch], [ErrorCode.STALE_EPOCH, 1]);
});

test("without the terms in force nothing is taken, and at once when they are accepted", async () => {
	const clock = new SystemClock();
	await using world = await TestWorld.open({ clock });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	world.directory.suspended.add(alice.account);
	const phone = await world.attach(alice);
	phone.send(chat, 1, sealedMessage(chat, 1));
	assert.equal((await phone.next("sendRefused")).error?.code, ErrorCode.SUSPENDED);
	world.directory.suspended.delete(alice.account);
	phone.send(chat, 1, sealedMessage(chat, 1));
	await phone.next("sendOk");
	world.directory.suspended.add(alice.account);
	clock.advance(3000);
	await new Promise((resolve) => setTimeout(resolve, 20));
	phone.send(chat, 2, sealedMessage(chat, 2));
	assert.equal((await phone.next("sendRefused")).error?.code, ErrorCode.SUSPENDED);
});

test("the server's stamp binds a commitment to log, sender and time", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const phone = await world.attach(alice);
	const frankingCommitment = new Uint8Array(32).fill(3);
	phone.send(chat, 1, sealedMessage(chat, 1, { frankingCommitment }));
	const [entry] = await (await world.attach(bob)).entriesOf(chat, 1);
	const time = Buffer.alloc(8);
	time.writeBigUInt64BE(entry?.timeMs ?? 0n);
	const ids = [idBytes(chat), idBytes(alice.account), idBytes(alice.phone.device)];
	const covered = Buffer.concat([Buffer.from("troth/v1/franking\0"), frankingCommitment, ...ids, time]);
	const tag = createHmac("sha256", world.dependencies.secrets.frankingKey).update(covered).digest();
	assert.deepEqual(Buffer.from(entry?.stamp?.frankingTag ?? []), tag);
	phone.send(chat, 2, sealedMessage(chat, 2));
	await phone.entriesOf(chat, 2);
	assert.equal(phone.entries[1]?.stamp, undefined);
});

test("more sends than may wait for their answers are refused, and use no number", async () => {
	const gate = Promise.withResolvers<void>();
	await using world = await TestWorld.open({
		wrapLogs: (logs) => beforeAppend(logs, () => gate.promise),
	});
	// Also where the test fails: the server waits for its writes before it ends.
	using _opened = { [Symbol.dispose]: gate.resolve };
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const phone = await world.attach(alice);
	for (let number = 1; number <= LIMITS.sendsInFlight + 1; number++)
		phone.send(chat, number, sealedMessage(chat, number));
	const { clientSeq, error } = await phone.next("sendRefused");
	assert.deepEqual([clientSeq, error?.code], [LIMITS.sendsInFlight + 1, ErrorCode.RATE_LIMITED]);
	gate.resolve();
	await phone.entriesOf(chat, LIMITS.sendsInFlight);
	phone.send(chat, LIMITS.sendsInFlight + 1, sealedMessage(chat, LIMITS.sendsInFlight + 1));
	await phone.entriesOf(chat, LIMITS.sendsInFlight + 1);
});

test("no answer and no delivery before the entry is stored", async () => {
	const gate = Promise.withResolvers<void>();
	await using world = await TestWorld.open({
		wrapLogs: (logs) => beforeAppend(logs, () => gate.promise),
	});
	// Also where the test fails: the server waits for its writes before it ends.
	using _opened = { [Symbol.dispose]: gate.resolve };
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	alicePhone.send(chat, 1, sealedMessage(chat, 1));
	await alicePhone.flush();
	await bobPhone.flush();
	assert.equal(answers(alicePhone), 0);
	assert.equal(bobPhone.entries.length, 0);
	gate.resolve();
	await alicePhone.next("sendOk");
	await bobPhone.entriesOf(chat, 1);
});

test("when the store fails, what was under way is refused, and a repeat is stored once", async () => {
	let failing = false;
	await using world = await TestWorld.open({
		wrapLogs: (logs) =>
			beforeAppend(logs, async () => {
				if (failing) throw new StoreError("StoreFull", "no room");
			}),
	});
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	alicePhone.send(chat, 1, sealedMessage(chat, 1));
	await alicePhone.next("sendOk");
	failing = true;
	for (const number of [2, 3]) alicePhone.send(chat, number, sealedMessage(chat, number));
	for (const number of [2, 3]) {
		const { clientSeq, error } = await alicePhone.next("sendRefused");
		assert.deepEqual([clientSeq, error?.code], [number, ErrorCode.UNAVAILABLE]);
	}
	failing = false;
	for (const number of [2, 3]) alicePhone.send(chat, number, sealedMessage(chat, number));
	await alicePhone.next("sendOk");
	assert.equal((await alicePhone.next("sendOk")).seq, 3);
	const seen = await bobPhone.entriesOf(chat, 3);
	assert.deepEqual(
		seen.map(({ seq, clientSeq }) => [seq, clientSeq]),
		[
			[1, 1],
			[2, 2],
			[3, 3],
		],
	);
});

/** The same store, with something in the way of each append. */
function beforeAppend(logs: LogStore, inTheWay: () => Promise<void>): LogStore {
	return new Proxy(logs, {
		get(target, name) {
			if (name === "write")
				return async (steps: readonly LogWrite[]) => {
					if (steps.some(({ kind }) => kind === "append")) await inTheWay();
					return target.write(steps);
				};
			const value = Reflect.get(target, name);
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
}
