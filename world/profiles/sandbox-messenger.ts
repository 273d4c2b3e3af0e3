/** The sandbox with the messenger alone: nothing is shared, and no screen speaks of it. */
import { join } from "node:path";
import { ROUTES } from "@troth/protocol";
import { serveControls } from "../control.ts";
import { registerPeople, samplePeople } from "../inhabitants/people.ts";
import type { MessengerFacts, MessengerProcessOptions } from "../processes/messenger.ts";
import type { SandboxGround } from "../sandbox.ts";
import type { SandboxFacts } from "../sandbox-facts.ts";
import { freePorts } from "../supervision/ports.ts";
import { SupervisedService } from "../supervision/supervised-service.ts";
import { openWorldSecrets } from "../topology/secrets.ts";

export async function runSandboxMessenger(ground: SandboxGround): Promise<SandboxFacts> {
	const { directory, webRoot, codes, clock, running, options } = ground;
	const dataDir = join(directory, "messenger");
	const [port = 0] = await freePorts(1);
	const { messengerOperator: operatorToken } = await openWorldSecrets(directory);
	const node = running.use(
		await SupervisedService.start<MessengerProcessOptions, MessengerFacts>(
			{
				name: "messenger",
				module: new URL("../processes/messenger.ts", import.meta.url),
				options: { stores: { kind: "sqlite", directory: dataDir }, port, webRoot, codes: "told", operatorToken },
				standby: true,
			},
			{
				onEvent: ({ phone, code }) => codes.note({ phone, code, by: "messenger" }),
				onOutput: (text) => ground.onOutput("messenger", text),
			},
		),
	);
	const controls = running.use(
		await serveControls({
			now: () => clock.now(),
			codeFor: (phone) => codes.last(phone),
			async advance(ms) {
				clock.advance(ms);
				await node.advance(ms);
			},
		}),
	);
	const { url } = node.facts;
	const people = samplePeople(options.people, join(directory, "people"));
	await registerPeople(url, people, codes);
	return {
		messenger: { url, operatorToken, dataDir, nodes: [{ url, pid: node.pid }] },
		sms: { url: controls.url + ROUTES.sandboxSms },
		clock: { url: controls.url + ROUTES.sandboxClock },
		people,
	};
}
