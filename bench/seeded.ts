/** Accounts are made once and copied for every start of a server. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contender, SeedTools } from "./contender.ts";

/** The folder below `seeds` with the contender's accounts; makes them where there are none for this population yet. */
export async function seedOnce(contender: Contender, seeds: string, tools: SeedTools): Promise<string> {
	const { name } = contender;
	const facts = JSON.stringify([tools.population, (await contender.seedKey?.()) ?? ""]);
	const folder = join(seeds, `${name}-${createHash("sha256").update(facts).digest("hex").slice(0, 16)}`);
	const complete = `${folder}.complete`;
	if (existsSync(complete)) return folder;
	await mkdir(seeds, { recursive: true });
	for (const old of await readdir(seeds)) {
		if (old.startsWith(`${name}-`)) await rm(join(seeds, old), { recursive: true });
	}
	const { users, senders } = tools.population;
	console.log(`  making ${users + senders} accounts`);
	await mkdir(folder);
	await contender.seed(folder, tools);
	await writeFile(complete, "");
	return folder;
}
