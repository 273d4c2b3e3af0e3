import type { Device, FindingView } from "../../device/api.ts";
import { nameLink } from "../../finding/contact-link.ts";
import { type Command, UsageError } from "../command.ts";
import type { Output } from "../output.ts";
import { withDevice } from "../with-device.ts";

export const contactLink: Command = {
	name: "contact-link",
	usage: "[new | revoke] [--name NAME]",
	summary:
		"a link by which people write to you and know your key; a new one ends the one before. --name puts a name into it",
	options: { name: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		say(output, await act(device, args.words[0]), args.option("name"));
	}),
};

function act(device: Device, word: string | undefined): Promise<FindingView> {
	if (word === undefined) return device.finding();
	if (word === "new") return device.makeContactLink();
	if (word === "revoke") return device.revokeContactLink();
	throw new UsageError(`there is no contact-link ${word}`);
}

function say(output: Output, { link }: FindingView, name: string | undefined): void {
	switch (link.state) {
		case "none":
			output.say({}, "You have no contact link.");
			break;
		case "elsewhere":
			output.say({ madeAt: link.madeAtMs, elsewhere: true }, "Another device made it: make a new one to have it here.");
			break;
		case "here": {
			const address = name === undefined ? link.address : nameLink(link.address, name);
			output.say({ link: address, madeAt: link.madeAtMs }, address);
		}
	}
}
