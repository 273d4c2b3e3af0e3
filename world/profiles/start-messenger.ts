/** The profile `messenger`: it alone, in this process. Nothing is shared, and no screen speaks of it. */
import { type MessengerConfig, startMessenger } from "@troth/messenger";
import { SystemClock } from "@troth/protocol";
import { buildWeb } from "@troth/web/build.ts";
import { openWorldSecrets } from "../topology/secrets.ts";
import { messengerDirectory } from "./directories.ts";
import { printOutput, type Running } from "./running.ts";

export async function startMessengerAlone(config: MessengerConfig): Promise<Running> {
	const { root } = await buildWeb();
	const { messengerOperator: operatorToken } = await openWorldSecrets(config.dataDir);
	const messenger = await startMessenger({
		clock: new SystemClock(),
		stores: { kind: "sqlite", directory: messengerDirectory(config) },
		host: config.host,
		port: config.port,
		...(config.origin !== undefined && { origin: config.origin }),
		webRoot: root,
		operatorToken,
		log: printOutput,
	});
	return {
		greeting: `
  Troth – a messenger that keeps its word

  Open     ${messenger.origin}
  Data     ${config.dataDir}
  Codes    printed here by the development provider; there is no SMS
  Stop     Ctrl-C
`,
		[Symbol.asyncDispose]: () => messenger[Symbol.asyncDispose](),
	};
}
