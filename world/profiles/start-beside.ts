/** The profile `bridge`: service and door beside an application that has its own users, each in a process of its own. */
import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { readBesideConfig } from "@troth/bridge/beside/config.ts";
import { openSeed } from "@troth/storage";
import { buildEmbedded } from "@troth/web/embedded/build.ts";
import type { BesideFacts, BesideProcessOptions } from "../processes/beside.ts";
import type { BesideDoorProcessOptions } from "../processes/beside-door.ts";
import type { BridgeFacts } from "../processes/bridge.ts";
import { SupervisedService } from "../supervision/supervised-service.ts";
import { printOutput, type Running } from "./running.ts";

/** Rejects with BesideConfigError, and where a part does not start. */
export async function startBesideHost(config: string): Promise<Running> {
	const setup = await readBesideConfig(config, doorToken);
	const { root } = await buildEmbedded();
	await using started = new AsyncDisposableStack();
	const listener = {
		onEvent: () => {},
		codeFor: () => new Promise<string>(() => {}),
		onOutput: printOutput,
	};
	const start = async <Options, Facts>(name: string, module: string, options: Options) => {
		const url = new URL(`../processes/${module}.ts`, import.meta.url);
		return started.use(
			await SupervisedService.start<Options, Facts>({ name, module: url, options, standby: false }, listener),
		);
	};
	const pages = { root, origins: setup.embedIn };
	await start<BesideProcessOptions, BesideFacts>("beside", "beside", { ...setup.beside, pages });
	await start<BesideDoorProcessOptions, BridgeFacts>("door", "beside-door", setup.door);
	const running = started.move();
	const { beside, door, origin, dataDir, keys, logKeys } = setup;
	return {
		greeting: `
  Troth – consent, sharing, recall and log beside ${beside.title}

  Service     http://${beside.host}:${beside.port}   browsers reach it as ${origin}
  Door        http://${door.host}:${door.port}   its share log is public, the rest of it is not
  Recipients  believe policies of ${keys.policyKey}
              and the share log  ${keys.shareLog}
  Witnesses   watch              ${logKeys.join("\n                                 ")}
  Data        ${dataDir}
  Stop        Ctrl-C
`,
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}

/** What service and door know each other by. */
async function doorToken(dataDir: string): Promise<string> {
	const seed = await openSeed(join(dataDir, "world.key"));
	return Buffer.from(hkdfSync("sha256", seed, "", "troth/v1/world/beside-door", 24)).toString("base64url");
}
