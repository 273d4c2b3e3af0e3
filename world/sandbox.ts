/** `npm run sandbox`: a fresh world with sample people and a movable clock (docs/sandbox.md). Leaves nothing behind. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROUTES, SystemClock } from "@troth/protocol";
import { buildWeb } from "@troth/web/build.ts";
import { serveControls } from "./control.ts";
import { readSandboxOptions, UsageError } from "./options.ts";
import { registerPeople, type SamplePerson } from "./people.ts";
import type { MessengerFacts, MessengerProcessOptions } from "./processes/messenger.ts";
import { freePorts } from "./supervision/ports.ts";
import { SupervisedService } from "./supervision/supervised-service.ts";
import { untilStopped } from "./until-stopped.ts";

/** What outside programs read; keys are only ever added. */
interface SandboxFacts {
	readonly messenger: {
		readonly url: string;
		readonly dataDir: string;
		readonly nodes: readonly { readonly url: string; readonly pid: number }[];
	};
	readonly sms: { readonly url: string };
	readonly clock: { readonly url: string };
	readonly people: readonly SamplePerson[];
}

async function main(): Promise<void> {
	const options = readSandboxOptions(process.argv.slice(2));
	const stopped = untilStopped();
	await using world = new AsyncDisposableStack();

	const directory = await mkdtemp(join(tmpdir(), "troth-sandbox-"));
	world.defer(() => rm(directory, { recursive: true, force: true }));
	const dataDir = join(directory, "messenger");
	const { root } = await buildWeb();
	const codes = new Map<string, string>();
	const clock = new SystemClock();
	const [port = 0] = await freePorts(1);
	const node = world.use(
		await SupervisedService.start<MessengerProcessOptions, MessengerFacts>(
			{
				name: "messenger",
				module: new URL("./processes/messenger.ts", import.meta.url),
				options: { stores: { kind: "sqlite", directory: dataDir }, port, webRoot: root, codes: "told" },
				standby: true,
			},
			{
				onEvent: ({ phone, code }) => codes.set(phone, code),
				onOutput: (text) => process.stderr.write(text),
			},
		),
	);
	const { url } = node.facts;
	const controls = world.use(
		await serveControls({
			now: () => clock.now(),
			codeFor: (phone) => codes.get(phone),
			async advance(ms) {
				clock.advance(ms);
				await node.advance(ms);
			},
		}),
	);
	const people = await registerPeople(url, options.people, join(directory, "people"), (phone) => codes.get(phone));
	const facts: SandboxFacts = {
		messenger: { url, dataDir, nodes: [{ url, pid: node.pid }] },
		sms: { url: controls.url + ROUTES.sandboxSms },
		clock: { url: controls.url + ROUTES.sandboxClock },
		people,
	};
	console.log(options.json ? JSON.stringify(facts) : readable(facts));
	await stopped;
}

function readable({ messenger, sms, clock, people }: SandboxFacts): string {
	const rows = people.map(
		({ name, phone, profile }) => `  ${name.padEnd(10)} ${phone}   npx troth --profile ${profile} …`,
	);
	return `
  Troth sandbox – everything here is gone when it ends (Ctrl-C)

  Open       ${messenger.url}
  Codes      ${sms.url}?phone=+15550100099
  Clock      curl -d '{"advanceMs": 86400000}' ${clock.url}
  Files      ${messenger.dataDir}

${rows.join("\n")}
`;
}

try {
	await main();
} catch (error) {
	if (!(error instanceof UsageError)) throw error;
	console.error(`${error.message}\nusage: npm run sandbox -- [--json] [--people N] [--profile messenger]`);
	process.exitCode = 2;
}
