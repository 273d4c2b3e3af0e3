/** Who remembers checkpoints believes exactly what others believe, for less work. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cosigner } from "../cosignature/cosignature.ts";
import { ed25519NoteSigner } from "../note/ed25519.ts";
import { formatNote } from "../note/signed-note.ts";
import { ProofError } from "../proof-error.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { type CheckpointOpener, type LogTrust, openCheckpoint, rememberCheckpoints } from "./open-checkpoint.ts";

const seed = (byte: number) => new Uint8Array(32).fill(byte);
const LOG = ed25519NoteSigner("share.example", seed(1));
const MALLORYS_LOG = ed25519NoteSigner("share.example", seed(2));
const ONE = cosigner("one.example", seed(3));
const TWO = cosigner("two.example", seed(4));

function noteOf(size: number, signer = LOG, witnesses = [ONE]): string {
	const text = formatCheckpoint({ origin: signer.name, size, root: seed(9) });
	const cosigned = witnesses.map((witness) => witness.cosign(text, 1_800_000_000));
	return formatNote({ text, signatures: [signer.sign(text), ...cosigned] });
}

const NOTES = [
	noteOf(5),
	noteOf(6),
	noteOf(5, MALLORYS_LOG),
	noteOf(5, LOG, [ONE, TWO]),
	noteOf(5, LOG, []),
	"nothing",
];
const TRUSTS: readonly LogTrust[] = [LOG, MALLORYS_LOG, ONE].flatMap(({ vkey: log }) =>
	[[ONE.vkey, TWO.vkey], [TWO.vkey], []].flatMap((witnesses) =>
		[0, 1, 2].map((quorum) => ({ log, witnesses, quorum })),
	),
);

function answerOf(open: CheckpointOpener, note: string, trust: LogTrust) {
	try {
		return open(note, trust);
	} catch (error) {
		assert.ok(error instanceof ProofError);
		return error.code;
	}
}

test("what was remembered about one log, witness or quorum is not taken for another's", () => {
	const open = rememberCheckpoints();
	const seen = new Set<unknown>();
	for (const _ of [1, 2]) {
		for (const trust of TRUSTS) {
			for (const note of NOTES) {
				const expected = answerOf(openCheckpoint, note, trust);
				assert.deepEqual(answerOf(open, note, trust), expected);
				seen.add(typeof expected === "string" ? expected : "opened");
			}
		}
	}
	const codes = ["KEY_INVALID", "MALFORMED", "QUORUM_MISSING", "SIGNATURE_INVALID", "opened"];
	assert.deepEqual([...seen].sort(), codes);
});

test("a checkpoint that many proofs lead to is verified once, with or without its quorum", () => {
	const open = rememberCheckpoints();
	const [note = ""] = NOTES;
	const trust = { log: LOG.vkey, witnesses: [ONE.vkey], quorum: 1 };
	const opened = open(note, trust);
	assert.equal(open(note, { ...trust, quorum: 0 }), opened);
	assert.notEqual(rememberCheckpoints()(note, trust), opened);
});
