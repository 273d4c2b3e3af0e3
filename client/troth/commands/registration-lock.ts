import { type Command, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

/** `troth registration-lock set|remove|show`: whether a PIN is needed to register this account's number again. */
export const registrationLock: Command = {
	name: "registration-lock",
	usage: "set [--pin PIN] | remove | show",
	summary: "holds your number with a PIN, so that nobody who gets a code for it takes it",
	options: { pin: "string" },
	run: withDevice("server", async (device, args, { output, ask }) => {
		switch (args.words[0] ?? "show") {
			case "set":
				await device.setRegistrationLock(args.option("pin") ?? (await ask("A PIN of 4 to 20 letters and digits: ")));
				return output.say(
					{ registrationLock: true },
					"Nobody takes your number without this PIN, while one of your devices was here within seven days.",
				);
			case "remove":
				await device.removeRegistrationLock();
				return output.say({ registrationLock: false }, "Whoever gets a code for your number can register it.");
			case "show": {
				const set = await device.registrationLock();
				return output.say({ registrationLock: set }, set ? "A PIN holds your number." : "No PIN holds your number.");
			}
			default:
				throw new UsageError("set, remove or show");
		}
	}),
};
