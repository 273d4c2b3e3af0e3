import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { CLOSE, ErrorCode, encodeAckFrame, encodeSendFrame, FrameSchema, idBytes, LIMITS } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { TestClient } from "./_client.ts";
import { sealedMessage, TestWorld } from "./_world.ts";

type Body = NonNullable<MessageInitShape<typeof FrameSchema>["body"]>;
const frame = (body: Body) => toBinary(FrameSchema, create(FrameSchema, { body }));

test("what is no frame, or no frame for a server, ends the stream with 4400 and a code", async () => {
	await using world = await TestWorld.open();
	const alice = await world.person("alice");
	const short = new Uint8Array(15);
	const wrong: (Uint8Array | string)[] = [
		"text",
		new Uint8Array(0),
		new Uint8Array([0xff, 0xff, 0xff]),
		new Uint8Array([0x0a, 0x05, 1]),
		frame({ case: "queueEmpty", value: {} }),
		frame({ case: "hello", value: {} }),
		frame({ case: "entry", value: {} }),
		frame({ case: "sendOk", value: {} }),
		encodeAckFrame({ log: short, seq: 1 }),
		frame({ case: "register", value: { log: short } }),
		frame({ case: "ephemeral", value: { log: short } }),
	];
	for (const bytes of wrong) {
		const client = await world.attach(alice);
		client.socket.send(bytes);
		assert.equal((await client.next("error")).code, ErrorCode.MALFORMED, String(bytes));
		assert.equal(await client.closed, CLOSE.malformed);
	}
	const before = new TestClient(world.url, false);
	await before.next("challenge");
	before.send("00".repeat(16) as never, 1, new Uint8Array());
	assert.equal((await before.next("error")).code, ErrorCode.MALFORMED);
	assert.equal(await before.closed, CLOSE.malformed);

	const large = await world.attach(alice);
	large.socket.send(new Uint8Array(LIMITS.frameBytes + 1));
	assert.equal(await large.closed, 1009);
	const sealed = await world.attach(alice);
	sealed.write({
		case: "register",
		value: { log: new Uint8Array(16), sealed: new Uint8Array(LIMITS.sealedBytes + 1) },
	});
	assert.equal((await sealed.next("error")).code, ErrorCode.TOO_LARGE);
	await (await world.attach(alice)).flush();
	assert.deepEqual(world.log, []);
});

test("a send that is malformed inside is refused alone, and the stream goes on", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const client = await world.attach(alice);
	const refused = async (payload: Uint8Array, code: number, clientSeq = 1, log: string = chat) => {
		client.send(log as typeof chat, clientSeq, payload);
		const { clientSeq: number, error } = await client.next("sendRefused");
		assert.deepEqual([number, error?.code], [clientSeq, code]);
		return error;
	};
	await refused(new Uint8Array(10), ErrorCode.MALFORMED);
	await refused(sealedMessage(chat, 1, { authenticates: 2 }), ErrorCode.MALFORMED);
	await refused(sealedMessage(chat, 1, { epoch: 2 }), ErrorCode.MALFORMED);
	const large = await refused(new Uint8Array(LIMITS.messageBytes + 1), ErrorCode.TOO_LARGE);
	assert.equal(large?.limitBytes, LIMITS.messageBytes);
	await refused(sealedMessage(chat, 1), ErrorCode.NOT_A_MEMBER, 1, "77".repeat(16));
	client.socket.send(encodeSendFrame({ log: new Uint8Array(3), clientSeq: 1, epoch: 1, payload: new Uint8Array(1) }));
	assert.equal((await client.next("sendRefused")).error?.code, ErrorCode.MALFORMED);
	client.send(chat, 1, sealedMessage(chat, 1));
	assert.equal((await client.next("sendOk")).seq, 1);
});

test("whatever bytes come on a stream, the server goes on and the others notice nothing", async () => {
	await using world = await TestWorld.open();
	const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")];
	const chat = await world.conversation("group", alice, bob, mallory);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	const log = idBytes(chat);
	const templates = [
		encodeSendFrame({ log, clientSeq: 1, epoch: 1, payload: sealedMessage(chat, 1) }),
		encodeAckFrame({ log, seq: 3 }),
		frame({ case: "register", value: { log, sealed: new Uint8Array(40) } }),
		frame({ case: "ephemeral", value: { log, sealed: new Uint8Array(40) } }),
		frame({ case: "ping", value: { sentAtMs: 5n } }),
	];
	const mutated = fc
		.tuple(
			fc.nat({ max: templates.length - 1 }),
			fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
			fc.option(fc.nat({ max: 300 }), { nil: undefined }),
		)
		.map(([template, changes, length]) => {
			const bytes = (templates[template] as Uint8Array).slice(0, length);
			for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
			return bytes;
		});
	const inputs = fc.sample(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), rounds(400));
	let sent = 0;
	let client = await world.attach(mallory, { acknowledges: false });
	for (const bytes of inputs) {
		if (client.socket.readyState !== client.socket.OPEN) client = await world.attach(mallory, { acknowledges: false });
		client.socket.send(bytes);
		if (++sent % 40 !== 0) continue;
		// Alice's own chat goes on as if nothing were.
		const number = sent / 40;
		alicePhone.send(chat, number, sealedMessage(chat, number));
		await alicePhone.next("sendOk");
	}
	const seen = await bobPhone.entriesOf(chat, sent / 40);
	assert.deepEqual(
		seen.map(({ seq }) => seq),
		seen.map((_, i) => i + 1),
	);
	assert.deepEqual(
		world.log.filter((line) => line.includes('"level":"error"')),
		[],
	);
});
