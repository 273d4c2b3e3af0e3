import { type Command, requireWord } from "../command.ts";
import { findConversation } from "../people.ts";
import { withDevice } from "../with-device.ts";

export const restart: Command = {
	name: "restart",
	usage: "PHONE|CONVERSATION",
	summary: "gives a forked or stuck conversation's group up and goes on in a new one; the history is kept",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const { id } = await findConversation(device, requireWord(args, 0, "PHONE or CONVERSATION"));
		const conversation = await device.restartConversation(id);
		output.say({ conversation, replaces: id }, `It goes on as ${conversation}.`);
	}),
};
