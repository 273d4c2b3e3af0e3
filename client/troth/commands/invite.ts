import type { Device } from "../../device/api.ts";
import { nameLink } from "../../finding/contact-link.ts";
import type { Command } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const invite: Command = {
	name: "invite",
	usage: "[--link [--name NAME]]",
	summary: "a text for somebody who is not here yet; it names nobody, --link adds your contact link, --name a name",
	options: { link: "boolean", name: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const { server } = await device.self();
		const address = args.flag("link") ? await ownLink(device, args.option("name")) : `${server}/`;
		const text = `Write to me on Troth, encrypted from end to end: ${address}`;
		output.say({ text, address }, text);
	}),
};

/** The link there is, or a new one. */
async function ownLink(device: Device, name: string | undefined): Promise<string> {
	const before = (await device.finding()).link;
	const link = before.state === "here" ? before : (await device.makeContactLink()).link;
	if (link.state !== "here") throw new TypeError("a link that was made here is here");
	return name === undefined ? link.address : nameLink(link.address, name);
}
