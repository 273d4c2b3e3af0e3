/** Reads which modules a source file loads. Text is enough: the lint forbids `require` and computed imports. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, normalize, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");
export const FOLDERS = [
	"protocol",
	"transparency",
	"matching",
	"storage",
	"bridge",
	"messenger",
	"client",
	"web",
	"family",
	"business",
	"world",
	"operator",
	"bench",
	"tests",
] as const;

export interface Import {
	/** Path from the root. */
	readonly file: string;
	readonly specifier: string;
	readonly typeOnly: boolean;
	/** Path from the root, for files of the project. */
	readonly target: string | undefined;
}

/** The project's own source files, paths from the root. */
export function sourceFiles(): readonly string[] {
	return FOLDERS.flatMap((folder) =>
		globSync(`${folder}/**/*.{ts,tsx,mjs}`, {
			cwd: ROOT,
			exclude: (path) => /node_modules|\bdist\b/.test(String(path)),
		}),
	)
		.filter((file) => !file.includes("/gen/"))
		.sort();
}

const STATEMENT = /(?:^|\n)\s*(import|export)\s+(type\s)?(?:[^"';()]*?\sfrom\s*)?"([^"]+)"/g;
const DYNAMIC = /\bimport\(\s*"([^"]+)"\s*\)/g;

export function readSource(file: string): string {
	return readFileSync(join(ROOT, file), "utf8");
}

/** Every module that `file` names, resolved where it is ours. */
export function importsOf(file: string): readonly Import[] {
	const text = readSource(file);
	const statements = [...text.matchAll(STATEMENT)].map((match) => ({
		specifier: match[3] ?? "",
		typeOnly: match[2] !== undefined,
	}));
	const dynamic = [...text.matchAll(DYNAMIC)].map((match) => ({ specifier: match[1] ?? "", typeOnly: false }));
	return [...statements, ...dynamic].map(({ specifier, typeOnly }) => ({
		file,
		specifier,
		typeOnly,
		target: resolve(file, specifier),
	}));
}

function resolve(file: string, specifier: string): string | undefined {
	if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
	const workspace = /^@troth\/([^/]+)(?:\/(.*))?$/.exec(specifier);
	return workspace === null ? undefined : join(workspace[1] ?? "", workspace[2] ?? "index.ts");
}

/** Everything that is loaded when `entries` are, with a path of imports that leads there. Type imports load nothing. */
export function reachable(entries: readonly string[]): ReadonlyMap<string, readonly string[]> {
	const seen = new Map<string, readonly string[]>();
	const queue = entries.map((entry) => ({ module: entry, way: [entry] as readonly string[] }));
	for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
		const { module, way } = next;
		if (seen.has(module)) continue;
		seen.set(module, way);
		for (const target of loadedBy(module)) queue.push({ module: target, way: [...way, target] });
	}
	return seen;
}

const require = createRequire(import.meta.url);

function loadedBy(module: string): readonly string[] {
	if (existsSync(join(ROOT, module))) {
		return importsOf(module)
			.filter((found) => !found.typeOnly)
			.map((found) => found.target ?? inside(found.specifier));
	}
	return [];
}

/** Modules of ts-mls are walked as well: what the server loads of it has to stay parsing and trees. */
function inside(specifier: string): string {
	if (!specifier.startsWith("ts-mls")) return specifier;
	return relative(ROOT, require.resolve(specifier));
}
