/** What a recipient checks before it believes a share: alice's record, the bridge's log, two witnesses. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { flipped, leafHashOf, readerOf, someLeaves } from "../_trees.ts";
import { formatCheckpoint } from "../checkpoint/checkpoint.ts";
import type { LogTrust } from "../checkpoint/open-checkpoint.ts";
import { cosigner } from "../cosignature/cosignature.ts";
import { inclusionProof, treeRoot } from "../merkle/tree.ts";
import { ed25519NoteSigner } from "../note/ed25519.ts";
import { formatNote, type NoteSignature } from "../note/signed-note.ts";
import { formatProof, parseProof } from "../proof/tlog-proof.ts";
import { ProofError, type ProofErrorCode } from "../proof-error.ts";
import { openShareProof, type ShareProofFields } from "./share-proof.ts";
import { commitment, contextOf, leafOf, linkOf, type ShareRecord, saltOf, shareRecordBytes } from "./share-record.ts";

const LOG = ed25519NoteSigner("share.example", new Uint8Array(32).fill(1));
const MALLORYS_LOG = ed25519NoteSigner("share.example", new Uint8Array(32).fill(2));
const WITNESSES = ["one", "two"].map((name, at) => cosigner(`${name}.example`, new Uint8Array(32).fill(3 + at)));
const [ONE, TWO] = WITNESSES.map((witness) => witness.vkey) as [string, string];
const TRUST: LogTrust = { log: LOG.vkey, witnesses: [ONE, TWO], quorum: 1 };
const N = 7;
const NOW = 1_800_000_000_000;

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
	t: NOW,
	answers: "",
};

interface Made {
	readonly record?: Uint8Array;
	readonly signer?: typeof LOG;
	readonly cosigned?: number;
	readonly index?: number;
	readonly others?: number;
}

/** Alice's share as the bridge would hand it over, `index` leaves after the log's beginning. */
function shareOf({ record = shareRecordBytes(RECORD), signer = LOG, cosigned = 1, index = 5, others = 20 }: Made = {}) {
	const key = randomBytes(32);
	const salt = saltOf(key, N);
	const chain = linkOf(key, N);
	const context = contextOf(randomBytes(32), NOW);
	const leaf = leafOf(commitment(salt, record), chain, context);
	const leaves = someLeaves(others);
	leaves.splice(index, 0, leaf);
	const read = readerOf(leaves);
	const text = formatCheckpoint({ origin: signer.name, size: leaves.length, root: treeRoot(leaves.length, read) });
	const signatures: NoteSignature[] = [signer.sign(text)];
	for (const witness of WITNESSES.slice(0, cosigned)) signatures.push(witness.cosign(text, NOW / 1000));
	const checkpoint = formatNote({ text, signatures });
	const proof = formatProof({ index, hashes: inclusionProof(index, leaves.length, read), checkpoint });
	const fields: ShareProofFields = { record, salt, chain, context, proof: Buffer.from(proof) };
	return { fields, leaf };
}

const refusal = (code: ProofErrorCode) => (error: unknown) => error instanceof ProofError && error.code === code;

test("a share in the log opens", () => {
	const { fields, leaf } = shareOf();
	const opened = openShareProof(fields, TRUST);
	assert.deepEqual(opened.record, RECORD);
	assert.equal(opened.index, 5);
	assert.deepEqual(opened.leafHash, leafHashOf(leaf));
	assert.equal(opened.checkpoint.size, 21);
	assert.equal(opened.checkpoint.origin, "share.example");
});

test("the only leaf of a log opens, and the last of an uneven one", () => {
	assert.equal(openShareProof(shareOf({ index: 0, others: 0 }).fields, TRUST).index, 0);
	assert.equal(openShareProof(shareOf({ index: 20, others: 20 }).fields, TRUST).index, 20);
});

test("the log has to be the trusted one, by name and by key", () => {
	assert.throws(() => openShareProof(shareOf({ signer: MALLORYS_LOG }).fields, TRUST), refusal("SIGNATURE_INVALID"));
	const other = ed25519NoteSigner("other.example", new Uint8Array(32).fill(1));
	assert.throws(() => openShareProof(shareOf({ signer: other }).fields, TRUST), refusal("LOG_UNKNOWN"));
	const wrong = { ...TRUST, log: ONE };
	assert.throws(() => openShareProof(shareOf().fields, wrong), refusal("KEY_INVALID"));
	assert.throws(() => openShareProof(shareOf().fields, { ...TRUST, witnesses: [LOG.vkey] }), refusal("KEY_INVALID"));
});

test("without enough witnesses nothing counts, and one witness is not two", () => {
	const opens = (cosigned: number, witnesses: readonly string[], quorum: number) =>
		openShareProof(shareOf({ cosigned }).fields, { ...TRUST, witnesses, quorum });
	assert.ok(opens(0, [ONE, TWO], 0));
	assert.ok(opens(1, [ONE, TWO], 1));
	assert.ok(opens(2, [ONE, TWO], 2));
	assert.throws(() => opens(0, [ONE, TWO], 1), refusal("QUORUM_MISSING"));
	assert.throws(() => opens(1, [TWO], 1), refusal("QUORUM_MISSING"));
	assert.throws(() => opens(1, [ONE, ONE], 2), refusal("QUORUM_MISSING"));
	assert.throws(() => opens(2, [ONE, TWO], Number.NaN), refusal("QUORUM_MISSING"));
});

test("one witness under two names is one witness", () => {
	const twins = ["one.example", "uno.example"].map((name) => cosigner(name, new Uint8Array(32).fill(3)));
	const { fields } = shareOf({ cosigned: 0 });
	const parsed = parseProof(Buffer.from(fields.proof).toString());
	const [text = ""] = parsed.checkpoint.split("\n\n");
	const lines = twins.map((twin) => twin.cosign(`${text}\n`, NOW / 1000));
	const more = formatNote({ text: "", signatures: lines }).slice(1);
	const proof = Buffer.from(formatProof({ ...parsed, checkpoint: parsed.checkpoint + more }));
	const trust = { ...TRUST, witnesses: twins.map((twin) => twin.vkey), quorum: 1 };
	assert.ok(openShareProof({ ...fields, proof }, trust));
	assert.throws(() => openShareProof({ ...fields, proof }, { ...trust, quorum: 2 }), refusal("QUORUM_MISSING"));
});

test("a leaf that commits to something else is in the log and still no share", () => {
	const spaced = Buffer.from(` ${Buffer.from(shareRecordBytes(RECORD)).toString()}`);
	assert.throws(() => openShareProof(shareOf({ record: spaced }).fields, TRUST), refusal("RECORD_INVALID"));
});

test("every flipped bit of record, salt, chain and context is refused", () => {
	const { fields } = shareOf();
	const part = fc.constantFrom("record" as const, "salt" as const, "chain" as const, "context" as const);
	fc.assert(
		fc.property(part, fc.nat(), (name, bit) => {
			const changed = { ...fields, [name]: flipped(fields[name], bit) };
			assert.throws(() => openShareProof(changed, TRUST), refusal("NOT_INCLUDED"));
		}),
		{ numRuns: rounds(60) },
	);
	// Bytes moved from the record to the salt hash to the same commitment.
	const salt = Buffer.concat([fields.salt, fields.record.subarray(0, 1)]);
	const moved = { ...fields, salt, record: fields.record.subarray(1) };
	assert.throws(() => openShareProof(moved, TRUST), refusal("MALFORMED"));
});

test("every flipped bit of the proof is refused, whatever it says then", () => {
	const { fields } = shareOf({ cosigned: 2 });
	const trust = { ...TRUST, quorum: 2 };
	assert.ok(openShareProof(fields, trust));
	const refused = new Set<string>();
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 8 * fields.proof.length - 1 }), (bit) => {
			const changed = { ...fields, proof: flipped(fields.proof, bit) };
			assert.throws(
				() => openShareProof(changed, trust),
				(error) => error instanceof ProofError && refused.add(error.code).size > 0,
			);
		}),
		{ numRuns: rounds(400) },
	);
	for (const code of ["MALFORMED", "SIGNATURE_INVALID", "QUORUM_MISSING", "NOT_INCLUDED"])
		assert.ok(refused.has(code), `${code} is among the reasons`);
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 400 }), (proof) => {
			assert.throws(() => openShareProof({ ...fields, proof }, trust), refusal("MALFORMED"));
		}),
		{ numRuns: rounds(200) },
	);
});

test("a tlog-proof has one spelling, and its extra data belongs to no signature", () => {
	const proof = { index: 10, hashes: [new Uint8Array(32).fill(7)], checkpoint: "a checkpoint\n" };
	const hash = Buffer.alloc(32, 7).toString("base64");
	assert.equal(formatProof(proof), `c2sp.org/tlog-proof@v1\nindex 10\n${hash}\n\na checkpoint\n`);
	const extra = new Uint8Array(Buffer.from("extra information"));
	const text = `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(extra).toString("base64")}\nindex 10\n${hash}\n\na checkpoint\n`;
	assert.equal(formatProof({ ...proof, extra }), text);
	assert.deepEqual(parseProof(text), { ...proof, extra });
	for (const wrong of [
		text.replace("@v1", "@v2"),
		text.replace("index 10", "index 010"),
		text.replace("index 10", "index -1"),
		text.replace("index 10\n", ""),
		text.replace(hash, hash.slice(4)),
		text.replace("extra ", "extra !"),
		text.replace(`${hash}\n`, `${hash}\n`.repeat(64)),
		text.replace("\n\n", "\n"),
		"",
	])
		assert.throws(() => parseProof(wrong), refusal("MALFORMED"), wrong);
});
