import { type Command, requireWord } from "../command.ts";
import { findPerson } from "../people.ts";
import { withDevice } from "../with-device.ts";

export const block: Command = {
	name: "block",
	usage: "PHONE",
	summary: "takes no messages from this person any more; they are not told",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const person = await findPerson(device, requireWord(args, 0, "PHONE"));
		await device.block(person.account);
		output.say({ account: person.account, blocked: true }, "Blocked.");
	}),
};

export const unblock: Command = {
	name: "unblock",
	usage: "PHONE",
	summary: "takes messages from this person again",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const person = await findPerson(device, requireWord(args, 0, "PHONE"));
		await device.unblock(person.account);
		output.say({ account: person.account, blocked: false }, "Unblocked.");
	}),
};
