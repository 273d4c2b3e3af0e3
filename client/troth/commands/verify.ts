import { type Command, requireWord } from "../command.ts";
import { findPerson } from "../people.ts";
import { withDevice } from "../with-device.ts";

export const verify: Command = {
	name: "verify",
	usage: "PHONE [--confirm | --withdraw]",
	summary: "shows the safety number with this person; equal on both sides means nobody is in between",
	options: { confirm: "boolean", withdraw: "boolean" },
	run: withDevice("server", async (device, args, { output }) => {
		const person = await findPerson(device, requireWord(args, 0, "PHONE"));
		if (args.flag("confirm") || args.flag("withdraw"))
			await device.confirmSafetyNumber(person.account, args.flag("confirm"));
		const { digits, verified } = await device.safetyNumber(person.account);
		const rows = [digits.slice(0, 4), digits.slice(4, 8), digits.slice(8)].map((row) => `  ${row.join(" ")}`);
		output.say(
			{ account: person.account, digits: digits.join(" "), verified },
			[...rows, verified ? "Verified." : "Not verified."].join("\n"),
		);
	}),
};
