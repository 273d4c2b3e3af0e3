/** A log of ours, checked with the code of Go's checksum database: the formats are not only what we read into them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openLog, SHARE_LOG, temporaryDirectory, witnessOf } from "./_logs.ts";
import { flipped, someLeaves } from "./_trees.ts";
import { cosigner } from "./cosignature/cosignature.ts";
import { ed25519NoteSigner } from "./note/ed25519.ts";
import { formatNote, parseNote, type SignedNote } from "./note/signed-note.ts";
import { formatProof, parseProof, type TlogProof } from "./proof/tlog-proof.ts";

const MAIN = join(import.meta.dirname, "go-check", "main.go");
const env = {
	...process.env,
	...{ GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "", GOCACHE: join(tmpdir(), "troth-go-cache") },
};
const go = (args: readonly string[], input = "") => spawnSync("go", args, { env, input, encoding: "utf8" });
const found = go(["list", "golang.org/x/mod/sumdb/tlog", "golang.org/x/mod/sumdb/note"]).status === 0;
const skip =
	!found && "Go or its golang.org/x/mod is not installed (Debian packages golang-go, golang-golang-x-mod-dev)";

/** What `main.go` is asked. */
interface Question {
	readonly ask: "checkpoint" | "proof" | "growth" | "tiles";
	readonly log: string;
	readonly witness?: string;
	readonly note?: string;
	/** Base 64. */
	readonly entry?: string;
	readonly proof?: string;
	readonly request?: string;
	readonly directory?: string;
}

/** Asks all at once: starting Go costs more than its answers. */
function answersTo(questions: readonly Question[]): readonly string[] {
	const { status, stdout, stderr } = go(["run", MAIN], questions.map((one) => `${JSON.stringify(one)}\n`).join(""));
	assert.equal(status, 0, stderr);
	const answers = stdout.trimEnd().split("\n");
	assert.equal(answers.length, questions.length, stdout);
	return answers;
}

const LEAVES = someLeaves(66_000);
const SIZES = [1, 256, 300, 1000, LEAVES.length];

/** A log that grew while a witness looked on, with everything that it gave out. */
async function grownLog(directory: string) {
	await using witness = await witnessOf(join(directory, "witness"), "witness.example");
	const requests: string[] = [];
	const log = await openLog(join(directory, "log"), {
		witnesses: [witness],
		quorum: 1,
		fetch: (url, options) => {
			if (typeof options?.body === "string") requests.push(options.body);
			return fetch(url, options);
		},
	});
	const notes: string[] = [];
	const proofs: TlogProof[] = [];
	for (const size of SIZES) {
		log.integrate(log.size, LEAVES.slice(log.size, size));
		const { note, quorum } = await log.publish();
		assert.ok(quorum);
		notes.push(note);
		for (const index of new Set([0, size >> 1, size - 1]))
			proofs.push(parseProof(log.proofOf(index, { quorum: true }) ?? ""));
	}
	await log[Symbol.asyncDispose]();
	return { keys: { log: SHARE_LOG.vkey, witness: witness.vkey }, notes, proofs, requests };
}

const entryAt = (index: number) => Buffer.from(LEAVES[index] ?? []).toString("base64");
const withHash = (proof: TlogProof, at: number): TlogProof => ({
	...proof,
	hashes: proof.hashes.map((hash, place) => (place === at ? flipped(hash, 77) : hash)),
});

test("Go accepts our checkpoints, cosignatures, proofs and tiles, and refuses them tampered", { skip }, async () => {
	await using directory = await temporaryDirectory();
	const { keys, notes, proofs, requests } = await grownLog(directory.path);
	const good: Question[] = [];
	const bad: Question[] = [];

	const checkpoint = (note: string, other = keys): Question => ({ ask: "checkpoint", note, ...other });
	good.push(...notes.map((note) => checkpoint(note)));
	const [note = "", next = ""] = notes.slice(-2);
	const signed = parseNote(note);
	const resigned = (change: Partial<SignedNote>) => checkpoint(formatNote({ ...signed, ...change }));
	const [bySigner, byWitness] = signed.signatures;
	assert.ok(bySigner !== undefined && byWitness !== undefined);
	const { vkey: other } = ed25519NoteSigner(SHARE_LOG.name, new Uint8Array(32).fill(7));
	const { vkey: another } = cosigner("witness.example", new Uint8Array(32).fill(7));
	bad.push(
		resigned({ text: signed.text.replace("\n1000\n", "\n1001\n") }),
		resigned({ text: parseNote(next).text }),
		resigned({ signatures: [bySigner] }),
		resigned({ signatures: [byWitness] }),
		// The time, then the signature proper.
		...[3, 100].map((bit) =>
			resigned({ signatures: [bySigner, { ...byWitness, signature: flipped(byWitness.signature, bit) }] }),
		),
		resigned({ signatures: [{ ...bySigner, signature: flipped(bySigner.signature, 9) }, byWitness] }),
		checkpoint(note, { ...keys, log: other }),
		checkpoint(note, { ...keys, witness: another }),
	);

	const inclusion = (proof: TlogProof, index = proof.index): Question => ({
		...{ ask: "proof", ...keys, entry: entryAt(index), proof: formatProof(proof) },
	});
	good.push(...proofs.map((proof) => inclusion(proof)));
	for (const proof of proofs.filter(({ hashes }) => hashes.length > 0)) {
		const { index, hashes } = proof;
		bad.push(inclusion(proof, index === 0 ? 1 : index - 1), inclusion(withHash(proof, hashes.length - 1)));
		bad.push(inclusion(withHash(proof, 0)), inclusion({ ...proof, hashes: hashes.slice(1) }));
		bad.push(inclusion({ ...proof, index: index === 0 ? 1 : index - 1 }, index));
	}

	const { log } = keys;
	const growth = (request: string, older: string): Question => ({ ask: "growth", log, note: older, request });
	const steps = requests.slice(1).map((request, at) => [request, notes[at] ?? ""] as const);
	assert.equal(steps.length, SIZES.length - 1);
	good.push(...steps.map(([request, older]) => growth(request, older)));
	for (const [request, older] of steps) {
		const [old = "", hash = "", ...rest] = request.split("\n");
		const [, ...fewer] = rest;
		bad.push(growth([old, ...rest].join("\n"), older), growth([old, hash, ...fewer].join("\n"), older));
		bad.push(growth([old, hash, hash, ...rest].join("\n"), older));
	}

	const tampered = async (name: string, path: string, bit: number): Promise<Question> => {
		const copy = join(directory.path, name);
		await cp(join(directory.path, "log"), copy, { recursive: true });
		const file = join(copy, path);
		await writeFile(file, flipped(await readFile(file), bit));
		return { ask: "tiles", ...keys, directory: copy };
	};
	good.push({ ask: "tiles", ...keys, directory: join(directory.path, "log") });
	bad.push(await tampered("another-hash", "tile/0/200", 4000), await tampered("another-top", "tile/2/000.p/1", 5));
	bad.push(await tampered("another-entry", "tile/entries/256", 900));

	const answers = answersTo([...good, ...bad]);
	for (const [at, question] of [...good, ...bad].entries()) {
		const expected = at < good.length ? /^accepted$/ : /^refused: /;
		assert.match(answers[at] ?? "", expected, JSON.stringify(question));
	}
});
