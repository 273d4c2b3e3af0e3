/** `npm run check`: what can be known without running anything. Each step says what it is and what it found. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

interface Step {
	readonly name: string;
	readonly command: string;
	readonly args: readonly string[];
}

const STEPS: readonly Step[] = [
	{ name: "types", command: "tsc", args: ["--noEmit", "-p", "."] },
	{ name: "types of the web app", command: "tsc", args: ["--noEmit", "-p", "web"] },
	{ name: "lint and format", command: "biome", args: ["ci", "--colors=off", "."] },
	{ name: "dead code", command: "knip", args: ["--no-progress"] },
	{ name: "contract", command: process.execPath, args: ["protocol/generate.ts", "--check"] },
];

/** Runs all steps, two at a time; true when none objects. */
export async function runChecks(): Promise<boolean> {
	const waiting = [...STEPS];
	let good = true;
	const worker = async () => {
		for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) good = (await runStep(step)) && good;
	};
	await Promise.all([worker(), worker()]);
	return good;
}

function runStep({ name, command, args }: Step): Promise<boolean> {
	return new Promise((resolve) => {
		const path = `${join(ROOT, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`;
		const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, PATH: path } });
		let output = "";
		child.stdout.on("data", (text) => {
			output += text;
		});
		child.stderr.on("data", (text) => {
			output += text;
		});
		child.on("error", (error) => {
			output += error.message;
		});
		child.on("close", (code) => {
			console.log(`${code === 0 ? "✔" : "✖"} ${name}`);
			if (code !== 0) console.log(output.trim());
			resolve(code === 0);
		});
	});
}

if (import.meta.main) process.exitCode = (await runChecks()) ? 0 : 1;
