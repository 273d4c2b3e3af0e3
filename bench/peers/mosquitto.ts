/** Eclipse Mosquitto: MQTT broker in C. */
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accountNames, type Contender, PASSWORD } from "../contender.ts";
import { findProgram, run } from "../processes.ts";
import { writeConfiguration } from "./configuration.ts";

const PERSISTENT_SESSION = ["--persist", "1"];
const HASHING_MS = 120_000;

export const mosquitto: Contender = {
	name: "mosquitto",
	promise: "in memory, snapshot every 30 minutes",
	driver: ["--driver", "mqtt"],
	mailbox: { store: PERSISTENT_SESSION, drain: PERSISTENT_SESSION, prepare: true },
	async version() {
		const program = findProgram("mosquitto");
		if (program === undefined || findProgram("mosquitto_passwd") === undefined) return undefined;
		const { stdout } = await run({ command: program, args: ["-h"] }, 5000);
		return /version (\S+)/.exec(stdout)?.[1] ?? "unknown";
	},
	async seed(folder, { population }) {
		const path = join(folder, "passwd");
		const lines = accountNames(population).map((name) => `${name}:${PASSWORD}\n`);
		await writeFile(path, lines.join(""));
		const hashed = await run({ command: "mosquitto_passwd", args: ["-U", path] }, HASHING_MS);
		if (hashed.code !== 0) throw new Error(`mosquitto_passwd: ${hashed.stderr}`);
		await chmod(path, 0o600);
	},
	async command(folder, port) {
		const configuration = join(folder, "mosquitto.conf");
		await writeConfiguration("mosquitto/mosquitto.conf", configuration, { PORT: port, RUN: folder });
		return { command: findProgram("mosquitto") ?? "mosquitto", args: ["-c", configuration] };
	},
};
