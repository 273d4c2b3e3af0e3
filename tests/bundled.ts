/**
 * Several test files in one process. Most files are done in less time than a process takes to load the code they test,
 * and to get fast at it: every file in a process of its own would be a third of the time that all tests take.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const TOGETHER = pathToFileURL(join(import.meta.dirname, "together.ts")).href;

interface Kind {
	readonly files: RegExp;
	readonly perProcess: number;
}

/** What takes long goes first, and by few files at a time, so that no core is left alone with it at the end. */
const LONGEST_FIRST: readonly Kind[] = [
	{ files: /^world\/\w+\.test\.ts$/, perProcess: 1 },
	// Its runs own the process: time, chance and everything that waits.
	{ files: /^tests\/simulation\//, perProcess: 1 },
	{ files: /^tests\/(browser|stories)\//, perProcess: 3 },
	{ files: /^(client\/stories|bridge)\//, perProcess: 6 },
	{ files: /^/, perProcess: 12 },
];

/**
 * What `node --test` is given to run these files, relative to the root, in the order of the table.
 * @param directory for the programs that are written; not among the modules, where the runner looks for no tests
 */
export function bundled(files: readonly string[], directory: string): readonly string[] {
	const bundles: string[] = [];
	for (const [at, { perProcess }] of LONGEST_FIRST.entries()) {
		const ofKind = files.filter((file) => LONGEST_FIRST.findIndex((kind) => kind.files.test(file)) === at);
		// Neighbours share most of the code they load.
		for (const [folder, some] of Map.groupBy(ofKind, (file) => file.split("/")[0] ?? ""))
			for (const chunk of chunks(some, perProcess)) {
				const path = join(directory, `${folder}-${bundles.length + 1}.test.mjs`);
				const call = `await runTogether(${JSON.stringify(chunk)});`;
				writeFileSync(path, `import { runTogether } from ${JSON.stringify(TOGETHER)};\n${call}\n`);
				bundles.push(path);
			}
	}
	return bundles;
}

function chunks<Value>(values: readonly Value[], size: number): readonly (readonly Value[])[] {
	return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}
