/** `npm start`: everything on embedded stores, or the messenger alone, until Ctrl-C. */
import { ConfigError, readConfig } from "@troth/messenger";
import { readStartOptions, UsageError } from "./options.ts";
import { startMessengerAlone } from "./profiles/start-messenger.ts";
import { startWholeWorld } from "./profiles/start-world.ts";
import { ServiceCallError, ServiceFailedError } from "./supervision/supervised-service.ts";
import { untilStopped } from "./until-stopped.ts";

async function main(): Promise<void> {
	const options = readStartOptions(process.argv.slice(2));
	const config = readConfig();
	const stopped = untilStopped();
	await using running =
		options.profile === "world" ? await startWholeWorld(config, options) : await startMessengerAlone(config);
	console.log(running.greeting);
	await stopped;
	console.log("stopping");
}

try {
	await main();
} catch (error) {
	if (error instanceof UsageError) {
		console.error(`${error.message}\nusage: npm start -- [--profile world|messenger] [--policy opt-in|opt-out]`);
		process.exitCode = 2;
	} else if (error instanceof ConfigError) {
		console.error(error.message);
		process.exitCode = 2;
	} else if (isPortTaken(error)) {
		console.error("a port is taken: end the other program, or choose others with TROTH_PORT (the first of seven)");
		process.exitCode = 1;
	} else if (error instanceof ServiceFailedError || error instanceof ServiceCallError) {
		console.error(error.message);
		process.exitCode = 1;
	} else throw error;
}

function isPortTaken(error: unknown): boolean {
	if (error instanceof ServiceFailedError) return error.output.includes("EADDRINUSE");
	return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
