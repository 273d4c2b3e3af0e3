import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { type FrankedMessage, Franking } from "./franking.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test("the tag is the documented HMAC, and only its own message has it", () => {
	fc.assert(
		fc.property(
			bytes(32),
			fc.record({
				commitment: bytes(32),
				log: bytes(16),
				senderAccount: bytes(16),
				senderDevice: bytes(16),
				timeMs: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
			}),
			(key, message) => {
				const time = Buffer.alloc(8);
				time.writeBigUInt64BE(BigInt(message.timeMs));
				const { commitment, log, senderAccount, senderDevice } = message;
				const covered = [Buffer.from("troth/v1/franking\0"), commitment, log, senderAccount, senderDevice, time];
				const franking = new Franking(key);
				const tag = franking.tag(message);
				assert.deepEqual(tag, createHmac("sha256", key).update(Buffer.concat(covered)).digest());
				assert.ok(franking.verify(message, tag));
				assert.ok(!franking.verify({ ...message, timeMs: message.timeMs + 1 }, tag));
				assert.ok(!franking.verify(message, tag.subarray(1)));
			},
		),
	);
});

test("two messages at once do not disturb each other's tag", () => {
	const franking = new Franking(randomBytes(32));
	const message = (fill: number): FrankedMessage => ({
		commitment: new Uint8Array(32).fill(fill),
		...{ log: new Uint8Array(16), senderAccount: new Uint8Array(16), senderDevice: new Uint8Array(16), timeMs: 1 },
	});
	const first = franking.tag(message(1));
	const kept = Buffer.from(first);
	franking.tag(message(2));
	assert.deepEqual(first, kept);
});
