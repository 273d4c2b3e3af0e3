import { type Command, countOption, requireWord } from "../command.ts";
import { describeMessage, eventOf } from "../events.ts";
import { findConversation } from "../people.ts";
import { withDevice } from "../with-device.ts";

const USUAL_LIMIT = 50;

export const history: Command = {
	name: "history",
	usage: "CONVERSATION|PHONE [--limit N]",
	summary: "shows what this device has of a conversation",
	options: { limit: "string" },
	run: withDevice("store", async (device, args, { output }) => {
		const limit = countOption(args, "limit") ?? USUAL_LIMIT;
		const { id } = await findConversation(device, requireWord(args, 0, "CONVERSATION"));
		for (const message of await device.messages(id, { limit })) output.say(eventOf(message), describeMessage(message));
	}),
};
