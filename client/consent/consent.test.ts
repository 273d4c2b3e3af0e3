/** What a device signs when its person decides, held against what the server and the recipients will check. */
import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	type AccountId,
	ConsentDecisionSchema,
	ConsentGrantSchema,
	canonicalJson,
	type DeviceId,
	isRefusal,
	type Json,
	LABELS,
	signedBytes,
	termsTextBytes,
	toHex,
} from "@troth/protocol";
import { subjectAt } from "@troth/transparency";
import { purposeHash, readPolicy } from "../terms/policy.ts";
import type { VerifiedTerms } from "../terms/read-terms.ts";
import { composeDecision, type DecisionInput } from "./compose-decision.ts";
import { readConnectAddress } from "./connect-address.ts";
import { consentKeyFor } from "./consent-key.ts";

const SEED = new Uint8Array(32).fill(5);
const SHARE_KEY = new Uint8Array(32).fill(9);

async function shipped(): Promise<VerifiedTerms> {
	const source = await readFile(new URL("../../policies/opt-in.json", import.meta.url), "utf8");
	const bytes = new TextEncoder().encode(canonicalJson(JSON.parse(source) as Json));
	const file = readPolicy(bytes);
	if (file === undefined) throw new Error("the shipped policy is not read");
	const text = { locale: "en", ...(file.locales["en"] ?? { summary: [], documents: [] }) };
	const textHash = sha256(termsTextBytes(text));
	return { version: 2, publishedAtMs: 0, file, policyHash: sha256(bytes), textHash, text };
}

const input = (terms: VerifiedTerms, more: Partial<DecisionInput> = {}): DecisionInput => ({
	account: "0a".repeat(16) as AccountId,
	device: "0b".repeat(16) as DeviceId,
	terms,
	decisions: [
		{ purpose: "friend_suggestions", granted: true },
		{ purpose: "relevant_ads", granted: false },
	],
	presentation: { control: "buttons", initiallyOn: false, place: "notice" },
	decidedAtMs: 1_800_000_000_000,
	generationOf: (purpose) => (purpose === "friend_suggestions" ? 4 : 0),
	shareKey: SHARE_KEY,
	keyFor: (recipient) => consentKeyFor(SEED, recipient),
	...more,
});

test("the consent key is HKDF-SHA256 of the identity seed, another one at each recipient", () => {
	const seed = new Uint8Array(hkdfSync("sha256", SEED, "", "troth/v1/consent/family", 32));
	assert.equal(toHex(consentKeyFor(SEED, "family").publicKey), toHex(ed25519.getPublicKey(seed)));
	assert.notEqual(toHex(consentKeyFor(SEED, "photos").publicKey), toHex(consentKeyFor(SEED, "family").publicKey));
	assert.throws(() => consentKeyFor(new Uint8Array(31), "family"), RangeError);
});

test("a yes carries one grant per recipient, bound to the words and to the next generation", async () => {
	const terms = await shipped();
	const { statement, grants } = composeDecision(input(terms));
	const decision = fromBinary(ConsentDecisionSchema, statement);
	assert.deepEqual(
		decision.decisions.map(({ purpose, granted, generation }) => [purpose, granted, generation]),
		[
			["friend_suggestions", true, 5],
			["relevant_ads", false, 0],
		],
	);
	assert.deepEqual(
		decision.grantHashes.map(toHex),
		grants.map(({ signed }) => toHex(sha256(signed.statement))),
	);
	for (const [at, recipient] of ["family", "photos"].entries()) {
		const signed = grants[at]?.signed;
		const grant = fromBinary(ConsentGrantSchema, signed?.statement ?? new Uint8Array());
		assert.equal(grant.recipient, recipient);
		assert.equal(grant.generation, 5);
		assert.equal(toHex(grant.subject), toHex(subjectAt(SHARE_KEY, recipient)));
		assert.equal(toHex(grant.purposeHash), toHex(purposeHash(terms.file, "friend_suggestions")));
		assert.equal(toHex(grant.consentKey), toHex(consentKeyFor(SEED, recipient).publicKey));
		const bytes = signedBytes(LABELS.consentGrant, signed?.statement ?? new Uint8Array());
		assert.ok(ed25519.verify(signed?.signature ?? new Uint8Array(), bytes, grant.consentKey));
		assert.equal(grant.link, undefined);
	}
	assert.equal(grants.length, 2);
});

test("nothing that identifies the account or the device is in a grant", async () => {
	const { grants } = composeDecision(input(await shipped()));
	for (const { signed } of grants)
		for (const id of ["0a".repeat(16), "0b".repeat(16)]) assert.ok(!toHex(signed.statement).includes(id));
});

test("what the policy leaves nobody to decide is refused", async () => {
	const terms = await shipped();
	const refuses = (code: "PURPOSE_UNKNOWN" | "MALFORMED", more: Partial<DecisionInput>) =>
		assert.throws(
			() => composeDecision(input(terms, more)),
			(error) => isRefusal(error, code),
		);
	refuses("PURPOSE_UNKNOWN", { decisions: [{ purpose: "messages", granted: true }] });
	refuses("MALFORMED", { decisions: [{ purpose: "account_linking", granted: true }] });
	const assertion = { nonce: new Uint8Array(32), deviceType: "computer", os: "Linux", appVersion: "0" };
	const decisions = [{ purpose: "account_linking", granted: true }];
	refuses("PURPOSE_UNKNOWN", { decisions, link: { recipient: "photos", assertion } });
	assert.equal(composeDecision(input(terms, { decisions, link: { recipient: "family", assertion } })).grants.length, 1);
});

test("a policy in any other form than the canonical one is not read", async () => {
	const source = await readFile(new URL("../../policies/opt-in.json", import.meta.url));
	assert.equal(readPolicy(source), undefined, "the file as people edit it is not what is signed");
	const canonical = canonicalJson(JSON.parse(source.toString()) as Json);
	const read = (text: string) => readPolicy(new TextEncoder().encode(text));
	assert.notEqual(read(canonical), undefined);
	for (const broken of [
		"{}",
		"[]",
		canonical.replace('"basis":"consent"', '"basis":"because"'),
		canonical.replace('"id":"relevant_ads"', '"id":"everything"'),
		canonical.replace('"initial":"off"', '"initial":"maybe"'),
		canonical.replace('"referenceLocale":"en"', '"referenceLocale":"xx"'),
		canonical.replace('"retentionDays":365', '"retentionDays":-1'),
	]) {
		assert.notEqual(broken, canonical);
		assert.equal(read(broken), undefined);
	}
});

test("an address counts only on the site of a company that the server names", () => {
	const family = { id: "family", url: "http://127.0.0.1:7100" };
	const known = [family, { id: "photos", url: "https://photos.example/" }];
	const nonce = "ab".repeat(32);
	assert.deepEqual(readConnectAddress(`http://127.0.0.1:7100/connect/${nonce}`, known), { recipient: family, nonce });
	for (const other of [
		"",
		"nonsense",
		`javascript:alert("${nonce}")`,
		`http://127.0.0.1:7101/connect/${nonce}`,
		`https://127.0.0.1:7100/connect/${nonce}`,
		`http://127.0.0.1:7100.mallory.example/connect/${nonce}`,
		`http://127.0.0.1:7100@mallory.example/connect/${nonce}`,
		`http://127.0.0.1:7100/other/${nonce}`,
		"http://127.0.0.1:7100/connect/abc",
		"http://127.0.0.1:7100/connect/",
		`https://photos.example/connect/${nonce}/more`,
	])
		assert.equal(readConnectAddress(other, known), undefined, other);
});
