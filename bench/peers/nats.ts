/** NATS server with its MQTT listener: QoS 1 goes through JetStream's file store. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accountNames, type Contender, PASSWORD } from "../contender.ts";
import { findProgram, freePort, run } from "../processes.ts";
import { writeConfiguration } from "./configuration.ts";

const PERSISTENT_SESSION = ["--persist", "1"];

export const nats: Contender = {
	name: "nats-server",
	promise: "written to a file, not synced",
	driver: ["--driver", "mqtt"],
	mailbox: { store: PERSISTENT_SESSION, drain: PERSISTENT_SESSION, prepare: true },
	async version() {
		const program = findProgram("nats-server");
		if (program === undefined) return undefined;
		const { stdout } = await run({ command: program, args: ["-v"] }, 5000);
		return /v(\d\S*)/.exec(stdout)?.[1] ?? "unknown";
	},
	async seed(folder, { population }) {
		const users = accountNames(population).map((name) => `{user: ${name}, password: ${PASSWORD}}`);
		await writeFile(join(folder, "users.conf"), `authorization { users: [\n${users.join("\n")}\n] }\n`);
	},
	async command(folder, port) {
		const configuration = join(folder, "nats.conf");
		await writeConfiguration("nats/nats.conf", configuration, { PORT: port, PORT2: await freePort(), RUN: folder });
		return { command: findProgram("nats-server") ?? "nats-server", args: ["-c", configuration] };
	},
};
