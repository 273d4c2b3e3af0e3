/** The provider that the settings name. */
import { readFile } from "node:fs/promises";
import type { Clock } from "@troth/protocol";
import { ConfigError, type MessengerConfig } from "../config.ts";
import { ConsoleCodeSender } from "./console-code-sender.ts";
import type { CodeSender } from "./port.ts";
import { TwilioCodeSender } from "./twilio-code-sender.ts";
import { WebhookCodeSender } from "./webhook-code-sender.ts";

/**
 * @param origin the messenger's public origin
 * Rejects with ConfigError where the secret can not be read.
 */
export async function openCodeSender(
	codes: MessengerConfig["codes"],
	origin: string,
	clock: Clock,
): Promise<CodeSender> {
	switch (codes.provider) {
		case "development":
			return new ConsoleCodeSender();
		case "webhook":
			return new WebhookCodeSender({ clock, url: codes.url, secret: await readSecret(codes.secretFile), origin });
		case "twilio": {
			const { url, account, from } = codes;
			const authToken = await readSecret(codes.secretFile);
			return new TwilioCodeSender({ account, from, authToken, origin, ...(url !== undefined && { url }) });
		}
	}
}

async function readSecret(path: string): Promise<string> {
	const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
		throw new ConfigError(`TROTH_CODES_SECRET_FILE: can not be read (${error.code ?? error.name})`);
	});
	const secret = text.trim();
	if (secret === "") throw new ConfigError("TROTH_CODES_SECRET_FILE: the file is empty");
	return secret;
}
