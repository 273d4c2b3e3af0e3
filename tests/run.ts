/**
 * `npm test`: types, lint and contract first, then every test of the project. `npm run test:long` runs the same with
 * long searches (more fuzzing, more rounds of faults); tests read `TROTH_LONG` for that.
 *
 *   npm test -- client messenger/delivery    only the tests below these paths, without the checks
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { runChecks } from "./check.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = "{protocol,storage,messenger,client,web,world,tests,bench}";

const args = process.argv.slice(2);
const long = args.includes("--long");
const paths = args.filter((arg) => !arg.startsWith("--"));

const files = globSync(`${FOLDERS}/**/*.test.ts`, {
	cwd: ROOT,
	exclude: (path) => /node_modules|dist/.test(String(path)),
})
	.filter((file) => paths.length === 0 || paths.some((path) => file.startsWith(path)))
	.sort();

if (paths.length === 0 && !(await runChecks())) {
	process.exitCode = 1;
} else {
	// Two files at a time: the browser tests and the fault tests need a core for themselves.
	const run = spawnSync(process.execPath, ["--test", "--test-concurrency=2", "--test-timeout=240000", ...files], {
		cwd: ROOT,
		stdio: "inherit",
		env: { ...process.env, ...(long && { TROTH_LONG: "1" }) },
	});
	process.exitCode = run.status ?? 1;
}
