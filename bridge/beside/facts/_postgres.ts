/** A PostgreSQL server of the test's own, on a socket in a directory of its own; for machines that have the programs. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";

/** Where Debian and others put the server's programs; undefined where there are none. */
export function findPostgres(): string | undefined {
	return globSync("/usr/{lib/postgresql,pgsql-}*/{*/,}bin")
		.filter((bin) => existsSync(join(bin, "initdb")) && existsSync(join(bin, "postgres")))
		.sort()
		.at(-1);
}

/** The server refuses to run as root: then somebody with few rights runs it. */
function runner(): { readonly uid?: number; readonly gid?: number } {
	if (process.getuid?.() !== 0) return {};
	for (const user of ["postgres", "nobody"]) {
		try {
			const id = (flag: string) => Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: "pipe" }));
			return { uid: id("-u"), gid: id("-g") };
		} catch {
			// Not on this machine.
		}
	}
	throw new Error("there is nobody to run PostgreSQL as");
}

export interface TestPostgres extends AsyncDisposable {
	/** A connection string for this role. */
	url(role: string, database?: string): string;
	/** Runs statements as the superuser. */
	run(sql: string, database?: string): Promise<void>;
	/** Ends it hard, as a power cut does; the next `start` finds what was there. */
	stop(): Promise<void>;
	start(): Promise<void>;
}

const SUPERUSER = "owner";

export async function startPostgres(bin: string): Promise<TestPostgres> {
	const directory = mkdtempSync(join(tmpdir(), "troth-pg-"));
	const as = runner();
	if (as.uid !== undefined && as.gid !== undefined) chownSync(directory, as.uid, as.gid);
	const data = join(directory, "data");
	const options = { ...as, cwd: directory, stdio: "ignore" } as const;
	execFileSync(
		join(bin, "initdb"),
		["-D", data, "-U", SUPERUSER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"],
		options,
	);
	const url = (role: string, database = "postgres") =>
		`postgres://${role}@/${database}?host=${encodeURIComponent(directory)}`;
	let server: ReturnType<typeof spawn> | undefined;
	const run = async (sql: string, database?: string) => {
		const client = new pg.Client({ connectionString: url(SUPERUSER, database) });
		await client.connect();
		await client.query(sql).finally(() => client.end());
	};
	const stop = async () => {
		if (server === undefined) return;
		const ended = once(server, "exit");
		server.kill("SIGQUIT");
		await ended;
		server = undefined;
	};
	const start = async () => {
		const settings = ["listen_addresses=", `unix_socket_directories=${directory}`, "fsync=off", "shared_buffers=16MB"];
		const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
		server = spawn(join(bin, "postgres"), args, options);
		for (;;) {
			try {
				return await run("select 1");
			} catch (error) {
				if (server.exitCode !== null) throw error;
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
		}
	};
	await start();
	return {
		url,
		run,
		stop,
		start,
		async [Symbol.asyncDispose]() {
			await stop();
			await rm(directory, { recursive: true, force: true });
		},
	};
}
