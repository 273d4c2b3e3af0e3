import { type Command, requireWord, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const accept: Command = {
	name: "accept",
	usage: "VERSION",
	summary: "accepts the terms of this version, signed by this device",
	options: { consent: "string", refuse: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const version = Number(requireWord(args, 0, "VERSION"));
		if (!Number.isInteger(version) || version < 1) throw new UsageError("VERSION is a whole number");
		if (args.option("consent") !== undefined || (args.option("refuse") ?? "all") !== "all")
			throw new UsageError("these terms have no purposes: there is nothing to consent to or to refuse");
		await device.acceptTerms(version);
		output.say({ version, accepted: true }, `You accepted version ${version}.`);
	}),
};
