/** A messenger node as a process of its own. */
import { dirname } from "node:path";
import { type MessengerOptions, startMessenger } from "@troth/messenger";
import { backupsOf } from "../restoring/backups.ts";
import { serve } from "../supervision/serve.ts";

/** What a node is started with, beside clock and codes. */
export type MessengerProcessOptions = Omit<MessengerOptions, "clock" | "codes" | "onCode" | "log" | "backups"> & {
	/** `told`: codes go to the world alone (the sandbox). `console`: printed too, by the development provider. */
	readonly codes: "told" | "console";
};

export interface MessengerFacts {
	readonly url: string;
	readonly origin: string;
}

serve<MessengerProcessOptions, MessengerFacts>(async ({ codes, ...options }, { clock, tell }) => {
	const messenger = await startMessenger({
		...options,
		clock,
		...(options.stores.kind === "sqlite" && { backups: backupsOf(dirname(options.stores.directory)) }),
		...(codes === "told" && { codes: { development: true, send: async () => {} } }),
		onCode: (phone, code) => tell({ kind: "code", phone, code }),
	});
	return {
		facts: { url: messenger.url, origin: messenger.origin },
		[Symbol.asyncDispose]: () => messenger[Symbol.asyncDispose](),
	};
});
