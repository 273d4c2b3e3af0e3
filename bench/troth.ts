/** Our messenger as a contender. */
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SystemClock } from "@troth/protocol";
import type { Contender } from "./contender.ts";
import { seedStore } from "./seed.ts";

const ROOT = join(import.meta.dirname, "..");
/** What decides how a seeded store looks. */
const SEED_SOURCES = [
	"messenger/records/*.ts",
	"messenger/terms/*.ts",
	"storage/sqlite/*.ts",
	"bench/{seed,identity}.ts",
];

/**
 * Node's options. The young generation of its heap grows to 32 MB twice by default, which is memory per server and not
 * per connection; half of that costs no throughput.
 */
const NODE_OPTIONS = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=16"];
/** More of them, for a profiler: TROTH_BENCH_NODE="--cpu-prof". */
const moreOptions = (process.env["TROTH_BENCH_NODE"] ?? "").split(" ").filter((option) => option !== "");

export const troth: Contender = {
	name: "troth",
	promise: "SQLite, synced to the disk before the acknowledgement",
	driver: ["--driver", "troth"],
	mailbox: { store: [], drain: [], prepare: false },
	async version() {
		const description = await readFile(join(ROOT, "package.json"), "utf8");
		return (JSON.parse(description) as { version: string }).version;
	},
	async seedKey() {
		const hash = createHash("sha256");
		for (const file of globSync(SEED_SOURCES, { cwd: ROOT }).sort()) hash.update(await readFile(join(ROOT, file)));
		return hash.digest("hex");
	},
	seed: (folder, { population }) => seedStore(folder, population, new SystemClock()),
	async command(folder, port) {
		const server = join(import.meta.dirname, "troth-server.ts");
		return { command: process.execPath, args: [...NODE_OPTIONS, ...moreOptions, server, folder, String(port)] };
	},
};
