/** The profile `world`: the messenger, the bridge, a witness, the parent, a second company and a sample business. */
import { ConfigError, type MessengerConfig } from "@troth/messenger";
import { buildWeb } from "@troth/web/build.ts";
import { openShop } from "../inhabitants/shop.ts";
import type { StartOptions } from "../options.ts";
import { SentCodes } from "../supervision/codes.ts";
import { planWorld } from "../topology/plan.ts";
import { choosePorts } from "../topology/ports.ts";
import { readPublicAddresses } from "../topology/public-addresses.ts";
import { runWorld } from "../topology/run-world.ts";
import { nextPolicyPath } from "./next-policy.ts";
import { printOutput, type Running } from "./running.ts";

/** Smallest matched list that serves ads (audience-api section 7). */
const LIST_FLOOR = 100;

export async function startWholeWorld(config: MessengerConfig, { policy }: StartOptions): Promise<Running> {
	if (config.codes.provider !== "development")
		throw new ConfigError("TROTH_CODES: the sample people of this profile have no telephones; see --profile messenger");
	const { root } = await buildWeb();
	const plan = await planWorld({
		directory: config.dataDir,
		host: config.host,
		ports: await choosePorts(config.port),
		...(config.origin !== undefined && { origin: config.origin }),
		publicAddresses: readPublicAddresses(process.env),
		webRoot: root,
		...(config.push !== undefined && { push: config.push }),
		absenceDays: config.absenceDays,
		nextPolicy: nextPolicyPath(policy),
		codes: "console",
		listFloor: LIST_FLOOR,
	});
	const world = await runWorld(plan, new SentCodes(), (_part, text) => printOutput(text));
	const shop = await openShop(plan, world);
	return {
		greeting: `
  Troth – a messenger that keeps its word

  Open       ${world.messenger.facts.origin}
  Family     ${world.family.facts.url}   the parent company, with a web site of its own
  Photos     ${world.photos.facts.url}   a second company of its family
  Business   ${shop.facts.url}   the gateway of a sample business; its token: ${shop.facts.accessToken}
  Operator   npx troth operator terms show --server ${world.messenger.facts.origin} --token ${plan.secrets.messengerOperator}
  Data       ${config.dataDir}
  Codes      printed here by the development provider; there is no SMS
  Stop       Ctrl-C
`,
		[Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
	};
}
