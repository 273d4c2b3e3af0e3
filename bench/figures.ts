/**
 * Benchmarks whose results are figures with aims, of our own code alone: run one at a time, print each figure as it is
 * there, and keep them with the machine and the commit they belong to.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine, describeRevision, type Machine, type Revision } from "./machine.ts";
import { BusyError, onlyOne } from "./only-one.ts";
import { RESULTS } from "./results.ts";

const LOCK = join(import.meta.dirname, "run", "lock");

export interface Figure {
	readonly name: string;
	readonly value: number;
	readonly unit: "/s" | "µs" | "ms" | "s" | "MiB" | "B";
	/** At least for a rate, at most for everything else. */
	readonly aim?: number;
}

/** `<kind>-<date>-<commit>.json` in bench/results. */
export interface FigureResult extends Revision {
	readonly version: 1;
	readonly kind: string;
	readonly command: string;
	/** UTC, ISO 8601. */
	readonly startedAt: string;
	readonly machine: Machine;
	/** What was done, for people: "200 000 people's shares". */
	readonly what: string;
	readonly figures: readonly Figure[];
}

export interface FigureBench {
	/** Short: "log". */
	readonly kind: string;
	/** As it is typed: "npm run bench:log". */
	readonly command: string;
	/** Folders whose code is measured. */
	readonly measured: readonly string[];
	readonly what: string;
	readonly figures: AsyncIterable<Figure>;
}

/** Is the aim reached? True where there is none. */
export function reaches({ value, unit, aim }: Figure): boolean {
	return aim === undefined || (unit === "/s" ? value >= aim : value <= aim);
}

/** "209,000 /s", "0.06 µs". */
export function quantity(value: number, unit: Figure["unit"]): string {
	const number =
		unit === "/s" || unit === "MiB" || unit === "B"
			? Math.round(value).toLocaleString("en")
			: value.toFixed(unit === "s" ? 1 : 2);
	return `${number} ${unit}`;
}

/** The value below which this part of them lies. */
export function quantile(values: readonly number[], part: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Runs to its end as a program does; `--save` keeps the figures. Sets the exit code where it fails. */
export async function runFigures(
	prepare: (values: Options) => FigureBench,
	more: readonly string[] = [],
): Promise<void> {
	// By way of `exit`, so that what was started for the figures ends, too.
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
	try {
		await using _lock = await onlyOne(LOCK);
		const given = Object.fromEntries(more.map((name) => [name, { type: "string" } as const]));
		const { values } = parseArgs({ options: { save: { type: "boolean" }, ...given } });
		await measure(prepare(values as Options), values.save === true);
	} catch (error) {
		console.error(error instanceof BusyError ? error.message : error);
		process.exitCode = 1;
	}
}

/** Options of the command line beside `--save`. */
export type Options = Readonly<Record<string, string | undefined>>;

async function measure({ kind, command, measured, what, figures: made }: FigureBench, save: boolean): Promise<void> {
	const startedAt = new Date().toISOString();
	const machine = describeMachine();
	console.log(`${machine.cpu}, Node ${machine.node}, load average before: ${machine.loadBefore}`);
	const figures: Figure[] = [];
	for await (const figure of made) {
		figures.push(figure);
		console.log(lineOf(figure));
	}
	if (!save) return;
	const revision = await describeRevision(measured);
	const result: FigureResult = { version: 1, kind, command, startedAt, ...revision, machine, what, figures };
	const path = join(RESULTS, figureFileName(result));
	await mkdir(RESULTS, { recursive: true });
	await writeFile(path, `${JSON.stringify(result, undefined, "\t")}\n`);
	console.log(`Raw results: ${relative(process.cwd(), path)}`);
}

export function figureFileName({ kind, startedAt, commit }: FigureResult): string {
	return `${kind}-${startedAt.slice(0, 10)}-${commit.slice(0, 10)}.json`;
}

/** Rejects where the file is missing or of another format. */
export async function readFigures(path: string): Promise<FigureResult> {
	const result = JSON.parse(await readFile(path, "utf8")) as FigureResult;
	if (result.version !== 1 || !Array.isArray(result.figures)) throw new TypeError("these are no figures");
	return result;
}

function lineOf(figure: Figure): string {
	const { name, value, unit, aim } = figure;
	const aimed = aim === undefined ? "" : `   aim ${quantity(aim, unit)}${reaches(figure) ? "" : ", missed"}`;
	return `${name.padEnd(52)}${quantity(value, unit).padStart(14)}${aimed}`;
}
