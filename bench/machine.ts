/** Facts without which a figure means nothing: the machine, the commit, the command. */
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { canPin, run } from "./processes.ts";

const ROOT = join(import.meta.dirname, "..");
/** What runs under load; a change there makes the figures those of no commit. */
const MEASURED_FOLDERS = ["protocol", "storage", "messenger", "bench"];
const GIT_MS = 10_000;

export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly architecture: string;
	readonly kernel: string;
	readonly memoryGb: number;
	readonly node: string;
	/** Server and generator on a core each. */
	readonly pinned: boolean;
	/** Programs that ran beside the benchmark: the load average of the minute before it. */
	readonly loadBefore: number;
}

export function describeMachine(): Machine {
	return {
		cpu: cpus()[0]?.model.trim() ?? "unknown",
		cores: availableParallelism(),
		architecture: arch(),
		kernel: `${type()} ${release()}`,
		memoryGb: Math.round(totalmem() / 2 ** 30),
		node: process.version,
		pinned: canPin(),
		loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
	};
}

export interface Revision {
	/** Full hash; "unknown" outside a repository. */
	readonly commit: string;
	/** The measured folders differ from that commit. */
	readonly modified: boolean;
}

export async function describeRevision(folders: readonly string[] = MEASURED_FOLDERS): Promise<Revision> {
	const git = (...args: string[]) =>
		run({ command: "git", args, cwd: ROOT }, GIT_MS).catch(() => ({ code: 1, stdout: "", stderr: "" }));
	const head = await git("rev-parse", "HEAD");
	if (head.code !== 0) return { commit: "unknown", modified: true };
	const status = await git("status", "--porcelain", "--", ...folders);
	const changed = status.stdout.split("\n").filter((line) => line !== "" && !line.includes(" bench/results/"));
	return { commit: head.stdout.trim(), modified: changed.length > 0 };
}
