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
		const { choices } = await device.linkRecipient(nonce, recipient.id);
		const event = choices.find(({ purpose }) => purpose === LINKING)?.event;
		output.say(
			{ recipient: recipient.id, linked: true, event },
			`Linked to ${recipient.id}: it gets this one signed word, the kind of device, its system and this app's version.`,
		);
	}),
};

function known<T>(found: T | undefined): T {
	if (found === undefined)
		throw new Refusal("FORBIDDEN", "this address is not on the site of a company that this server names");
	return found;
}
