/** The load generator: built from its C sources when needed, run as a process of its own on its own core. */
import { join } from "node:path";
import { findProgram, GENERATOR_CORE, pinned, run } from "./processes.ts";

const SOURCES = join(import.meta.dirname, "generator");
const BUILD_MS = 120_000;

/** One line of JSON of the generator: numbers and short texts. `ok` is 1 if the workload could be measured. */
export type Measurement = Readonly<Record<string, number | string>>;

const DEBIAN = "Debian: apt-get install gcc make libc6-dev libssl-dev";

/** There is no compiler here, or a library's headers are not installed; the message says which. */
export class BuildToolsMissing extends Error {
	override readonly name = "BuildToolsMissing";
}

/**
 * Compiles what is out of date into `folder`; returns the generator's path. Rejects with BuildToolsMissing, or with
 * the compiler's words.
 */
export async function buildGenerator(folder: string): Promise<string> {
	const tools = ["make", "cc"].filter((name) => findProgram(name) === undefined);
	if (tools.length > 0) throw new BuildToolsMissing(`${tools.join(" and ")} not installed (${DEBIAN})`);
	const built = await run({ command: "make", args: ["-s", "-C", SOURCES, `OUT=${folder}`] }, BUILD_MS);
	const header = /fatal error: (\S+): No such file/.exec(built.stderr)?.[1];
	if (header !== undefined) throw new BuildToolsMissing(`${header} not installed (${DEBIAN})`);
	if (built.code !== 0) throw new Error(`the load generator does not compile:\n${built.stderr}`);
	return join(folder, "lg");
}

export interface Load {
	readonly generator: string;
	/** `--driver troth` and what this protocol needs. */
	readonly driver: readonly string[];
	readonly port: number;
	/** The server, for its CPU time and memory. */
	readonly pid: number;
	readonly workload: string;
	readonly options: Readonly<Record<string, number | string>>;
	readonly timeoutMs: number;
}

/** Runs one workload; rejects if the generator gave no line of figures in time. */
export async function generate(load: Load): Promise<Measurement> {
	const options = { port: load.port, pid: load.pid, work: load.workload, ...load.options };
	const args = [...load.driver, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])];
	const finished = await run(pinned(GENERATOR_CORE, { command: load.generator, args }), load.timeoutMs);
	const line = finished.stdout.trim().split("\n").at(-1) ?? "";
	try {
		const measurement: Measurement = JSON.parse(line);
		return finished.stderr === "" ? measurement : { ...measurement, first_error: finished.stderr.trim() };
	} catch {
		const how = finished.code === undefined ? `no end within ${load.timeoutMs} ms` : `exit code ${finished.code}`;
		throw new Error(`the generator gave no figures (${how}): ${finished.stderr.trim()}`);
	}
}
