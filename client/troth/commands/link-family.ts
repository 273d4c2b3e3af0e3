import { Refusal } from "@troth/protocol";
import { LINKING } from "../../consent/as-shown.ts";
import { readConnectAddress, recipientAt } from "../../consent/connect-address.ts";
import { type Command, requireWord } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const linkFamily: Command = {
	name: "link-family",
	usage: "URL [--undo]",
	summary: "says to the company behind this address, signed, that this device has both accounts; --undo takes it back",
	options: { undo: "boolean" },
	run: withDevice("server", async (device, args, { output }) => {
		const address = requireWord(args, 0, "URL");
		const { recipients } = await device.sharing();
		if (args.flag("undo")) {
			const recipient = known(recipientAt(address, recipients));
			const presentation = { control: "command", initiallyOn: false, place: "link" } as const;
			await device.decide([{ purpose: LINKING, granted: false }], presentation);
			output.say({ recipient: recipient.id, linked: false }, `No longer linked to ${recipient.id}.`);
			return;
		}
		const { recipient, nonce } = known(readConnectAddress(address, recipients));
		const title = await askWhose(address, recipient.id, nonce);
		const { choices } = await device.linkRecipient(nonce, recipient.id);
		const event = choices.find(({ purpose }) => purpose === LINKING)?.event;
		output.say(
			{ recipient: recipient.id, account: title, linked: true, event },
			`Linked to ${title}: it gets this one signed word, the kind of device, its system and this app's version.`,
		);
	}),
};

/** Whose account the page belongs to, so that nobody links to a stranger's unseen. Refuses with NOT_FOUND. */
async function askWhose(address: string, recipient: string, nonce: string): Promise<string> {
	const headers = { accept: "application/json" };
	const response = await fetch(address, { headers, redirect: "error" }).catch(() => undefined);
	if (response === undefined) throw new Refusal("UNAVAILABLE", "the company's site does not answer");
	const answer: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
	const page = (typeof answer === "object" && answer !== null ? answer : {}) as Readonly<Record<string, unknown>>;
	if (page["recipient"] !== recipient || page["nonce"] !== nonce || typeof page["title"] !== "string")
		throw new Refusal("NOT_FOUND", "this link is too old or was used: make a new one on the company's page");
	return page["title"];
}

function known<T>(found: T | undefined): T {
	if (found === undefined)
		throw new Refusal("FORBIDDEN", "this address is not on the site of a company that this server names");
	return found;
}
