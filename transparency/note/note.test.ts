/** Signed notes and checkpoints as other programs write them, and everything that is almost one. */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { formatCheckpoint, parseCheckpoint } from "../checkpoint/checkpoint.ts";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { cosigner, verifyCosignature } from "../cosignature/cosignature.ts";
import { ProofError, type ProofErrorCode } from "../proof-error.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { ed25519NoteSigner, verifyNoteSignature } from "./ed25519.ts";
import { formatNote, parseNote, parseSignatureLines, signaturesBy } from "./signed-note.ts";
import { formatVerifierKey, parseVerifierKey } from "./verifier-key.ts";

const refusal = (code: ProofErrorCode) => (error: unknown) => error instanceof ProofError && error.code === code;
const seedOf = (byte: number) => new Uint8Array(32).fill(byte);

/** The example of the signed-note specification. */
const EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE_NOTE =
	"This is an example message.\n\n" +
	"— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

test("the specification's example verifies, and its signature signs nothing else", () => {
	const key = parseVerifierKey(EXAMPLE_KEY);
	const note = parseNote(EXAMPLE_NOTE);
	const [signature] = signaturesBy(key, note.signatures);
	assert.ok(signature !== undefined);
	assert.ok(verifyNoteSignature(key.publicKey, note.text, signature.signature));
	assert.ok(!verifyNoteSignature(key.publicKey, `${note.text}\n`, signature.signature));
	assert.equal(formatNote(note), EXAMPLE_NOTE);
	assert.equal(formatVerifierKey(key.name, key.type, key.publicKey), EXAMPLE_KEY);
});

/** A checkpoint that a public log published and public witnesses cosigned: other people's programs, other people's keys. */
const PUBLIC_LOG = {
	log: "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
	witnesses: ["remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"],
	quorum: 1,
};
const PUBLIC_CHECKPOINT = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
`;

test("a public log's checkpoint and its witness's cosignature verify", () => {
	const opened = openCheckpoint(PUBLIC_CHECKPOINT, PUBLIC_LOG);
	assert.equal(opened.size, 1_432_088_532);
	assert.deepEqual(opened.witnessed, [{ name: "remora.n621.de", atMs: 0x6a122120 * 1000 }]);
	const grown = PUBLIC_CHECKPOINT.replace("1432088532", "1432088533");
	assert.throws(() => openCheckpoint(grown, PUBLIC_LOG), refusal("SIGNATURE_INVALID"));
});

/** Node's own Ed25519, so that ours is not only held against itself. */
function nodeKey(seed: Uint8Array) {
	const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
	const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
	const spki = createPublicKey(key).export({ format: "der", type: "spki" });
	return { key, publicKey: new Uint8Array(spki.subarray(-32)) };
}

test("signatures and cosignatures are Ed25519 over what the specifications say", () => {
	const text = formatCheckpoint({ origin: "share.example", size: 7, root: seedOf(9) });
	const { key, publicKey } = nodeKey(seedOf(1));
	const signer = ed25519NoteSigner("share.example", seedOf(1));
	assert.deepEqual(parseVerifierKey(signer.vkey).publicKey, publicKey);
	assert.deepEqual(signer.sign(text).signature, new Uint8Array(sign(null, Buffer.from(text), key)));

	const witness = cosigner("witness.example", seedOf(1));
	const line = witness.cosign(text, 1_800_000_000);
	const signed = Buffer.from(`cosignature/v1\ntime 1800000000\n${text}`);
	assert.deepEqual(Buffer.from(line.signature.subarray(0, 8)), Buffer.from("000000006b49d200", "hex"));
	assert.deepEqual(line.signature.slice(8), new Uint8Array(sign(null, signed, key)));
	assert.equal(verifyCosignature(publicKey, text, line.signature), 1_800_000_000);
	assert.equal(verifyCosignature(publicKey, text, witness.cosign(text, 0).signature), undefined, "without a time");
	assert.notEqual(line.keyId, signer.sign(text).keyId, "one key, two uses, two ids");
});

test("a key with a wrong id, of another kind or cut short is refused", () => {
	const [name, id, material] = ["example.com/foo", "530d903a", "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"];
	const wrong = [
		`${name}+530d903b+${material}`,
		`${name}+${id.toUpperCase()}+${material}`,
		`example.com/bar+${id}+${material}`,
		`${name}+${id}+${material.slice(0, -4)}`,
		`${name}+${id}+${material.slice(0, -1)}`,
		`+${id}+${material}`,
		`${name}+${id}`,
		name,
		"",
		formatVerifierKey(name, 1, seedOf(1)).replace(name, "two words"),
	];
	for (const vkey of wrong) assert.throws(() => parseVerifierKey(vkey), refusal("KEY_INVALID"), vkey);
	assert.throws(() => ed25519NoteSigner("a+b", seedOf(1)), RangeError);
	assert.throws(() => ed25519NoteSigner("a\u00a0b", seedOf(1)), RangeError);
});

test("a note with anything out of place is refused", () => {
	const wrong = [
		EXAMPLE_NOTE.slice(0, -1),
		EXAMPLE_NOTE.replace("\n\n", "\n"),
		EXAMPLE_NOTE.replace("example message", "example\tmessage"),
		EXAMPLE_NOTE.replace("\n", "\r\n"),
		EXAMPLE_NOTE.replace("—", "-"),
		EXAMPLE_NOTE.replace("/foo ", "/foo  "),
		EXAMPLE_NOTE.replace("aQM=", "aQM"),
		EXAMPLE_NOTE.replace("aQM=", "aQN="),
		`${EXAMPLE_NOTE}trailing\n`,
		`${EXAMPLE_NOTE}\n`,
		"\ud800\n\n— a AAAAAAA=\n",
		"text\n\n— a AAAAAA==\n",
		"text\n\n",
		"",
	];
	for (const note of wrong) assert.throws(() => parseNote(note), refusal("MALFORMED"), note);
	const [, line = ""] = EXAMPLE_NOTE.split("\n\n");
	assert.equal(parseSignatureLines(line.repeat(100))?.length, 100);
	assert.equal(parseSignatureLines(line.repeat(101)), undefined);
});

test("a text with empty lines is separated from its signatures by the last one", () => {
	const signer = ed25519NoteSigner("alice.example", seedOf(1));
	const text = "one\n\ntwo\n";
	const note = parseNote(formatNote({ text, signatures: [signer.sign(text)] }));
	assert.equal(note.text, text);
});

test("a checkpoint's lines have one spelling", () => {
	const root = toBase64(seedOf(9));
	assert.deepEqual(parseCheckpoint(`log.example\n0\n${root}\nextension\n`), {
		origin: "log.example",
		size: 0,
		root: seedOf(9),
	});
	const wrong = [
		`log.example\n07\n${root}\n`,
		`log.example\n-7\n${root}\n`,
		`log.example\n7.0\n${root}\n`,
		`log.example\n9007199254740992\n${root}\n`,
		`log.example\n7\n${toBase64(new Uint8Array(31))}\n`,
		`\n7\n${root}\n`,
		`log.example\n7\n${root}\n\n`,
		`log.example\n7\n${root}`,
		"log.example\n7\n",
	];
	for (const text of wrong) assert.throws(() => parseCheckpoint(text), refusal("MALFORMED"), text);
});

test("base 64 has one spelling for each run of bytes", () => {
	fc.assert(
		fc.property(fc.uint8Array(), (bytes) => {
			assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
			assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
		}),
	);
	for (const text of ["QQ", "QQ=", "QR==", "Q Q==", "QQ==\n", "QQ-_", "=", "===="])
		assert.equal(fromBase64(text), undefined, text);
});

test("whatever comes, decoders answer or throw ProofErrors", () => {
	const answersOrRefuses = (decode: () => unknown) => {
		try {
			decode();
		} catch (error) {
			assert.ok(error instanceof ProofError, String(error));
		}
	};
	const near = fc
		.tuple(fc.constantFrom(EXAMPLE_NOTE, PUBLIC_CHECKPOINT, EXAMPLE_KEY), fc.nat(), fc.string({ unit: "binary" }))
		.map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1));
	fc.assert(
		fc.property(fc.oneof(near, fc.string({ unit: "binary" })), (text) => {
			for (const decode of [parseNote, parseCheckpoint, parseVerifierKey]) answersOrRefuses(() => decode(text));
			answersOrRefuses(() => openCheckpoint(text, PUBLIC_LOG));
			answersOrRefuses(() => openCheckpoint(PUBLIC_CHECKPOINT, { ...PUBLIC_LOG, witnesses: [text] }));
		}),
		{ numRuns: rounds(150) },
	);
});
