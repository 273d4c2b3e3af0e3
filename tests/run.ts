/**
 * `npm test`: types, lint and contract first, then every test of the project.
 * `npm run test:long`: only the searches (fuzzers, properties, fault rounds: the files that ask for `rounds`), fifty times
 * as long; with `--short` three times, which is what CI has time for.
 *
 *   npm test -- client messenger/delivery    only the tests below these paths, without the checks
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { bundled } from "./bundled.ts";
import { runChecks } from "./check.ts";
import { temporary } from "./temporary.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS =
	"{protocol,transparency,storage,bridge,messenger,client,web,family,business,operator,world,tests,bench}";
const LONG_ROUNDS = 50;
const SHORT_ROUNDS = 3;

const args = process.argv.slice(2);
const long = args.includes("--long");
const paths = args.filter((arg) => !arg.startsWith("--"));

const isSearch = (file: string) => /\brounds\(/.test(readFileSync(join(ROOT, file), "utf8"));
const files = globSync(`${FOLDERS}/**/*.test.ts`, {
	cwd: ROOT,
	exclude: (path) => /node_modules|\bdist\b/.test(String(path)),
})
	.filter((file) => paths.length === 0 || paths.some((path) => file.startsWith(path)))
	.filter((file) => !long || isSearch(file))
	.sort();

if (paths.length === 0 && !long && !(await runChecks())) {
	process.exitCode = 1;
} else {
	const factor = long ? (args.includes("--short") ? SHORT_ROUNDS : LONG_ROUNDS) : 1;
	const limit = `--test-timeout=${long ? 3_600_000 : 600_000}`;
	using directory = temporary();
	const programs = long ? files : bundled(files, directory.path);
	// Most files need a core for themselves, the browser tests one and a half; many wait for a timer or a disk, and while
	// they do, one more has its turn. None promises how fast it is: that is for `bench/`.
	const atOnce = `--test-concurrency=${availableParallelism() + 1}`;
	const { status } = spawnSync(process.execPath, ["--test", limit, atOnce, ...programs], {
		cwd: ROOT,
		stdio: "inherit",
		env: { ...process.env, TROTH_ROUNDS: String(factor), TMPDIR: directory.path },
	});
	process.exitCode = status ?? 1;
}
