/** The raw results of one benchmark run, as they lie in bench/results. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Population } from "./contender.ts";
import type { Measurement } from "./generator.ts";
import type { Machine } from "./machine.ts";

export const WORKLOADS = ["w1", "w2", "w2kill", "w3", "w4"] as const;
export type Workload = (typeof WORKLOADS)[number];

/** One run of the generator. w2 consists of `store` and `drain`, w2kill of the two with a crash between them. */
export type MeasurementName = "w1" | "store" | "drain" | "killStore" | "killDrain" | "w3" | "w4";

export interface ContenderResult {
	readonly name: string;
	readonly promise: string;
	/** Undefined where it is not installed. */
	readonly version: string | undefined;
	readonly measurements: Partial<Record<MeasurementName, Measurement>>;
	/** Why a workload has no figures. */
	readonly failures: Partial<Record<Workload, string>>;
}

export interface Settings {
	/** Length of w1 and w4. */
	readonly seconds: number;
	readonly messagesPerUser: number;
	/** Storing for w2 ends after this time, however much was stored. */
	readonly storeSeconds: number;
}

export interface BenchResult {
	/** Of this format. */
	readonly version: 1;
	/** UTC, ISO 8601. */
	readonly startedAt: string;
	readonly commit: string;
	readonly modified: boolean;
	readonly command: string;
	readonly machine: Machine;
	readonly settings: Settings;
	readonly population: Population;
	/** Ours first, then the peers. */
	readonly contenders: readonly ContenderResult[];
}

export const RESULTS = join(import.meta.dirname, "results");

/** `<date>-<commit>.json`. */
export function resultFileName({ startedAt, commit }: BenchResult): string {
	return `${startedAt.slice(0, 10)}-${commit.slice(0, 10)}.json`;
}

export async function writeResult(path: string, result: BenchResult): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, `${JSON.stringify(result, undefined, "\t")}\n`);
}

/** Rejects where the file is missing or of another format. */
export async function readResult(path: string): Promise<BenchResult> {
	const result = JSON.parse(await readFile(path, "utf8")) as BenchResult;
	if (result.version !== 1) throw new Error(`${path} has an unknown format`);
	return result;
}
