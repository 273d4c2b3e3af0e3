import { Refusal } from "@troth/protocol";
import { LINKING } from "../../consent/as-shown.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const consent: Command = {
	name: "consent",
	usage: "grant PURPOSE | withdraw PURPOSE",
	summary:
		"allows or takes back one purpose, or objects to one that asks nobody; effective at once, recalls what was shared",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const action = requireWord(args, 0, "grant or withdraw");
		if (action !== "grant" && action !== "withdraw") throw new UsageError(`there is no consent ${action}`);
		const purpose = requireWord(args, 1, "PURPOSE");
		const granted = action === "grant";
		if (granted && purpose === LINKING)
			throw new UsageError("accounts are linked from the recipient's own page: troth link-family URL");
		const { acceptedVersion } = await device.sharing();
		if (acceptedVersion === 0) throw new Refusal("TERMS_NOT_ACCEPTED", "no terms are accepted yet");
		const shown = (await device.terms(acceptedVersion)).purposes.find(({ id }) => id === purpose);
		if (shown === undefined || !(shown.choice || shown.objectable))
			throw new Refusal("PURPOSE_UNKNOWN", "the accepted terms have no such choice");
		// Who names a purpose says it themselves: nothing stood on before.
		const presentation = { control: "command", initiallyOn: false, place: "settings" } as const;
		const { choices } = await device.decide([{ purpose, granted }], presentation);
		const made = choices.find((choice) => choice.purpose === purpose);
		output.say(
			{ purpose, state: made?.state ?? "unset", generation: made?.generation ?? 0, event: made?.event },
			`${shown.title}: ${shown.choice ? (made?.state ?? "unset") : granted ? "no objection" : "objected"}`,
		);
	}),
};
