/** The envelope inside a message: what was committed to is what is shown, and hostile bytes are refused. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { AuthenticatedDataSchema, ContentSchema, EnvelopeSchema } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { equalBytes, readAuthenticatedData, unwrapContent, wrapContent } from "./envelope.ts";
import { Unreadable } from "./unreadable.ts";

const key = new Uint8Array(32).fill(7);
const fields: MessageInitShape<typeof ContentSchema> = {
	messageId: new Uint8Array(16).fill(1),
	clientSeq: 4,
	witness: { seq: 9, hash: new Uint8Array(32) },
	sentAtMs: 1000n,
	profile: { name: "Alice", changedAtMs: 5n },
	body: { case: "text", value: { text: "Hello" } },
};
const content = create(ContentSchema, fields);
const refusedAs = (code: string) => (error: unknown) => error instanceof Unreadable && error.code === code;

test("what is wrapped comes out again, under a commitment that anybody with the key can check", () => {
	const { plaintext, authenticatedData } = wrapContent(content, key);
	const authenticated = readAuthenticatedData(authenticatedData);
	assert.equal(authenticated.clientSeq, 4);
	const { content: bytes, frankingKey } = fromBinary(EnvelopeSchema, plaintext);
	const expected = createHmac("sha256", frankingKey).update(bytes).digest();
	assert.deepEqual(Buffer.from(authenticated.frankingCommitment), expected);
	assert.deepEqual(unwrapContent(plaintext, authenticated), content);
});

test("another content, another key or another commitment is not shown", () => {
	const { plaintext, authenticatedData } = wrapContent(content, key);
	const authenticated = readAuthenticatedData(authenticatedData);
	const envelope = fromBinary(EnvelopeSchema, plaintext);
	const other = toBinary(ContentSchema, create(ContentSchema, { ...fields, clientSeq: 5 }));
	for (const changed of [{ content: other }, { frankingKey: new Uint8Array(32) }]) {
		const bytes = toBinary(EnvelopeSchema, create(EnvelopeSchema, { ...envelope, ...changed }));
		assert.throws(() => unwrapContent(bytes, authenticated), refusedAs("CommitmentMismatch"));
	}
	const none = create(AuthenticatedDataSchema, { clientSeq: 4 });
	assert.throws(() => unwrapContent(plaintext, none), refusedAs("CommitmentMismatch"));
});

test("a content with a field out of its range is refused", () => {
	for (const wrong of [
		{ messageId: new Uint8Array(15) },
		{ witness: { seq: 1, hash: new Uint8Array(31) } },
		{ profile: { name: "", changedAtMs: 1n } },
		{ profile: { name: "x".repeat(65), changedAtMs: 1n } },
		{ body: { case: "text" as const, value: { text: "a", replyTo: new Uint8Array(3) } } },
		{ body: { case: "groupState" as const, value: { name: "", changedAtMs: 1n } } },
		{ body: { case: "groupState" as const, value: { name: "x".repeat(101), changedAtMs: 1n } } },
	]) {
		const sealed = wrapContent(create(ContentSchema, { ...fields, ...wrong }), key);
		const authenticated = readAuthenticatedData(sealed.authenticatedData);
		assert.throws(() => unwrapContent(sealed.plaintext, authenticated), refusedAs("Malformed"));
	}
});

test("no bytes at all make the decoders do anything but refuse", () => {
	const valid = wrapContent(content, key);
	const damaged = fc.oneof(
		fc.uint8Array({ maxLength: 400 }),
		fc.tuple(fc.nat(valid.plaintext.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
			const bytes = Uint8Array.from(valid.plaintext);
			bytes[at] = (bytes[at] ?? 0) ^ mask;
			return bytes;
		}),
	);
	const authenticated = readAuthenticatedData(valid.authenticatedData);
	fc.assert(
		fc.property(damaged, (bytes) => {
			// What still opens is what was committed to, in another spelling.
			assert.deepEqual(refusing(() => unwrapContent(bytes, authenticated)) ?? content, content);
			refusing(() => readAuthenticatedData(bytes));
		}),
		{ numRuns: rounds(500) },
	);
});

/** What it gives, or undefined where it refused; any other error fails the test. */
function refusing<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		assert.ok(error instanceof Unreadable, String(error));
		return undefined;
	}
}

test("bytes are equal or not, whatever their length", () => {
	assert.ok(equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
	assert.ok(!equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 3])));
	assert.ok(!equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2, 3])));
});
