import type { Command } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const terms: Command = {
	name: "terms",
	usage: "",
	summary: "shows the terms in force and what this account accepted",
	options: {},
	run: withDevice("server", async (device, _args, { output }) => {
		const { version, publishedAtMs, summary, documents, acceptedVersion } = await device.terms();
		const state = acceptedVersion === version ? "accepted" : `not accepted yet: troth accept ${version}`;
		const texts = documents.flatMap((document) => ["", `# ${document.title}`, "", document.body]);
		output.say(
			{ version, publishedAt: publishedAtMs, acceptedVersion, summary, documents },
			[`Version ${version}, ${state}`, ...summary.map((line) => `  · ${line}`), ...texts].join("\n"),
		);
	}),
};
