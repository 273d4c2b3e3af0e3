import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { termsTextBytes, toHex } from "@troth/protocol";
import { parsePolicy, readPolicyFile, shippedPolicyPath } from "./policy.ts";
import { PolicyError } from "./policy-error.ts";

const MINIMAL = {
	version: 7,
	referenceLocale: "en",
	recipients: [],
	purposes: [],
	locales: {
		en: { summary: ["We share nothing."], documents: [{ id: "terms", title: "Terms", body: "Be kind." }] },
		de: { summary: ["Wir teilen nichts."], documents: [{ id: "terms", title: "Regeln", body: "Sei nett." }] },
	},
};

test("version 1, as it ships, shares nothing with anyone and has both documents", async () => {
	const policy = await readPolicyFile(shippedPolicyPath("v1"));
	assert.equal(policy.version, 1);
	// People accepted these very words: the file and what is hashed of it never change.
	assert.equal(toHex(policy.hash), "e96406c85691b4229a7c70dfc0654a6f8a1e4974a0b67a4c4c7741b74c599dfc");
	const file = JSON.parse(policy.canonical);
	assert.deepEqual([file.purposes, file.recipients], [[], []]);
	const text = policy.text("en");
	assert.deepEqual(
		text.documents.map(({ id }) => id),
		["terms", "privacy"],
	);
	assert.ok(text.summary.length >= 4);
});

test("the hash is that of the canonical form: layout and order of keys do not matter, words do", () => {
	const policy = parsePolicy(JSON.stringify(MINIMAL));
	const reordered = parsePolicy(JSON.stringify(Object.fromEntries(Object.entries(MINIMAL).reverse()), null, 4));
	assert.deepEqual(policy.hash, reordered.hash);
	assert.deepEqual(policy.hash, createHash("sha256").update(policy.canonical).digest());
	const other = parsePolicy(JSON.stringify(MINIMAL).replace("nothing", "something"));
	assert.notDeepEqual(policy.hash, other.hash);
	assert.notDeepEqual(policy.text("en").hash, other.text("en").hash);
	assert.deepEqual(policy.text("de").hash, other.text("de").hash);
	assert.deepEqual(
		policy.text("de").hash,
		createHash("sha256")
			.update(termsTextBytes(policy.text("de")))
			.digest(),
	);
});

test("people get their language, else the reference", () => {
	const policy = parsePolicy(JSON.stringify(MINIMAL));
	assert.equal(policy.text("de").locale, "de");
	assert.equal(policy.text("de-AT").locale, "de");
	assert.equal(policy.text("DE").locale, "de");
	assert.equal(policy.text("fr").locale, "en");
	assert.equal(policy.text("").locale, "en");
	assert.equal(policy.text("__proto__").locale, "en");
});

test("a file that could mean something else is refused", () => {
	for (const broken of [
		"not json",
		"{}",
		JSON.stringify({ ...MINIMAL, version: 0 }),
		JSON.stringify({ ...MINIMAL, purposes: ["relevant_ads"] }),
		JSON.stringify({ ...MINIMAL, referenceLocale: "fr" }),
		JSON.stringify({ ...MINIMAL, surprise: true }),
		JSON.stringify({ ...MINIMAL, locales: { en: { summary: [], documents: [] } } }),
	])
		assert.throws(() => parsePolicy(broken), PolicyError, broken);
});
