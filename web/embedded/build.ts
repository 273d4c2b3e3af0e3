/** Builds the embedded pages when their sources changed, into a folder named after them (as `../build.ts`). */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { glob, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { build } from "vite";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "..", "..");
const DIST = join(HERE, "..", "dist");
const PREFIX = "embedded-";
const INPUTS = [
	"web/embedded/**/*",
	"web/app/{design,settings,sharing,ui,words}/**/*",
	"{client,protocol,transparency}/**/*.ts",
	"package-lock.json",
];

/** The folder with the built pages, for `startBeside`; built now unless it is there already. */
export async function buildEmbedded(): Promise<{ readonly root: string }> {
	const root = join(DIST, PREFIX + (await hashInputs()));
	if (existsSync(root)) return { root };
	await mkdir(DIST, { recursive: true });
	const draft = await mkdtemp(join(DIST, "draft-"));
	try {
		await build({
			configFile: false,
			root: HERE,
			base: "/embed/",
			logLevel: "warn",
			plugins: [react(), tailwindcss()],
			build: {
				outDir: draft,
				emptyOutDir: true,
				target: "es2024",
				assetsInlineLimit: 0,
				modulePreload: { polyfill: false },
				reportCompressedSize: false,
				chunkSizeWarningLimit: 800,
			},
		});
		// Where another process was faster, its folder has the same bytes.
		if (!existsSync(root)) await rename(draft, root);
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
	await forgetOthers(root);
	return { root };
}

async function hashInputs(): Promise<string> {
	const files: string[] = [];
	for await (const entry of glob(INPUTS, { cwd: ROOT, withFileTypes: true }))
		if (entry.isFile() && !/\.test\.tsx?$|[\\/](node_modules|dist)[\\/]/.test(join(entry.parentPath, entry.name)))
			files.push(join(entry.parentPath, entry.name));
	const hash = createHash("sha256");
	for (const file of files.sort()) hash.update(file.slice(ROOT.length)).update(await readFile(file));
	return hash.digest("hex").slice(0, 16);
}

/** The service reads its files once, at its start: older builds serve nobody. */
async function forgetOthers(root: string): Promise<void> {
	for (const name of await readdir(DIST))
		if (name.startsWith(PREFIX) && join(DIST, name) !== root)
			await rm(join(DIST, name), { recursive: true, force: true });
}
