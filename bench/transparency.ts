/**
 * `npm run bench:log`: how fast the share log takes leaves in, proves and is verified, and how long a decision takes. One
 * thread, figures of the middle round; nothing else should run beside it. `--save` writes them into bench/results.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DecisionInput, decide, readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import { SystemClock } from "@troth/protocol";
import {
	ed25519NoteSigner,
	leafHash,
	openCheckpoint,
	parseProof,
	type TreeHead,
	verifyInclusion,
} from "@troth/transparency";
import { TileLog } from "@troth/transparency/log/tile-log.node.ts";
import { type Figure, quantile, runFigures } from "./figures.ts";

const LEAVES = 400_000;
/** As a leaf of the share log has. */
const LEAF_BYTES = 97;
/** As the door brings them. */
const LEAVES_AT_ONCE = 4096;
const PROOFS = 50_000;
const VERIFIED = 20_000;
const CHECKPOINTS = 500;
const ROUNDS = 5;
const LOG_ROUNDS = 3;
const DECISIONS_TIMED_AT_ONCE = 1000;

async function* measured(): AsyncGenerator<Figure> {
	const bytes = randomBytes(LEAVES * LEAF_BYTES);
	const leaves = Array.from({ length: LEAVES }, (_, at) => bytes.subarray(at * LEAF_BYTES, (at + 1) * LEAF_BYTES));
	const appended: number[] = [];
	const published: number[] = [];
	for (let round = 0; round < LOG_ROUNDS; round++) {
		await using log = await emptyLog();
		const seconds = timed(() => append(log.tiles, leaves));
		appended.push(LEAVES / seconds);
		const startedMs = performance.now();
		await log.tiles.publish();
		published.push(LEAVES / (seconds + (performance.now() - startedMs) / 1000));
	}
	yield { name: "leaves appended", value: middle(appended), unit: "/s", aim: 200_000 };
	yield { name: "leaves appended, signed and on the disk", value: middle(published), unit: "/s" };
	await using log = await emptyLog();
	append(log.tiles, leaves);
	yield* measuredProofs(log.tiles, leaves, await log.tiles.publish());
	yield* measuredDecisions(await decisionQuestions());
}

function append(log: TileLog, leaves: readonly Uint8Array[]): void {
	for (let at = 0; at < leaves.length; at += LEAVES_AT_ONCE) log.integrate(at, leaves.slice(at, at + LEAVES_AT_ONCE));
}

function* measuredProofs(
	log: TileLog,
	leaves: readonly Uint8Array[],
	{ note, ...head }: TreeHead & { readonly note: string },
): Generator<Figure> {
	const asked = Array.from({ length: PROOFS }, (_, at) => (at * 7_919_111) % LEAVES);
	const proofs: string[] = [];
	const prove = () => {
		proofs.length = 0;
		for (const index of asked) proofs.push(log.proofOf(index, { quorum: false }) ?? "");
	};
	yield { name: "inclusion proofs, as a tlog-proof", value: rate(PROOFS, prove), unit: "/s", aim: 50_000 };
	const opened = proofs.slice(0, VERIFIED).map((proof, at) => {
		const { index, hashes } = parseProof(proof);
		return { index, hashes, leaf: leafHash(leaves[asked[at] ?? 0] ?? new Uint8Array()) };
	});
	const verify = () => {
		for (const { index, hashes, leaf } of opened)
			if (!verifyInclusion(leaf, index, hashes, head)) throw new Error("a proof does not verify");
	};
	yield { name: "inclusion proofs verified", value: rate(VERIFIED, verify), unit: "/s" };
	const trust = { log: SIGNER.vkey, witnesses: [], quorum: 0 };
	const open = () => {
		for (let at = 0; at < CHECKPOINTS; at++) openCheckpoint(note, trust);
	};
	yield { name: "checkpoints verified", value: rate(CHECKPOINTS, open), unit: "/s" };
}

function* measuredDecisions(questions: readonly DecisionInput[]): Generator<Figure> {
	const samples: number[] = [];
	let permitted = 0;
	for (let at = 0, sample = 0; sample < 4000; sample++) {
		const seconds = timed(() => {
			for (let asked = 0; asked < DECISIONS_TIMED_AT_ONCE; asked++, at++) {
				const question = questions[at % questions.length];
				if (question !== undefined && decide(question).permit) permitted++;
			}
		});
		samples.push((seconds * 1e6) / DECISIONS_TIMED_AT_ONCE);
	}
	if (permitted === 0) throw new Error("nothing was permitted: these are no questions");
	yield { name: "decision, p50", value: quantile(samples, 0.5), unit: "µs", aim: 1 };
	yield { name: "decision, p99", value: quantile(samples, 0.99), unit: "µs" };
}

/** Everything that can be asked of the opt-in policy that ships, once each; means of a thousand are timed. */
async function decisionQuestions(): Promise<readonly DecisionInput[]> {
	const current = await readPolicyFile(shippedPolicyPath("opt-in"));
	const acceptedAtMs = 1_800_000_000_000;
	const purposes = [...current.purposes.values()];
	const fields = [...new Set(purposes.flatMap((purpose) => [...purpose.fields]))];
	const recipients = [...new Set(purposes.flatMap((purpose) => [...purpose.recipients])), "nobody"];
	const states = ["granted", "refused", "withdrawn", "unset"] as const;
	const phases = ["ACTIVE", "PENDING", "SUSPENDED"] as const;
	return purposes.flatMap(({ id, hash }) =>
		fields.flatMap((field) =>
			recipients.flatMap((recipient) =>
				states.flatMap((state) =>
					phases.map((phase) => ({
						...{ purpose: id, field, recipient, current, accepted: current, phase, acceptedAtMs },
						...{ choice: { state, purposeHash: hash, generation: 1, shownOn: false }, nowMs: acceptedAtMs + 1 },
						person: { regions: ["US"], minor: false },
					})),
				),
			),
		),
	);
}

const SIGNER = ed25519NoteSigner("bench.example", new Uint8Array(32).fill(1));

async function emptyLog(): Promise<AsyncDisposable & { readonly tiles: TileLog }> {
	const directory = await mkdtemp(join(tmpdir(), "troth-bench-log-"));
	const options = { directory, signer: SIGNER, witnesses: [], quorum: 0, clock: new SystemClock() };
	const tiles = await TileLog.open(options);
	return {
		tiles,
		async [Symbol.asyncDispose]() {
			await tiles[Symbol.asyncDispose]();
			await rm(directory, { recursive: true });
		},
	};
}

/** In seconds. */
function timed(work: () => void): number {
	const startedMs = performance.now();
	work();
	return (performance.now() - startedMs) / 1000;
}

/** Per second, after one round that only warms up. */
function rate(count: number, work: () => void): number {
	work();
	return middle(Array.from({ length: ROUNDS }, () => count / timed(work)));
}

function middle(values: readonly number[]): number {
	return quantile(values, 0.5);
}

await runFigures(() => ({
	kind: "log",
	command: "npm run bench:log",
	measured: ["bridge", "protocol", "transparency", "bench"],
	what: `${LEAVES.toLocaleString("en")} leaves in one log; one thread, the middle of several rounds`,
	figures: measured(),
}));
