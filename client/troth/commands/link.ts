import type { Device } from "../../device/api.ts";
import { openJoining, openProfile } from "../../device/open.node.ts";
import { type Command, type Surroundings, UsageError } from "../command.ts";
import { qrLines } from "../qr-lines.ts";
import { withDevice } from "../with-device.ts";

/** What the person should know before they say yes; the app says the same. */
const WHAT_IT_MAY = [
	"It will read everything you send and receive from now on, and write in your name.",
	"It can decide about terms and sharing, and add and remove devices, this one too.",
	"Only go on if you started this yourself, just now, on a device of your own.",
];

/** How long the person is kept waiting for the first chats. */
const CHATS_MS = 60_000;
const LOOK_MS = 200;

/** `troth link --server URL` makes this profile a device of an account that exists; `troth link CODE` lets one in. */
export const link: Command = {
	name: "link",
	usage: "--server URL [--name NAME] | CODE [--yes]",
	summary: "links devices: shows a code with --server, or lets in the device that shows CODE",
	options: { server: "string", name: "string", yes: "boolean" },
	async run(args, surroundings) {
		const [code] = args.words;
		const server = args.option("server");
		if ((code === undefined) === (server === undefined))
			throw new UsageError("either --server URL on the new device, or the code it shows on one you have");
		if (server !== undefined) return join(server, args.option("name"), surroundings);
		return withDevice("server", (device) => letIn(device, code ?? "", args.flag("yes"), surroundings))(
			args,
			surroundings,
		);
	},
};

async function join(server: string, name: string | undefined, surroundings: Surroundings): Promise<void> {
	const { profile, passphrase, output, interactive } = surroundings;
	const where = { dir: profile, ...(passphrase !== undefined && { passphrase }) };
	{
		await using joining = await openJoining(where);
		const { address, code, expiresAtMs } = await joining.beginLink(server, name);
		output.say(
			{ address, code, expiresAt: expiresAtMs },
			[
				...(interactive ? qrLines(address) : []),
				"Let this device in from one you have, within ten minutes: open the address there, or",
				`  troth link ${code}`,
				address,
			].join("\n"),
		);
		const self = await joining.finishLink();
		output.say(
			{ account: self.account, device: self.device, phone: self.phone, name: self.name },
			`This is a device of ${self.name} (${self.phone}) now.`,
		);
	}
	await using device = await openProfile(where);
	await device.caughtUp();
	const chats = await comeIn(device);
	output.say({ conversations: chats }, chats === 1 ? "It is in 1 conversation." : `It is in ${chats} conversations.`);
}

/** Waits until the device is in its account's conversations; what is left goes on with every other command. */
async function comeIn(device: Device): Promise<number> {
	for (let waited = 0; ; waited += LOOK_MS) {
		const list = await device.conversations();
		const inside = list.filter((one) => one.joining === undefined && !one.ended).length;
		if (waited >= CHATS_MS || !list.some((one) => one.joining === "waiting")) return inside;
		await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
	}
}

async function letIn(device: Device, code: string, yes: boolean, { output, ask }: Surroundings): Promise<void> {
	const request = await device.openLink(code);
	if (!yes) {
		output.remark([`“${request.name}” (${request.kind}) wants to be a device of yours.`, ...WHAT_IT_MAY].join("\n"));
		if (!/^y(es)?$/i.test(await ask("Let it in? [y/N] "))) {
			await device.refuseLink(request.link);
			throw new UsageError("not linked");
		}
	}
	await device.confirmLink(request.link);
	output.say({ linked: true, name: request.name, kind: request.kind }, `“${request.name}” is a device of yours now.`);
}
