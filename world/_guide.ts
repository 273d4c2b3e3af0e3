/** Runs the commands of a page under `docs/`, in their order, as a reader would, and compares what it promises. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./_sandbox.ts";

interface Step {
	readonly commands: string;
	/** The lines that are promised below the commands; `…` stands for anything. */
	readonly promised: readonly string[];
	readonly printed: string;
}

const MARK = "@@ end of a step @@";

/** Blocks of commands (`sh`), each with the block of output (`text`) that may follow it. */
function stepsOf(page: string): readonly Omit<Step, "printed">[] {
	const steps: { commands: string; promised: readonly string[] }[] = [];
	for (const [, kind, body = ""] of page.matchAll(/^```(sh|text)\n(.*?)^```$/gms)) {
		const last = steps.at(-1);
		if (kind === "sh") steps.push({ commands: body, promised: [] });
		else if (last !== undefined) last.promised = body.split("\n").filter((line) => line !== "");
	}
	return steps;
}

/** Runs all of it in one shell, beside a file `facts.json`; gives each step with what it printed, errors included. */
export async function runGuide(name: string, facts: unknown): Promise<readonly Step[]> {
	const steps = stepsOf(await readFile(join(ROOT, "docs", name), "utf8"));
	const directory = await mkdtemp(join(tmpdir(), "troth-guide-"));
	try {
		await writeFile(join(directory, "facts.json"), JSON.stringify(facts));
		await symlink(join(ROOT, "policies"), join(directory, "policies"));
		// What `npx` runs in the repository, without the seconds that npm takes to find it.
		await mkdir(join(directory, "bin"));
		const npx = `#!/bin/sh\nname=$1; shift\nexec "${join(ROOT, "node_modules", ".bin")}/$name" "$@"\n`;
		await writeFile(join(directory, "bin", "npx"), npx, { mode: 0o755 });
		const script = steps.map(({ commands }) => `${commands}\necho '${MARK}'\n`).join("");
		const shell = spawn("bash", ["-c", `exec 2>&1\n${script}`], {
			cwd: directory,
			env: { ...process.env, PATH: `${join(directory, "bin")}:${process.env["PATH"]}` },
			stdio: ["ignore", "pipe", "inherit"],
		});
		let output = "";
		shell.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
		await once(shell, "close");
		const printed = output.split(`${MARK}\n`);
		return steps.map((step, at) => ({ ...step, printed: printed[at] ?? "" }));
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
}

/** The promised lines that were not printed, in this order. */
export function missingFrom({ promised, printed }: Step): readonly string[] {
	const lines = printed.split("\n").filter((line) => line !== "");
	return promised.filter((promise) => {
		const literal = promise.split("…").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
		const pattern = new RegExp(`^${literal.join(".*")}$`);
		const at = lines.findIndex((line) => pattern.test(line));
		lines.splice(0, at + 1);
		return at === -1;
	});
}
