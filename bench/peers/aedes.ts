/** aedes: MQTT broker in Node. Installed from npm into the cache folder, never a dependency of the project. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contender } from "../contender.ts";
import { findProgram, run } from "../processes.ts";

const SOURCES = join(import.meta.dirname, "aedes");
const INSTALL_MS = 60_000;

/** Where it lies, or undefined where npm could not get it (no network, no registry). */
async function install(cache: string): Promise<string | undefined> {
	const folder = join(cache, "aedes");
	const installed = join(folder, "node_modules", "aedes", "package.json");
	if (existsSync(installed)) return folder;
	if (findProgram("npm") === undefined) return undefined;
	await mkdir(folder, { recursive: true });
	await copyFile(join(SOURCES, "package.json"), join(folder, "package.json"));
	const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
	await run({ command: "npm", args, cwd: folder }, INSTALL_MS);
	return existsSync(installed) ? folder : undefined;
}

export const aedes: Contender = {
	name: "aedes",
	promise: "in memory",
	driver: ["--driver", "mqtt"],
	mailbox: { store: ["--persist", "1"], drain: ["--persist", "1"], prepare: true },
	async version(cache) {
		const folder = await install(cache);
		if (folder === undefined) return undefined;
		const description = await readFile(join(folder, "node_modules", "aedes", "package.json"), "utf8");
		return (JSON.parse(description) as { version: string }).version;
	},
	async seed() {},
	async command(_folder, port, cache) {
		const folder = join(cache, "aedes");
		await copyFile(join(SOURCES, "server.mjs"), join(folder, "server.mjs"));
		return { command: process.execPath, args: [join(folder, "server.mjs"), String(port)] };
	},
};
