/**
 * `npm run witness`: one witness on its own, for logs of whoever asks.
 *
 *     npm run witness -- --name witness.example --dir /var/lib/witness --port 7777 --log VKEY [--log VKEY …] [--host ADDRESS]
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SystemClock } from "@troth/protocol";
import { openSeed } from "@troth/storage";
import { startWitness } from "@troth/transparency/witness/witness.node.ts";

const USAGE =
	"usage: npm run witness -- --name NAME --dir DIRECTORY --port PORT --log VKEY [--log VKEY …] [--host ADDRESS]";

const OPTIONS = {
	name: { type: "string" },
	dir: { type: "string" },
	port: { type: "string" },
	host: { type: "string", default: "127.0.0.1" },
	log: { type: "string", multiple: true },
} as const;

async function main(argv: readonly string[]): Promise<number> {
	const settings = readSettings(argv);
	if (settings === undefined) {
		console.error(USAGE);
		return 2;
	}
	const { name, directory, host, port, logs } = settings;
	const stop = new Promise<void>((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
	});
	const seed = await openSeed(join(directory, "witness.key"));
	const log = (line: string) => console.error(line);
	await using witness = await startWitness({
		clock: new SystemClock(),
		seed,
		directory: join(directory, "witness"),
		name,
		host,
		port,
		logs,
		log,
	});
	console.log(`witness ${witness.url}`);
	console.log(`vkey ${witness.vkey}`);
	await stop;
	return 0;
}

function readSettings(argv: readonly string[]) {
	try {
		const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true });
		const { name, dir: directory, host, log: logs } = values;
		const port = Number(values.port);
		if (!name || !directory || !logs || values.port === undefined) return undefined;
		if (!Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
		return { name, directory, host, port, logs };
	} catch {
		return undefined;
	}
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	console.error(error instanceof Error ? error.message : "the witness failed");
	process.exitCode = 1;
}
