import type { FindingView } from "../../device/api.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import type { Output } from "../output.ts";
import { withDevice } from "../with-device.ts";

export const username: Command = {
	name: "username",
	usage: "[set NAME | remove]",
	summary: "a name by which people write to you without your number; one that you give up rests for 30 days",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		switch (args.words[0]) {
			case undefined:
				return say(output, await device.finding());
			case "set":
				return say(output, await device.setUsername(requireWord(args, 1, "NAME")));
			case "remove":
				return say(output, await device.removeUsername());
			default:
				throw new UsageError(`there is no username ${args.words[0]}`);
		}
	}),
};

function say(output: Output, { username }: FindingView): void {
	output.say(
		{ ...(username !== undefined && { username }) },
		username === undefined ? "You have no username." : `People find you as @${username}.`,
	);
}
