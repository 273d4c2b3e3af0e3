import { answersOf, choicesForOutput, decideAsShown } from "../choices.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const accept: Command = {
	name: "accept",
	usage: "VERSION [--consent PURPOSE,…] [--refuse PURPOSE,…|all]",
	summary: "accepts the terms of this version, signed by this device; the choices are a second, separate decision",
	options: { consent: "string", refuse: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const version = Number(requireWord(args, 0, "VERSION"));
		if (!Number.isInteger(version) || version < 1) throw new UsageError("VERSION is a whole number");
		const terms = await device.terms(version);
		const answers = answersOf(args, terms);
		await device.acceptTerms(version);
		const place = terms.acceptedVersion === 0 ? "registration" : "notice";
		const sharing = (await decideAsShown(device, terms, answers, place)) ?? (await device.sharing());
		const choices = choicesForOutput(terms, sharing);
		output.say(
			{ version, accepted: true, choices },
			[`You accepted version ${version}.`, ...choices.map(({ title, state }) => `  ${title}: ${state}`)].join("\n"),
		);
	}),
};
