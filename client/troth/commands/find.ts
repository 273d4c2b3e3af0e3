import { type Command, requireWord } from "../command.ts";
import { findPerson } from "../people.ts";
import { withDevice } from "../with-device.ts";

export const find: Command = {
	name: "find",
	usage: "PHONE|@USERNAME|LINK",
	summary: "finds a person by what they gave; whoever is found by link counts as verified",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const person = await findPerson(device, requireWord(args, 0, "PHONE, @USERNAME or LINK"));
		const { account, name, phone } = person;
		const verified = person.self || (await device.safetyNumber(account)).verified;
		output.say(
			{ account, ...(name !== undefined && { name }), ...(phone !== undefined && { phone }), verified },
			`${account}  ${name ?? phone ?? "somebody"}${person.self ? " (you)" : verified ? "  (verified)" : ""}`,
		);
	}),
};
