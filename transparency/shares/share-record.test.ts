import assert from "node:assert/strict";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { test } from "node:test";
import {
	commitment,
	contextOf,
	LEAF_BYTES,
	leafOf,
	linkOf,
	readShareRecord,
	type ShareRecord,
	saltOf,
	shareRecordBytes,
	subjectAt,
} from "./share-record.ts";

const RECORD: ShareRecord = {
	v: 1,
	kind: "share",
	recipient: "family",
	subject: "0".repeat(32),
	purpose: "friend_suggestions",
	fields: ["phone_number"],
	policyHash: "a".repeat(64),
	purposeHash: "b".repeat(64),
	generation: 1,
	grant: "c".repeat(64),
	t: 1_800_000_000_000,
	answers: "",
};

test("salt, link, subject and commitment are what the record format says", () => {
	const key = randomBytes(32);
	const n = Buffer.from("0000000000000007", "hex");
	const hmac = (...parts: (string | Uint8Array)[]) => {
		const mac = createHmac("sha256", key);
		for (const part of parts) mac.update(part);
		return mac.digest("hex");
	};
	assert.equal(Buffer.from(saltOf(key, 7)).toString("hex"), hmac("salt", n));
	assert.equal(Buffer.from(linkOf(key, 7)).toString("hex"), hmac("link", n));
	assert.equal(Buffer.from(subjectAt(key, "family")).toString("hex"), hmac("subject", "family").slice(0, 32));
	const bytes = shareRecordBytes(RECORD);
	const salt = saltOf(key, 7);
	const expected = createHash("sha256").update(salt).update(bytes).digest();
	assert.equal(Buffer.compare(commitment(salt, bytes), expected), 0);
	const leaf = leafOf(expected, linkOf(key, 7), contextOf(randomBytes(32), RECORD.t));
	assert.equal(leaf.length, LEAF_BYTES);
	assert.equal(Buffer.compare(leaf.subarray(1, 33), expected), 0);
});

test("the context of a batch is the same all day and tells nothing else", () => {
	const policy = randomBytes(32);
	const day = 24 * 3600 * 1000;
	const midnight = 20_000 * day;
	assert.deepEqual(contextOf(policy, midnight), contextOf(policy, midnight + day - 1));
	assert.notDeepEqual(contextOf(policy, midnight), contextOf(policy, midnight + day));
	assert.notDeepEqual(contextOf(policy, midnight), contextOf(randomBytes(32), midnight));
});

test("a record is read back from its canonical form and from no other", () => {
	const text = Buffer.from(shareRecordBytes(RECORD)).toString();
	assert.deepEqual(readShareRecord(Buffer.from(text)), RECORD);
	const variants = [
		` ${text}`,
		text.replace('"generation":1', '"generation":1.0'),
		text.replace('"generation":1', '"generation":-1'),
		text.replace('"policyHash"', '"n":7,"policyHash"'),
		text.replace('"kind":"share"', '"kind":"gift"'),
		text.replace('"v":1', '"v":1,"phone_number":"+15550100001"'),
		text.replace('"v":1', '"v":2'),
		text.replace("a".repeat(64), "A".repeat(64)),
		text.replace('["phone_number"]', "[1]"),
		// Half a surrogate pair, which JSON can spell and UTF-8 can not.
		text.replace('"family"', '"\\ud800"'),
		text.replace('["phone_number"]', '["\\ud800"]'),
		text.replace('"t":1800000000000', '"t":-0'),
		text.replace('"v":1', '"v":1,"v":1'),
		"[]",
		"null",
		"",
		"\u{fffd}",
	];
	for (const variant of variants) assert.equal(readShareRecord(Buffer.from(variant)), undefined, variant);
	assert.equal(readShareRecord(Buffer.from([0xff, 0xfe])), undefined);
});
