/** `npm start`: everything on embedded stores, the messenger alone, or the bridge beside a host, until Ctrl-C. */
import { BesideConfigError } from "@troth/bridge/beside/config.ts";
import { ConfigError, readConfig } from "@troth/messenger";
import { readStartOptions, type StartOptions, UsageError } from "./options.ts";
import type { Running } from "./profiles/running.ts";
import { startBesideHost } from "./profiles/start-beside.ts";
import { startMessengerAlone } from "./profiles/start-messenger.ts";
import { startWholeWorld } from "./profiles/start-world.ts";
import { ServiceCallError, ServiceFailedError } from "./supervision/supervised-service.ts";
import { untilStopped } from "./until-stopped.ts";

async function main(): Promise<void> {
	const options = readStartOptions(process.argv.slice(2));
	const stopped = untilStopped();
	await using running = await startProfile(options);
	console.log(running.greeting);
	await stopped;
	console.log("stopping");
}

function startProfile(options: StartOptions): Promise<Running> {
	if (options.config !== undefined) return startBesideHost(options.config);
	const config = readConfig();
	return options.profile === "world" ? startWholeWorld(config, options) : startMessengerAlone(config);
}

try {
	await main();
} catch (error) {
	if (error instanceof UsageError) {
		console.error(
			`${error.message}\nusage: npm start -- [--profile world|messenger|bridge] [--policy opt-in|opt-out] [--config FILE]`,
		);
		process.exitCode = 2;
	} else if (error instanceof ConfigError || error instanceof BesideConfigError) {
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
