/** A report shows the operator what was really sent: whoever changes anything about it is told that it never was. */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type AccountId, ContentSchema, idBytes, Refusal, RevealedMessageSchema } from "@troth/protocol";
import { Franking } from "../delivery/franking.ts";
import { openMessages } from "./open-messages.ts";

const secrets = { frankingKey: new Uint8Array(randomBytes(32)) };
const MALLORY = "aa".repeat(16) as AccountId;
const BOB = "bb".repeat(16) as AccountId;

/** As Mallory's device sent it, and the server stamped it. */
function sent(text: string, timeMs = 1_800_000_000_000) {
	const [frankingKey, log, senderDevice] = [randomBytes(32), randomBytes(16), randomBytes(16)];
	const content = toBinary(
		ContentSchema,
		create(ContentSchema, { messageId: randomBytes(16), clientSeq: 1, body: { case: "text", value: { text } } }),
	);
	const commitment = createHmac("sha256", frankingKey).update(content).digest();
	const franked = { commitment, log, senderAccount: idBytes(MALLORY), senderDevice, timeMs };
	const frankingTag = new Franking(secrets.frankingKey).tag(franked);
	return { log, senderDevice, timeMs: BigInt(timeMs), frankingKey, content, frankingTag };
}

type Fields = MessageInitShape<typeof RevealedMessageSchema>;
const opened = (messages: readonly Fields[], sender = MALLORY) =>
	openMessages(
		secrets,
		sender,
		messages.map((message) => create(RevealedMessageSchema, message)),
	);

test("what was sent is read out in its order, with the server's time", () => {
	const [first, second] = [sent("send me the code", 1000), sent("now", 2000)];
	assert.deepEqual(opened([second, first]), [
		{ atMs: 1000, text: "send me the code" },
		{ atMs: 2000, text: "now" },
	]);
	assert.deepEqual(opened([]), []);
});

test("other words, another sender, place or time, and another server's stamp: nothing of the report is taken", () => {
	const real = sent("hello");
	const other = sent("I will hurt you");
	const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
	const forged: readonly (readonly [Fields, AccountId?])[] = [
		[{ ...real, content: other.content }],
		[{ ...real, content: other.content, frankingKey: other.frankingKey }],
		[{ ...real, frankingTag: new Uint8Array(32) }],
		[{ ...real, frankingTag: new Uint8Array(0) }],
		[{ ...real, timeMs: real.timeMs + 1n }],
		[{ ...real, timeMs: -1n }],
		[{ ...real, timeMs: 2n ** 60n }],
		[{ ...real, log: new Uint8Array(15) }],
		[{ ...real, content: new Uint8Array(65 * 1024) }],
		[real, BOB],
		...(["log", "senderDevice", "frankingKey", "content", "frankingTag"] as const).map(
			(field) => [{ ...real, [field]: flipped(real[field]) }] as const,
		),
	];
	for (const [message, sender] of forged)
		assert.throws(
			() => opened([sent("true"), message], sender),
			(error) => error instanceof Refusal && error.code === "MALFORMED",
		);
	assert.throws(() => opened(Array.from({ length: 11 }, () => real)), Refusal);
	assert.throws(
		() => openMessages({ frankingKey: randomBytes(32) }, MALLORY, [create(RevealedMessageSchema, real)]),
		Refusal,
	);
});
