import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, UsageError } from "../command.ts";
import { eventOf } from "../events.ts";
import { withDevice } from "../with-device.ts";

const PAGE = 500;

export const exportProfile: Command = {
	name: "export",
	usage: "--out DIR",
	summary: "writes everything this device has as plain JSON: account, receipts, conversations, messages",
	options: { out: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const out = args.option("out");
		if (out === undefined || out === "") throw new UsageError("--out is missing");
		// What is written here is plaintext: only its owner may read it.
		await mkdir(join(out, "conversations"), { recursive: true, mode: 0o700 });
		const write = (name: string, text: string) => writeFile(join(out, name), text, { mode: 0o600 });
		const list = await device.conversations();
		const { acceptedVersion } = await device.terms();
		await write(
			"account.json",
			JSON.stringify(
				{
					format: "troth-export/1",
					self: await device.self(),
					acceptedTerms: acceptedVersion,
					devices: await device.devices(),
					blocked: await device.blocked(),
				},
				null,
				"\t",
			),
		);
		const receipts = await device.receipts();
		if (receipts.length > 0) await mkdir(join(out, "receipts"), { recursive: true, mode: 0o700 });
		for (const { event, document } of receipts) await write(join("receipts", `${event}.jsonld`), document);
		let messages = 0;
		for (const conversation of list) {
			const lines: string[] = [];
			for (let beforeKey: string | undefined; ; ) {
				const page = await device.messages(conversation.id, {
					limit: PAGE,
					...(beforeKey !== undefined && { beforeKey }),
				});
				lines.unshift(...page.map((message) => JSON.stringify(eventOf(message))));
				beforeKey = page[0]?.key;
				if (page.length < PAGE) break;
			}
			messages += lines.length;
			const { id, kind, title, members } = conversation;
			await write(
				join("conversations", `${id}.json`),
				JSON.stringify({ conversation: id, kind, title, members }, null, "\t"),
			);
			await write(join("conversations", `${id}.jsonl`), lines.map((line) => `${line}\n`).join(""));
		}
		output.say(
			{ out, conversations: list.length, messages, receipts: receipts.length },
			`${messages} messages of ${list.length} conversations in ${out}. They are readable by anyone who can read these files.`,
		);
	}),
};
