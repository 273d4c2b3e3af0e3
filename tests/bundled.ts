/**
 * Several test files in one process. Most files are done in less time than a process takes to load the code they test,
 * so that every file in a process of its own would be a third of the time that all tests take.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "..");
const FILES_PER_PROCESS = 8;

/** What runs before or after every test of a process would run before and after those of other files, too. */
const HAS_HOOKS = /^(before|after|beforeEach|afterEach)\(/m;
/** Its runs own the process: time, chance and everything that waits. */
const SIMULATION = /^tests\/simulation\//;

/** In this order. */
const LONGEST = [/^world\/\w+\.test\.ts$/, /^tests\/simulation\//, /^tests\/browser\//, /^/] as const;

/** What `node --test` is given, and can be thrown away when it is done. */
export interface Bundled extends Disposable {
	readonly files: readonly string[];
}

/** These files, relative to the root: those that need a process of their own as they are, the others eight at a time. */
export function bundled(files: readonly string[]): Bundled {
	// Not among the modules, where the runner looks for no tests.
	const directory = mkdtempSync(join(tmpdir(), "troth-tests-"));
	const alone = files.filter((file) => SIMULATION.test(file) || HAS_HOOKS.test(readFileSync(join(ROOT, file), "utf8")));
	// Neighbours share most of the code they load.
	const folders = Map.groupBy(
		files.filter((file) => !alone.includes(file)),
		(file) => file.split("/")[0] ?? "",
	);
	const places = alone.map((file) => ({ first: file, path: join(ROOT, file) }));
	for (const [folder, some] of folders)
		for (const chunk of chunks(some, FILES_PER_PROCESS)) {
			const path = join(directory, `${folder}-${places.length}.test.mjs`);
			writeFileSync(path, chunk.map((file) => `import ${JSON.stringify(urlOf(file))};\n`).join(""));
			places.push({ first: chunk[0] ?? "", path });
		}
	// What takes long goes first, so that no core is left alone with it at the end.
	const rank = ({ first }: { readonly first: string }) => LONGEST.findIndex((pattern) => pattern.test(first));
	const inOrder = places.sort((a, b) => rank(a) - rank(b) || (a.first < b.first ? -1 : 1));
	return {
		files: inOrder.map(({ path }) => path),
		[Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
	};
}

const urlOf = (file: string) => pathToFileURL(join(ROOT, file)).href;

function chunks<Value>(values: readonly Value[], size: number): readonly (readonly Value[])[] {
	return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}
