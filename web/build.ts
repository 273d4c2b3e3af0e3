/** Builds the web app, and the auditor's page beside it. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { buildOnce } from "./build-once.node.ts";

const HERE = import.meta.dirname;
/** What decides about the result; everything that the app may import lies below these. */
const INPUTS = [
	"web/{app,auditor,device-worker,offline,public}/**/*",
	"web/{index.html,vite.config.ts,vite.auditor.config.ts,build.ts,build-once.node.ts,package.json}",
	"{client,protocol,transparency}/**/*.ts",
	"package-lock.json",
];
/** A server may have been started long ago and still serve an older one. */
const KEPT_BUILDS = 12;
/** Gzipped bytes of the scripts that the page loads before it shows anything. */
const MAIN_BUDGET = 180 * 1024;

/** Largest and smallest thing a person downloads, gzipped bytes. */
interface Sizes {
	readonly main: number;
	readonly style: number;
	readonly worker: number;
	readonly later: number;
}

/**
 * The folder with the built app, to be served at the root of the origin; built now unless it is there already.
 * @throws when the main script grew over its budget
 */
export function buildWeb(): Promise<{ readonly root: string }> {
	return buildOnce({ prefix: "", inputs: INPUTS, kept: KEPT_BUILDS, make });
}

async function make(draft: string): Promise<void> {
	await build({
		configFile: join(HERE, "vite.config.ts"),
		logLevel: "warn",
		build: { outDir: draft, emptyOutDir: true },
	});
	await build({
		configFile: join(HERE, "vite.auditor.config.ts"),
		logLevel: "warn",
		build: { outDir: join(draft, "auditor"), emptyOutDir: true },
	});
	const sizes = await measure(draft);
	report(sizes);
	if (sizes.main > MAIN_BUDGET) throw new Error(`the main script has ${kilobytes(sizes.main)}, its budget is 180 KB`);
	await writeFile(join(draft, "sizes.json"), JSON.stringify(sizes));
}

async function measure(root: string): Promise<Sizes> {
	const page = await readFile(join(root, "index.html"), "utf8");
	const first = new Set([...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]));
	const sizes = { main: 0, style: 0, worker: 0, later: 0 };
	for (const name of await readdir(join(root, "assets"))) {
		const size = gzipSync(await readFile(join(root, "assets", name)), { level: 9 }).length;
		if (name.endsWith(".css")) sizes.style += size;
		else if (name.endsWith(".js"))
			sizes[first.has(`assets/${name}`) ? "main" : /worker/.test(name) ? "worker" : "later"] += size;
	}
	return sizes;
}

function report({ main, style, worker, later }: Sizes): void {
	console.error(
		`web app built: ${kilobytes(main)} script (budget 180 KB), ${kilobytes(style)} style, ` +
			`${kilobytes(worker)} device worker, ${kilobytes(later)} loaded when needed (gzipped)`,
	);
}

function kilobytes(bytes: number): string {
	return `${(bytes / 1024).toFixed(1)} KB`;
}

if (import.meta.main) console.log((await buildWeb()).root);
