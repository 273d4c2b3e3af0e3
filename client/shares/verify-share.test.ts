/** What a person's device finds wrong about a record, before any proof: whose it is, and whether it was asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type PolicyFile, ShareSchema, ShareState, toHex } from "@troth/protocol";
import {
	linkOf,
	quarterlySubjectAt,
	rememberCheckpoints,
	type ShareRecord,
	saltOf,
	shareRecordBytes,
	subjectAt,
} from "@troth/transparency";
import { purposeHash } from "../terms/policy.ts";
import { judgeShare } from "./verify-share.ts";

const shareKey = new Uint8Array(32).fill(3);
const row = { recipients: ["family"], retentionDays: 30, initial: "off", objection: true } as const;
const interest = { ...row, basis: "legitimate_interest" } as const;
const words = { title: "A", body: "B" };
const file: PolicyFile = {
	version: 2,
	referenceLocale: "en",
	recipients: [{ id: "family", name: "Family", role: "controller", contact: "a@b.example" }],
	purposes: [
		{ ...interest, id: "usage_metrics", fields: ["last_used_day", "usage_class"] },
		{ ...interest, id: "spam_and_abuse", fields: ["label", "score_class"] },
		{ ...interest, id: "friend_suggestions", fields: ["phone_number"] },
	],
	locales: {
		en: {
			summary: [],
			documents: [],
			purposes: { usage_metrics: words, spam_and_abuse: words, friend_suggestions: words },
		},
	},
};

/** The alarms about a record beside the one of its proof, which it has none of. */
function alarmsOf(change: Partial<ShareRecord>): readonly string[] {
	const purpose = change.purpose ?? "usage_metrics";
	const day = 20779;
	const record: ShareRecord = {
		...{ v: 1, kind: "share", recipient: "family", purpose, generation: day, grant: "", t: 0, answers: "" },
		subject: toHex(quarterlySubjectAt(shareKey, "family", "usage_metrics", "2026-Q4")),
		fields: ["last_used_day", "usage_class"],
		policyHash: "00".repeat(32),
		purposeHash: toHex(purposeHash(file, purpose)),
		...change,
	};
	const fields = { record: shareRecordBytes(record), salt: saltOf(shareKey, 1), chain: linkOf(shareKey, 1) };
	const share = create(ShareSchema, { n: 1, state: ShareState.LOGGED, share: fields });
	const { alarms } = judgeShare(share, {
		shareKey,
		shareLog: "shares",
		trustIn: () => undefined,
		openCheckpoint: rememberCheckpoints(),
		grant: () => undefined,
		policy: () => file,
	});
	return alarms.filter((alarm) => alarm !== "proof");
}

test("use is said under the name of the day's quarter, and under no other", () => {
	assert.deepEqual(alarmsOf({}), []);
	for (const wrong of [
		quarterlySubjectAt(shareKey, "family", "usage_metrics", "2027-Q1"),
		quarterlySubjectAt(shareKey, "photos", "usage_metrics", "2026-Q4"),
		quarterlySubjectAt(new Uint8Array(32), "family", "usage_metrics", "2026-Q4"),
		subjectAt(shareKey, "family"),
	])
		assert.deepEqual(alarmsOf({ subject: toHex(wrong) }), ["subject"]);
	assert.deepEqual(alarmsOf({ generation: 20779 + 60 }), ["subject"], "the quarter is that of the day it was said on");
});

test("a name that follows from the number is the two companies' to make: the chain says whose the record is", () => {
	const label = { purpose: "spam_and_abuse", fields: ["label", "score_class"], subject: "07".repeat(16) };
	assert.deepEqual(alarmsOf(label), []);
});

test("a policy that puts the number on an interest does not make it a thing that needs no yes", () => {
	const number = { fields: ["phone_number"], subject: toHex(subjectAt(shareKey, "family")) };
	assert.deepEqual(alarmsOf({ purpose: "friend_suggestions", ...number }), ["not-mine"]);
});
