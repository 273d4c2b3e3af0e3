/** Looks for the named defects, each in a process of its own, and writes down at which seed it was found. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { MUTANTS, type Mutant } from "./mutants.ts";

/** Each has to be found within so many seeds. */
export const SEEDS = 200;

export interface Found {
	readonly mutant: Mutant;
	/** Undefined where none of the seeds shows it. */
	readonly seed: number | undefined;
	readonly promise: string;
	readonly what: string;
}

/** Runs seeds with this defect until one of them finds it. Rejects where the process does not even run. */
export async function hunt(mutant: Mutant, seeds = SEEDS): Promise<Found> {
	const script = join(import.meta.dirname, "simulate.ts");
	const args = [
		"--disable-warning=ExperimentalWarning",
		script,
		"--mutant",
		mutant.name,
		"--seeds",
		`${seeds}`,
		"--json",
	];
	const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
	const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
	const line = out.trim().split("\n").at(-1) ?? "";
	if (!line.startsWith("{")) throw new Error(`${mutant.name}: ${err}`);
	const { seed, violation } = JSON.parse(line) as { seed?: number; violation?: { promise: string; what: string } };
	return { mutant, seed, promise: violation?.promise ?? "", what: violation?.what ?? "" };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
	let all = "";
	for await (const chunk of stream) all += chunk;
	return all;
}

/** All of them, as many at a time as there are cores. */
export async function huntAll(
	tell: (line: string) => void,
	mutants: readonly Mutant[] = MUTANTS,
): Promise<readonly Found[]> {
	const found = new Map<Mutant, Found>();
	const waiting = mutants.values();
	const worker = async () => {
		for (const mutant of waiting) {
			const one = await hunt(mutant);
			found.set(mutant, one);
			tell(
				`${mutant.name}: ${one.seed === undefined ? "NOT FOUND" : `seed ${one.seed}, promise ${one.promise}: ${one.what}`}`,
			);
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
	return mutants.flatMap((mutant) => found.get(mutant) ?? []);
}

const README = join(import.meta.dirname, "README.md");
const BEGIN = "<!-- mutants: written by `npm run simulate -- --mutants` -->";
const END = "<!-- end of mutants -->";

export function writeTable(found: readonly Found[]): void {
	const rows = found.map(
		({ mutant, seed, promise, what }) =>
			`| ${mutant.name} | \`${mutant.edits[0]?.file}\` | ${seed ?? "–"} | ${promise} | ${what} |`,
	);
	const table = [
		BEGIN,
		"| defect | in | found at seed | promise | what the oracle said |",
		"|---|---|---|---|---|",
		...rows,
		END,
	];
	const page = readFileSync(README, "utf8");
	const [before, rest] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(END) + END.length)];
	writeFileSync(README, `${before}${table.join("\n")}${rest}`);
}
