/** `npm run sandbox`: a fresh world with sample people and a movable clock (docs/sandbox.md). Leaves nothing behind. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemClock } from "@troth/protocol";
import { buildWeb } from "@troth/web/build.ts";
import { readSandboxOptions, type SandboxOptions, UsageError } from "./options.ts";
import { runSandboxBeside } from "./profiles/sandbox-beside.ts";
import { runSandboxMessenger } from "./profiles/sandbox-messenger.ts";
import { runSandboxWorld } from "./profiles/sandbox-world.ts";
import { describeBesideFacts, describeFacts, type SandboxFacts } from "./sandbox-facts.ts";
import { SentCodes } from "./supervision/codes.ts";
import { untilStopped } from "./until-stopped.ts";

/** What a profile of the sandbox is started with. */
export interface SandboxGround {
	readonly options: SandboxOptions;
	/** Empty, and gone at the end. */
	readonly directory: string;
	readonly webRoot: string;
	readonly codes: SentCodes;
	readonly clock: SystemClock;
	/** What is started here is ended in the opposite order. */
	readonly running: AsyncDisposableStack;
	readonly onOutput: (part: string, text: string) => void;
}

async function main(): Promise<void> {
	const options = readSandboxOptions(process.argv.slice(2));
	const stopped = untilStopped();
	await using running = new AsyncDisposableStack();
	const directory = await mkdtemp(join(tmpdir(), "troth-sandbox-"));
	// A process that was killed hard may have left a file that appears late.
	running.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
	// The profile `bridge` has pages of its own.
	const { root: webRoot } = options.profile === "bridge" ? { root: "" } : await buildWeb();
	const ground: SandboxGround = {
		options,
		directory,
		webRoot,
		codes: new SentCodes(),
		clock: new SystemClock(),
		running,
		onOutput: (_part, text) => process.stderr.write(text),
	};
	if (options.profile === "bridge") {
		const facts = await runSandboxBeside(ground);
		console.log(options.json ? JSON.stringify(facts) : describeBesideFacts(facts));
	} else {
		const facts: SandboxFacts =
			options.profile === "world" ? await runSandboxWorld(ground) : await runSandboxMessenger(ground);
		console.log(options.json ? JSON.stringify(facts) : describeFacts(facts));
	}
	await stopped;
}

try {
	await main();
} catch (error) {
	if (!(error instanceof UsageError)) throw error;
	console.error(
		`${error.message}\nusage: npm run sandbox -- [--json] [--people N] [--profile world|messenger|bridge] [--policy opt-in|opt-out] [--webhook URL]`,
	);
	process.exitCode = 2;
}
