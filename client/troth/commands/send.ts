import type { MessageId } from "@troth/protocol";
import { type Command, requireWord, UsageError } from "../command.ts";
import { findConversation, findPerson, isConversation } from "../people.ts";
import { unlessUnreachable } from "../reaching.ts";
import { withDevice } from "../with-device.ts";

export const send: Command = {
	name: "send",
	usage: "--to PHONE|CONVERSATION [--reply ID] TEXT",
	summary: "sends a message and waits until the server has stored it durably",
	options: { to: "string", reply: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const to = args.option("to");
		if (to === undefined || to === "") throw new UsageError("--to is missing");
		const text = requireWord(args, 0, "TEXT");
		if (args.words.length > 1) throw new UsageError("put the text in quotes");
		const reply = args.option("reply");
		if (reply !== undefined && !/^[0-9a-f]{32}$/.test(reply)) throw new UsageError("--reply takes a message id");
		const conversation = isConversation(to)
			? (await findConversation(device, to)).id
			: await device.openDirect((await findPerson(device, to)).account);
		const message = await device.send(conversation, text, reply as MessageId | undefined);
		if (message.id === undefined) throw new TypeError("a sent message has an id");
		const { seq, timeMs } = await unlessUnreachable(
			device,
			device.stored(conversation, message.id),
			"the server can not be reached; the message is kept and sent with the next command",
		);
		output.say({ id: message.id, conversation, seq, time: timeMs }, `Stored as number ${seq}.`);
	}),
};
