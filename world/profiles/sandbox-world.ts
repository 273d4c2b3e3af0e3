/** The sandbox with everything: the messenger, the parent, a second company, a business, the bridge and a witness. */
import { join } from "node:path";
import { ROUTES } from "@troth/protocol";
import { serveControls } from "../control.ts";
import { openCustomers } from "../inhabitants/customers.ts";
import { foundFamily } from "../inhabitants/family-members.ts";
import { registerPeople, samplePeople } from "../inhabitants/people.ts";
import { openShop } from "../inhabitants/shop.ts";
import { askKnows, openAdAccount } from "../inhabitants/the-companies.ts";
import type { SandboxGround } from "../sandbox.ts";
import type { SandboxFacts } from "../sandbox-facts.ts";
import { planWorld } from "../topology/plan.ts";
import { choosePorts } from "../topology/ports.ts";
import { runWorld } from "../topology/run-world.ts";
import { nextPolicyPath } from "./next-policy.ts";

/** So that a handful of people is enough; elsewhere a list has to match a hundred. */
const LIST_FLOOR = 5;
/** So that something can be seen; elsewhere it is ten. */
const COUNT_FLOOR = 2;

export async function runSandboxWorld(ground: SandboxGround): Promise<SandboxFacts> {
	const { directory, webRoot, codes, clock, running, options } = ground;
	const plan = await planWorld({
		directory,
		host: "127.0.0.1",
		ports: await choosePorts(0),
		webRoot,
		nextPolicy: nextPolicyPath(options.policy),
		codes: "told",
		listFloor: LIST_FLOOR,
		countFloor: COUNT_FLOOR,
		...(options.webhook !== undefined && { webhook: options.webhook }),
	});
	const world = running.use(await runWorld(plan, codes, ground.onOutput));
	const { url } = world.messenger.facts;
	const companies = [
		{ url: world.family.facts.url, operatorToken: plan.secrets.familyOperator },
		{ url: world.photos.facts.url, operatorToken: plan.secrets.photosOperator },
	];
	const controls = running.use(
		await serveControls({
			now: () => clock.now(),
			codeFor: (phone) => codes.last(phone),
			knows: (phone) => askKnows(companies, phone),
			async advance(ms) {
				clock.advance(ms);
				await world.advance(ms);
			},
		}),
	);
	const people = samplePeople(options.people, join(directory, "people"));
	// What one process waits for, another one may do meanwhile.
	const [shop, logins, adAccount] = await Promise.all([
		openShop(plan, world),
		foundFamily({ url: world.family.facts.url, codes }, people),
		openAdAccount(world.family.facts.url, plan.secrets.familyOperator),
		registerPeople(url, people, codes),
	]);
	const customers = running.use(await openCustomers({ server: url, directory, codes, shop }));
	return {
		messenger: {
			url,
			operatorToken: plan.secrets.messengerOperator,
			dataDir: join(directory, "messenger"),
			nodes: [{ url, pid: world.messenger.pid }],
		},
		sms: { url: controls.url + ROUTES.sandboxSms },
		clock: { url: controls.url + ROUTES.sandboxClock },
		people,
		family: {
			url: world.family.facts.url,
			graphUrl: world.family.facts.graphUrl ?? world.family.facts.url,
			...adAccount,
			operatorToken: plan.secrets.familyOperator,
			probeUrl: controls.url + ROUTES.sandboxKnows,
			logins,
			listFloor: LIST_FLOOR,
			dataDir: join(directory, "family"),
			photosUrl: world.photos.facts.url,
		},
		business: { ...shop.facts, ...customers.facts },
		transparency: { logs: plan.logs, witnesses: plan.witnesses },
	};
}
