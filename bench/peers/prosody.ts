/** Prosody: XMPP server in Lua. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accountNames, type Contender, PASSWORD } from "../contender.ts";
import { findProgram, run } from "../processes.ts";
import { writeConfiguration } from "./configuration.ts";

export const prosody: Contender = {
	name: "prosody",
	promise: "written to a file, not synced",
	driver: ["--driver", "xmpp", "--domain", "bench.test"],
	mailbox: { store: ["--sm", "1"], drain: [], prepare: false },
	async version() {
		if (findProgram("prosody") === undefined) return undefined;
		const about = await run({ command: findProgram("prosodyctl") ?? "prosodyctl", args: ["about"] }, 10_000);
		return /^Prosody (\d\S*)/m.exec(about.stdout)?.[1] ?? "unknown";
	},
	async seed(folder, { population }) {
		const directory = join(folder, "data", "bench%2etest", "accounts");
		await mkdir(directory, { recursive: true });
		for (const name of accountNames(population)) {
			await writeFile(join(directory, `${name}.dat`), `return {\n\t["password"] = "${PASSWORD}";\n};\n`);
		}
	},
	async command(folder, port) {
		const configuration = join(folder, "prosody.cfg.lua");
		await writeConfiguration("prosody/prosody.cfg.lua", configuration, { PORT: port, RUN: folder });
		return { command: findProgram("prosody") ?? "prosody", args: ["--config", configuration, "-F"] };
	},
};
