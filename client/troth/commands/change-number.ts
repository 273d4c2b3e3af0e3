import { CodeNeeded } from "../code-needed.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import { PIN_QUESTION } from "../registration-pin.ts";
import { withDevice } from "../with-device.ts";

export const changeNumber: Command = {
	name: "change-number",
	usage: "PHONE [--code CODE] [--pin PIN]",
	summary:
		"gives this account another number: recalls what was shared under the old one, shares anew what still stands",
	options: { code: "string", pin: "string" },
	run: withDevice("server", async (device, args, { output, ask, interactive }) => {
		const phone = requireWord(args, 0, "PHONE");
		let { attempt, replacesAccount } = await device.requestNumberCode(phone);
		if (replacesAccount === undefined) {
			const code = args.option("code") ?? (await ask(`The code that was sent to ${phone}: `));
			if (code === "") throw new CodeNeeded();
			const verified = await device.verifyNumberCode(attempt, code);
			replacesAccount = verified.replacesAccount;
			if (verified.lockedUntilMs !== undefined)
				await device.unlockNewNumber(attempt, args.option("pin") ?? (await ask(PIN_QUESTION)));
		}
		if (replacesAccount && interactive) {
			const answer = await ask("This number has another account here, which will end. Go on? [y/N] ");
			if (!/^y(es)?$/i.test(answer)) throw new UsageError("not changed");
		}
		const changed = await device.changeNumber(attempt, "command");
		const { renewed, ended } = changed;
		output.say(
			{ phone: changed.phone, renewed, ended },
			[
				`Your number is ${changed.phone}. What was shared under the old one is being recalled.`,
				...renewed.map((purpose) => `  ${purpose}: goes on under this number`),
				...ended.map((purpose) => `  ${purpose}: ended; \`troth consent grant\` asks again`),
			].join("\n"),
		);
	}),
};
