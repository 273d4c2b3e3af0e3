/** `npm start`: the messenger with its web app on embedded stores, until Ctrl-C. */
import { ConfigError, readConfig, startMessenger } from "@troth/messenger";
import { SystemClock } from "@troth/protocol";
import { buildWeb } from "@troth/web/build.ts";
import { readStartOptions, UsageError } from "./options.ts";
import { untilStopped } from "./until-stopped.ts";

async function main(): Promise<void> {
	readStartOptions(process.argv.slice(2));
	const config = readConfig();
	const { root } = await buildWeb();
	await using messenger = await startMessenger({
		clock: new SystemClock(),
		stores: { kind: "sqlite", directory: config.dataDir },
		host: config.host,
		port: config.port,
		...(config.origin !== undefined && { origin: config.origin }),
		webRoot: root,
		log: (line) => {
			// The console belongs to the person at it: there, only what went wrong; everything where nobody looks.
			if (!process.stdout.isTTY || /"level":"(warn|error)"/.test(line)) process.stderr.write(`${line}\n`);
		},
	});
	console.log(`
  Troth – a messenger that keeps its word

  Open     ${messenger.origin}
  Data     ${config.dataDir}
  Codes    printed here by the development provider; there is no SMS
  Stop     Ctrl-C
`);
	await untilStopped();
	console.log("stopping");
}

try {
	await main();
} catch (error) {
	if (error instanceof UsageError) {
		console.error(`${error.message}\nusage: npm start -- [--profile messenger]`);
		process.exitCode = 2;
	} else if (error instanceof ConfigError) {
		console.error(error.message);
		process.exitCode = 2;
	} else if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
		console.error("the port is taken: end the other program, or choose another with TROTH_PORT");
		process.exitCode = 1;
	} else throw error;
}
