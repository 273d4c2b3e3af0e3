/** Sealed receipts and signals: bound to log, epoch, device and key; hostile bytes open nothing. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type ConversationId, type DeviceId, LIMITS, SignedSchema } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { decodeSealed, openSealed, sealForEpoch } from "./sealed.ts";

const place = { log: "11".repeat(16) as ConversationId, device: "22".repeat(16) as DeviceId, epoch: 3 };
const key = "ab".repeat(32);
const signed = create(SignedSchema, { statement: new Uint8Array([1, 2, 3]), signature: new Uint8Array(64) });
const seal = () => sealForEpoch(place, key, new Uint8Array(randomBytes(12)), signed);

test("what is sealed opens in its place and nowhere else", async () => {
	const sealed = decodeSealed(await seal());
	assert.ok(sealed !== undefined);
	assert.equal(sealed.epoch, 3);
	assert.deepEqual(await openSealed(place, key, sealed), signed);
	assert.equal(await openSealed(place, "cd".repeat(32), sealed), undefined);
	for (const other of [
		{ ...place, log: "33".repeat(16) as ConversationId },
		{ ...place, device: "33".repeat(16) as DeviceId },
		{ ...place, epoch: 4 },
	])
		assert.equal(await openSealed(other, key, sealed), undefined);
});

test("a register stays within what the server takes", async () => {
	const statement = new Uint8Array(60);
	const large = create(SignedSchema, { statement, signature: new Uint8Array(64) });
	assert.ok((await sealForEpoch(place, key, new Uint8Array(12), large)).length <= LIMITS.sealedBytes);
});

test("no bytes at all open, whatever they are", async () => {
	const valid = await seal();
	const damaged = fc.oneof(
		fc.uint8Array({ maxLength: 300 }),
		fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
			const bytes = Uint8Array.from(valid);
			bytes[at] = (bytes[at] ?? 0) ^ mask;
			return bytes;
		}),
	);
	await fc.assert(
		fc.asyncProperty(damaged, async (bytes) => {
			const sealed = decodeSealed(bytes);
			if (sealed === undefined) return;
			const opened = await openSealed({ ...place, epoch: sealed.epoch }, key, sealed);
			// A flipped bit in an unknown field changes nothing that is sealed.
			if (opened !== undefined) assert.deepEqual(opened, signed);
		}),
		{ numRuns: rounds(500) },
	);
	assert.equal(decodeSealed(new Uint8Array(LIMITS.sealedBytes + 1)), undefined);
});
