import type { Device, NumberTelling } from "../../device/api.ts";
import { CodeNeeded } from "../code-needed.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import { PIN_QUESTION } from "../registration-pin.ts";
import { withDevice } from "../with-device.ts";

export const changeNumber: Command = {
	name: "change-number",
	usage: "PHONE [--code CODE] [--pin PIN] [--tell contacts|nobody|PHONE,…]",
	summary:
		"gives this account another number: recalls what was shared under the old one, shares anew what still stands, and tells whom you say",
	options: { code: "string", pin: "string", tell: "string" },
	run: withDevice("server", async (device, args, { output, ask, interactive }) => {
		const phone = requireWord(args, 0, "PHONE");
		const tell = await readTelling(device, args.option("tell"));
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
		const changed = await device.changeNumber(attempt, "command", tell);
		const { renewed, ended, told } = changed;
		output.say(
			{ phone: changed.phone, renewed, ended, told },
			[
				`Your number is ${changed.phone}. What was shared under the old one is being recalled.`,
				`The old one rests for three days: you can go back to it, and nobody else gets it. Told: ${told} people.`,
				...renewed.map((purpose) => `  ${purpose}: goes on under this number`),
				...ended.map((purpose) => `  ${purpose}: ended; \`troth consent grant\` asks again`),
			].join("\n"),
		);
	}),
};

/** Nobody where nothing is said: a message to everybody is the person's own decision. */
async function readTelling(device: Device, said: string | undefined): Promise<NumberTelling> {
	if (said === undefined || said === "nobody") return { to: "nobody" };
	if (said === "contacts") return { to: "contacts" };
	const people = await Promise.all(said.split(",").map((phone) => device.find(phone.trim())));
	return { to: "chosen", accounts: people.map(({ account }) => account) };
}
