/** The sandbox of the profile `bridge`: a shop with its own customers, and consent, sharing, recall and log beside it. */
import { join } from "node:path";
import { ROUTES } from "@troth/protocol";
import { buildEmbedded } from "@troth/web/embedded/build.ts";
import { serveControls } from "../control.ts";
import { foundFamily } from "../inhabitants/family-members.ts";
import { samplePeople } from "../inhabitants/people.ts";
import { askKnows, openAdAccount } from "../inhabitants/the-companies.ts";
import type { BesideFacts } from "../processes/beside.ts";
import type { BridgeFacts } from "../processes/bridge.ts";
import type { FamilyFacts } from "../processes/family.ts";
import type { HostFacts } from "../processes/host.ts";
import type { WitnessFacts } from "../processes/witness.ts";
import type { SandboxGround } from "../sandbox.ts";
import type { BesideSandboxFacts } from "../sandbox-facts.ts";
import { SupervisedService } from "../supervision/supervised-service.ts";
import { planBeside } from "../topology/plan-beside.ts";

const LIST_FLOOR = 5;

export async function runSandboxBeside(ground: SandboxGround): Promise<BesideSandboxFacts> {
	const { directory, codes, clock, running, options } = ground;
	const people = samplePeople(options.people, "").map(({ name, phone }) => ({ name, phone }));
	const { root: pages } = await buildEmbedded();
	const plan = await planBeside({ directory, pages, people, listFloor: LIST_FLOOR });
	const parts: SupervisedService<unknown, unknown>[] = [];
	const load = <Facts>(name: string, module: string, given: unknown) => {
		const part = SupervisedService.load<unknown, Facts>(
			{ name, module: new URL(`../processes/${module}.ts`, import.meta.url), options: given, standby: false },
			{
				onEvent: ({ phone, code }) => codes.note({ phone, code, by: name }),
				codeFor: (phone) => codes.any(phone),
				onOutput: (text) => ground.onOutput(name, text),
			},
		);
		parts.push(part as SupervisedService<unknown, unknown>);
		return running.use(part);
	};
	const beside = load<BesideFacts>("beside", "beside", plan.beside);
	const door = load<BridgeFacts>("door", "beside-door", plan.door);
	const family = load<FamilyFacts>("family", "family", plan.family);
	const photos = load<FamilyFacts>("photos", "family", plan.photos);
	const witness = load<WitnessFacts>("witness", "witness", plan.witness);
	const shop = load<HostFacts>("shop", "host", plan.shop);
	// The service holds the views of the shop's database against its config, the door reads the service's records.
	const inTurn = shop
		.serve()
		.then(() => beside.serve())
		.then(() => door.serve());
	const outcomes = await Promise.allSettled([witness.serve(), family.serve(), photos.serve(), inTurn]);
	for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
	const companies = [
		{ url: family.facts.url, operatorToken: plan.secrets.familyOperator },
		{ url: photos.facts.url, operatorToken: plan.secrets.photosOperator },
	];
	const controls = running.use(
		await serveControls({
			now: () => clock.now(),
			codeFor: (phone) => codes.last(phone),
			knows: (phone) => askKnows(companies, phone),
			async advance(ms) {
				clock.advance(ms);
				await Promise.all(parts.map((part) => part.advance(ms)));
			},
		}),
	);
	const logins = await foundFamily({ url: family.facts.url, codes }, samplePeople(options.people, ""));
	const adAccount = await openAdAccount(family.facts.url, plan.secrets.familyOperator);
	return {
		bridge: {
			url: beside.facts.url,
			operatorToken: plan.secrets.messengerOperator,
			dataDir: join(directory, "beside"),
		},
		host: { url: shop.facts.url, title: "Corner Shop" },
		sms: { url: controls.url + ROUTES.sandboxSms },
		clock: { url: controls.url + ROUTES.sandboxClock },
		people,
		family: {
			url: family.facts.url,
			graphUrl: family.facts.graphUrl ?? family.facts.url,
			...adAccount,
			operatorToken: plan.secrets.familyOperator,
			probeUrl: controls.url + ROUTES.sandboxKnows,
			logins,
			listFloor: LIST_FLOOR,
			dataDir: join(directory, "family"),
			photosUrl: photos.facts.url,
		},
		transparency: { logs: plan.logs, witnesses: plan.witnesses },
	};
}
