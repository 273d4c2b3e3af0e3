/**
 * Replays one seed, or many, and tells what happened.
 *
 *   npm run simulate -- --seed 7                 the verdict on seed 7
 *   npm run simulate -- --seed 7 --trace         and the whole story of it
 *   npm run simulate -- --seed 7 --steps 20      only the first twenty acts: the shortest that still fails explains most
 *   npm run simulate -- --seed 7 --shrink        finds that number
 *   npm run simulate -- --seed 1 --seeds 500     many, until one fails
 *   npm run simulate -- --mutant NAME            the same with one of the named defects (mutants.ts)
 *   npm run simulate -- --mutants                every named defect, and at which seed it is found; writes README.md
 */
import { parseArgs } from "node:util";
import { DIALS } from "./dials.ts";
import { applyEdits } from "./edits.ts";
import { huntAll, writeTable } from "./hunt.ts";
import { mutantNamed } from "./mutants.ts";
import type { Outcome } from "./run.ts";

const { values } = parseArgs({
	options: {
		seed: { type: "string", default: "1" },
		seeds: { type: "string", default: "1" },
		steps: { type: "string" },
		mutant: { type: "string" },
		mutants: { type: "boolean", default: false },
		trace: { type: "boolean", default: false },
		shrink: { type: "boolean", default: false },
		json: { type: "boolean", default: false },
	},
});

if (values.mutants) {
	const found = await huntAll((line) => console.log(line));
	writeTable(found);
	process.exitCode = found.every(({ seed }) => seed !== undefined) ? 0 : 1;
} else {
	const mutant = values.mutant === undefined ? undefined : mutantNamed(values.mutant);
	applyEdits([...DIALS, ...(mutant?.edits ?? [])]);
	const { buildTown } = await import("./town.ts");
	const { runSeed, STEPS } = await import("./run.ts");
	const town = await buildTown();
	const tell = values.trace ? (line: string) => console.log(line) : undefined;
	const first = Number(values.seed);
	const steps = values.steps === undefined ? STEPS : Number(values.steps);
	const run = (seed: number, acts: number) => runSeed(seed, town, { steps: acts, tell });

	let failed: Outcome | undefined;
	for (let seed = first; seed < first + Number(values.seeds) && failed === undefined; seed++) {
		const outcome = await run(seed, steps);
		if (!values.json) console.log(sentence(outcome));
		if (outcome.violations.length > 0) failed = outcome;
	}
	if (values.json) console.log(JSON.stringify({ seed: failed?.seed, violation: failed?.violations[0] }));
	else if (failed !== undefined && values.shrink) await shrink(failed.seed, steps, run);
	process.exitCode = failed === undefined ? 0 : 1;
}

function sentence({ seed, violations, events, hash }: Outcome): string {
	const what = violations.map(({ promise, what }) => `\n  promise ${promise}: ${what}`).join("");
	return `seed ${seed}: ${violations.length === 0 ? "kept" : "BROKEN"}, ${events} events, ${hash.slice(0, 16)}${what}`;
}

/** The fewest acts after which this seed still fails: what comes after the first failure says nothing. */
async function shrink(
	seed: number,
	steps: number,
	run: (seed: number, acts: number) => Promise<Outcome>,
): Promise<void> {
	for (let acts = 0; acts <= steps; acts++) {
		const outcome = await run(seed, acts);
		if (outcome.violations.length === 0) continue;
		console.log(
			`\n${acts} acts are enough: npm run simulate -- --seed ${seed} --steps ${acts} --trace\n${sentence(outcome)}`,
		);
		return;
	}
}
