/** The command line of `npm run bench`. */
import { parseArgs } from "node:util";
import { WORKLOADS, type Workload } from "./results.ts";

export interface BenchOptions {
	readonly workloads: readonly Workload[];
	/** "installed": all that this machine has. */
	readonly peers: "installed" | readonly string[];
	/** Length of w1 and w4. */
	readonly seconds: number;
	/** Where the raw results go; undefined: bench/results/<date>-<commit>.json. */
	readonly json: string | undefined;
	/** Fail where ours misses a floor. */
	readonly check: boolean;
}

export const USAGE = `usage: npm run bench -- [options]
  --only w1,w3        workloads: ${WORKLOADS.join(", ")} (default: all)
  --peers none|installed|NAME,…
                      which other servers take part (default: installed)
  --seconds N         length of w1 and w4 (default: 3)
  --json FILE         where the raw results go (default: bench/results/<date>-<commit>.json)
  --check             exit with 1 if our server misses a floor (bench/floors.ts)`;

/** Wrong options; the message says which. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

const DEFAULT_SECONDS = 3;

/** @param peerNames what `--peers` may name. Throws UsageError. */
export function readOptions(args: readonly string[], peerNames: readonly string[]): BenchOptions {
	const values = parse(args);
	return {
		workloads: readWorkloads(values.only),
		peers: readPeers(values.peers ?? "installed", peerNames),
		seconds: readSeconds(values.seconds),
		json: values.json,
		check: values.check ?? false,
	};
}

function parse(args: readonly string[]) {
	try {
		const text = { type: "string" } as const;
		const options = { only: text, peers: text, seconds: text, json: text, check: { type: "boolean" } } as const;
		return parseArgs({ args: [...args], options }).values;
	} catch (cause) {
		throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
	}
}

function readWorkloads(list: string | undefined): readonly Workload[] {
	if (list === undefined) return WORKLOADS;
	const asked = list.split(",");
	const unknown = asked.find((name) => !WORKLOADS.some((workload) => workload === name));
	if (unknown !== undefined) throw new UsageError(`--only: there is no workload ${unknown}`);
	return WORKLOADS.filter((workload) => asked.includes(workload));
}

function readPeers(list: string, peerNames: readonly string[]): "installed" | readonly string[] {
	if (list === "installed") return list;
	if (list === "none") return [];
	const asked = list.split(",");
	const unknown = asked.find((name) => !peerNames.includes(name));
	if (unknown !== undefined) throw new UsageError(`--peers: ${unknown} is none of ${peerNames.join(", ")}`);
	return asked;
}

function readSeconds(text: string | undefined): number {
	if (text === undefined) return DEFAULT_SECONDS;
	const seconds = Number(text);
	if (!Number.isInteger(seconds) || seconds < 1 || seconds > 600)
		throw new UsageError("--seconds takes a whole number from 1 to 600");
	return seconds;
}
