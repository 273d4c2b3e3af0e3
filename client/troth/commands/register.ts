import { isRefusal } from "@troth/protocol";
import { openProfile, openRegistration } from "../../device/open.node.ts";
import { answersOf, choicesForOutput, decideAsShown } from "../choices.ts";
import { CodeNeeded } from "../code-needed.ts";
import { type Command, UsageError } from "../command.ts";
import { PendingAttempt } from "../pending-attempt.ts";
import { PIN_QUESTION } from "../registration-pin.ts";

export const register: Command = {
	name: "register",
	usage:
		"--server URL --phone E164 --name NAME [--code CODE] [--pin PIN] [--accept VERSION [--consent PURPOSE,…] [--refuse PURPOSE,…|all]]",
	summary: "makes an account for a phone number, with this profile as its device",
	options: {
		server: "string",
		phone: "string",
		name: "string",
		code: "string",
		pin: "string",
		accept: "string",
		consent: "string",
		refuse: "string",
	},
	async run(args, { profile, passphrase, output, ask, interactive }) {
		const [server, phone, name] = ["server", "phone", "name"].map((option) => {
			const value = args.option(option);
			if (value === undefined || value === "") throw new UsageError(`--${option} is missing`);
			return value;
		}) as [string, string, string];
		const accept = args.option("accept") === undefined ? undefined : Number(args.option("accept"));
		if (accept === undefined && (args.option("consent") ?? args.option("refuse")) !== undefined)
			throw new UsageError("--consent and --refuse go with --accept: a choice is made under terms");
		if (accept !== undefined && !Number.isInteger(accept)) throw new UsageError("--accept takes a version number");
		const where = { dir: profile, ...(passphrase !== undefined && { passphrase }) };
		{
			await using registration = await openRegistration(where);
			// A registration whose answer got lost is finished instead of begun again.
			const resumed = await registration.resume();
			if (resumed !== undefined) {
				output.say(
					{ account: resumed.account, device: resumed.device, phone: resumed.phone, name: resumed.name },
					`Registered ${resumed.phone} as ${resumed.name}.`,
				);
				return;
			}
			const pending = await PendingAttempt.open(profile);
			const attempt = await pending.of(
				server,
				phone,
				async () => (await registration.requestCode(server, phone)).attempt,
			);
			const code = args.option("code") ?? (await ask(`The code that was sent to ${phone}: `));
			if (code === "") throw new CodeNeeded();
			const verified = await verify(() => registration.verifyCode(server, attempt, code), pending);
			const { replacesAccount, lockedUntilMs } = verified;
			if (lockedUntilMs !== undefined)
				await registration.unlockNumber(server, attempt, args.option("pin") ?? (await ask(PIN_QUESTION)));
			if (replacesAccount && interactive) {
				const answer = await ask(
					"This number has an account. It will lose the number, and nothing is inherited. Go on? [y/N] ",
				);
				if (!/^y(es)?$/i.test(answer)) throw new UsageError("not registered");
			}
			const self = await registration.createAccount(server, attempt, name);
			await pending.forget();
			output.say(
				{ account: self.account, device: self.device, phone: self.phone, name: self.name },
				`Registered ${self.phone} as ${self.name}.`,
			);
		}
		await using device = await openProfile(where);
		if (accept !== undefined) {
			const terms = await device.terms(accept);
			const answers = answersOf(args, terms);
			await device.acceptTerms(accept);
			const sharing = await decideAsShown(device, terms, answers, "registration");
			const choices = sharing === undefined ? undefined : choicesForOutput(terms, sharing);
			output.say(
				{ version: accept, accepted: true, ...(choices !== undefined && { choices }) },
				`You accepted version ${accept} of the terms.`,
			);
			return;
		}
		const { version, summary } = await device.terms();
		output.say(
			{ version, accepted: false },
			[
				`The terms, version ${version}, in short:`,
				...summary.map((line) => `  · ${line}`),
				`Read them with \`troth terms\`, then \`troth accept ${version}\`.`,
			].join("\n"),
		);
	},
};

/** An attempt that can not succeed any more is forgotten, so that the next call asks for a new code. */
async function verify<Result>(attempt: () => Promise<Result>, pending: PendingAttempt): Promise<Result> {
	try {
		return await attempt();
	} catch (error) {
		if (isRefusal(error, "CODE_LOCKED", "CODE_EXPIRED", "NOT_FOUND")) await pending.forget();
		throw error;
	}
}
