import { readFile } from "node:fs/promises";
import type { ProfileAudiences, ProfileView } from "../../device/api.ts";
import { AUDIENCE_NAMES, type AudienceName } from "../../device/presence-api.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

const NONE = "none";

/** `troth profile`: what others see of oneself, and who does. */
export const profile: Command = {
	name: "profile",
	usage: "[--name NAME] [--photo FILE|none] [--show-photo WHO] [--show-number WHO]",
	summary: "shows or changes your name, your picture and who sees it and your number (everyone, contacts, nobody)",
	options: { name: "string", photo: "string", "show-photo": "string", "show-number": "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const audiences = readAudiences(args);
		const file = args.option("photo");
		const picture = file === undefined || file === NONE ? undefined : await readFile(file).catch(unreadable);
		const name = args.option("name");
		if (name !== undefined) await device.rename(name);
		// Whom it is for comes first: a picture is shown to nobody for a moment.
		if (Object.keys(audiences).length > 0) await device.setProfileAudiences(audiences);
		if (picture !== undefined) await device.setPhoto(new Uint8Array(picture));
		if (file === NONE) await device.removePhoto();
		const view = await device.profile();
		const said = { name: view.name, phone: view.phone, photo: view.photo !== undefined, audiences: view.audiences };
		output.say(said, describe(view).join("\n"));
	}),
};

function unreadable(error: NodeJS.ErrnoException): never {
	throw new UsageError(`the picture can not be read (${error.code ?? error.name})`);
}

/** Throws UsageError. */
function readAudiences(args: Arguments): Partial<ProfileAudiences> {
	const read = (option: string): AudienceName | undefined => {
		const word = args.option(option);
		const audience = AUDIENCE_NAMES.find((one) => one === word);
		if (word !== undefined && audience === undefined)
			throw new UsageError(`--${option}: one of ${AUDIENCE_NAMES.join(", ")}`);
		return audience;
	};
	const [photo, number] = [read("show-photo"), read("show-number")];
	return { ...(photo !== undefined && { photo }), ...(number !== undefined && { number }) };
}

const WHO: Readonly<Record<AudienceName, string>> = {
	everyone: "everyone you write to",
	contacts: "your contacts",
	nobody: "nobody",
};

function describe({ name, phone, photo, audiences }: ProfileView): readonly string[] {
	return [
		`Name:    ${name}, for everyone you write to`,
		`Number:  ${phone}, shown to ${WHO[audiences.number]}`,
		`Picture: ${photo === undefined ? "none that anybody sees" : "one"}, for ${WHO[audiences.photo]}`,
	];
}
