/** The profile `messenger`: it alone, in this process. Nothing is shared, and no screen speaks of it. */
import { type MessengerConfig, openCodeSender, startMessenger } from "@troth/messenger";
import { SystemClock } from "@troth/protocol";
import { buildWeb } from "@troth/web/build.ts";
import { backupsOf } from "../restoring/backups.ts";
import { openWorldSecrets } from "../topology/secrets.ts";
import { messengerDirectory } from "./directories.ts";
import { printOutput, type Running } from "./running.ts";

export async function startMessengerAlone(config: MessengerConfig): Promise<Running> {
	const { root } = await buildWeb();
	const { messengerOperator: operatorToken } = await openWorldSecrets(config.dataDir);
	const clock = new SystemClock();
	const origin = config.origin ?? `http://${config.host}:${config.port}`;
	const codes = await openCodeSender(config.codes, origin, clock);
	const messenger = await startMessenger({
		clock,
		codes,
		...(config.codeCountries !== undefined && { codeCountries: config.codeCountries }),
		trustedProxies: config.trustedProxies,
		absenceDays: config.absenceDays,
		...(config.push !== undefined && { push: config.push }),
		stores: { kind: "sqlite", directory: messengerDirectory(config) },
		host: config.host,
		port: config.port,
		...(config.origin !== undefined && { origin: config.origin }),
		webRoot: root,
		operatorToken,
		backups: backupsOf(config.dataDir),
		log: printOutput,
	});
	return {
		greeting: `
  Troth – a messenger that keeps its word

  Open     ${messenger.origin}
  Data     ${config.dataDir}
  Codes    ${codes.development ? "printed here by the development provider; there is no SMS" : `sent by the ${config.codes.provider} provider`}
  Stop     Ctrl-C
`,
		[Symbol.asyncDispose]: () => messenger[Symbol.asyncDispose](),
	};
}
