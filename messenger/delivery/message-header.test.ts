import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { AuthenticatedDataSchema, BusinessCategory, idBytes, isRefusal, LIMITS } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { decodeMlsMessage } from "ts-mls/message.js";
import { newConversation, sealedMessage } from "./_world.ts";
import { readAuthenticatedData, readMessageHeader } from "./message-header.ts";

const chat = newConversation();
const group = idBytes(chat);

function refuses(code: "MALFORMED" | "TOO_LARGE", payload: Uint8Array, epoch = 1): void {
	assert.throws(
		() => readMessageHeader(payload, group, epoch),
		(error) => isRefusal(error, code),
	);
}

test("the header of a message is read without a key", () => {
	const frankingCommitment = new Uint8Array(randomBytes(32));
	const payload = sealedMessage(chat, 7, { epoch: 3, frankingCommitment });
	const header = readMessageHeader(payload, group, 3);
	assert.equal(header.clientSeq, 7);
	assert.deepEqual(new Uint8Array(header.frankingCommitment ?? []), frankingCommitment);
});

test("everything in the authenticated data is known to the reader", () => {
	const data = create(AuthenticatedDataSchema, {
		clientSeq: 300,
		frankingCommitment: new Uint8Array(32).fill(1),
		category: BusinessCategory.MARKETING,
		consentId: new Uint8Array(16),
		templateCommitment: new Uint8Array(32),
		departedDevices: [new Uint8Array(16), new Uint8Array(16)],
	});
	const header = readAuthenticatedData(toBinary(AuthenticatedDataSchema, data));
	assert.equal(header.clientSeq, 300);
	assert.equal(header.category, BusinessCategory.MARKETING);
	assert.deepEqual(new Uint8Array(header.consentId ?? []), data.consentId);
	assert.equal(header.hasTemplate, true);
	for (const wrong of [{ consentId: new Uint8Array(15) }, { templateCommitment: new Uint8Array(33) }]) {
		const bytes = toBinary(AuthenticatedDataSchema, create(AuthenticatedDataSchema, { clientSeq: 1, ...wrong }));
		assert.throws(
			() => readAuthenticatedData(bytes),
			(error) => isRefusal(error, "MALFORMED"),
		);
	}
});

test("a message for another group or epoch, of another kind, cut off or with bytes behind is refused", () => {
	const payload = sealedMessage(chat, 1);
	refuses("MALFORMED", sealedMessage(newConversation(), 1));
	refuses("MALFORMED", payload, 2);
	refuses("MALFORMED", new Uint8Array([...payload, 0]));
	for (let length = 0; length < payload.length; length++) refuses("MALFORMED", payload.subarray(0, length));
	for (const at of [1, 3, 29]) {
		const changed = payload.slice();
		changed[at] = 9;
		refuses("MALFORMED", changed);
	}
	refuses("MALFORMED", sealedMessage(chat, 1, { frankingCommitment: new Uint8Array(31) }));
	refuses("TOO_LARGE", sealedMessage(chat, 1, { text: "x".repeat(LIMITS.messageBytes) }));
});

test("a length that is longer than it has to be is refused: others would read other bytes", () => {
	const payload = sealedMessage(chat, 1);
	assert.equal(payload[4], 16);
	refuses("MALFORMED", new Uint8Array([...payload.subarray(0, 4), 0x40, 16, ...payload.subarray(5)]));
});

test("whatever bytes come: a refusal, or what ts-mls reads in them", () => {
	const whole = sealedMessage(chat, 7, { epoch: 3, frankingCommitment: new Uint8Array(32) });
	let read = 0;
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }),
			(changes) => {
				const bytes = whole.slice();
				for (const [at, value] of changes) bytes[at] = value;
				let header: ReturnType<typeof readMessageHeader>;
				try {
					header = readMessageHeader(bytes, group, 3);
				} catch (error) {
					assert.ok(isRefusal(error, "MALFORMED"));
					return;
				}
				read++;
				const decoded = decodeMlsMessage(bytes, 0);
				assert.equal(decoded?.[1], bytes.length);
				const message = decoded?.[0];
				assert.ok(message?.wireformat === "mls_private_message");
				assert.deepEqual(message.privateMessage.groupId, group);
				assert.equal(message.privateMessage.epoch, 3n);
				assert.equal(message.privateMessage.contentType, "application");
				const { authenticatedData } = message.privateMessage;
				assert.equal(readAuthenticatedData(authenticatedData).clientSeq, header.clientSeq);
			},
		),
		{ numRuns: rounds(2000) },
	);
	assert.ok(read > 100);
});
