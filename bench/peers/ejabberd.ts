/** ejabberd: XMPP server in Erlang. Its accounts are registered through the generator and the Mnesia files kept. */
import { globSync, realpathSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Contender, FIRST_SENDER } from "../contender.ts";
import { generate } from "../generator.ts";
import { findProgram, freePort, ServerProcess } from "../processes.ts";
import { writeConfiguration } from "./configuration.ts";

const DRIVER = ["--driver", "xmpp", "--domain", "bench.test"];
const REGISTERING_SECONDS = 120;

/** Debian keeps Erlang applications in /usr/lib/<triplet>/<name>-<version>. */
function findLibrary(): string | undefined {
	const found = globSync(["/usr/lib/*/ejabberd-*/ebin", "/usr/lib/erlang/lib/ejabberd-*/ebin"]);
	return found[0] === undefined ? undefined : dirname(realpathSync(found[0]));
}

export const ejabberd: Contender = {
	name: "ejabberd",
	promise: "Mnesia, log not synced at the acknowledgement",
	driver: DRIVER,
	mailbox: { store: ["--sm", "1"], drain: [], prepare: false },
	async version() {
		const library = findLibrary();
		if (findProgram("erl") === undefined || library === undefined) return undefined;
		return basename(library).replace(/^ejabberd-/, "");
	},
	async seed(folder, { generator, population }) {
		const port = await freePort();
		{
			await using server = await ServerProcess.start(
				await ejabberd.command(folder, port, folder),
				port,
				join(folder, "seed.log"),
			);
			const register = async (base: number, conns: number) => {
				const registered = await generate({
					generator,
					driver: DRIVER,
					port,
					pid: server.pid,
					workload: "idle",
					options: { base, conns, reg: 1, settle: 0, inflight: 50, secs: REGISTERING_SECONDS },
					timeoutMs: (REGISTERING_SECONDS + 10) * 1000,
				});
				if (registered["online"] !== conns) throw new Error(`ejabberd registered ${registered["online"]} of ${conns}`);
			};
			await register(0, population.users);
			await register(FIRST_SENDER, population.senders);
		}
		await rm(join(folder, "seed.log"));
	},
	async command(folder, port) {
		const configuration = join(folder, "ejabberd.yml");
		const spool = join(folder, "spool");
		await mkdir(spool, { recursive: true });
		await writeConfiguration("ejabberd/ejabberd.yml", configuration, { PORT: port });
		const limits = ["+K", "true", "+P", "250000", "+Q", "131072"];
		const mnesia = ["-mnesia", "dir", `"${spool}"`];
		return {
			command: findProgram("erl") ?? "erl",
			args: [...limits, "-noshell", "-noinput", ...mnesia, "-s", "ejabberd"],
			env: {
				ERL_LIBS: dirname(findLibrary() ?? "/usr/lib/ejabberd"),
				EJABBERD_CONFIG_PATH: configuration,
				EJABBERD_LOG_PATH: join(folder, "ejabberd.log"),
				ERL_CRASH_DUMP_BYTES: "0",
				HOME: folder,
			},
		};
	},
};
