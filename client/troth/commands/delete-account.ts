import { type Command, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const deleteAccount: Command = {
	name: "delete-account",
	usage: "--yes",
	summary: "ends the account: recalls all that was shared, removes its devices, frees the number, erases this profile",
	options: { yes: "boolean" },
	run: async (args, surroundings) => {
		if (!args.flag("yes")) throw new UsageError("this can not be undone: say --yes (and `troth export` before)");
		await remove(args, surroundings);
	},
};

const remove = withDevice("server", async (device, _args, { output }) => {
	const { account } = await device.self();
	await device.deleteAccount();
	output.say({ account, deleted: true }, "Your account is deleted, and everything on this device with it.");
});
