import type { AccountId } from "@troth/protocol";
import type { Device } from "../../device/api.ts";
import { type Arguments, type Command, requireWord, type Surroundings, UsageError } from "../command.ts";
import { findConversation, findPerson } from "../people.ts";
import { withDevice } from "../with-device.ts";

type Action = (device: Device, args: Arguments, surroundings: Surroundings) => Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = {
	async create(device, args, { output }) {
		const name = requireWord(args, 1, "NAME");
		const id = await device.createGroup(name, await people(device, args.words.slice(2)));
		output.say({ conversation: id, name }, `${id}  ${name}`);
	},
	async add(device, args, { output }) {
		const { id } = await findConversation(device, requireWord(args, 1, "GROUP"));
		const accounts = await people(device, args.words.slice(2));
		await device.addMembers(id, accounts);
		output.say({ conversation: id, added: accounts }, "Added.");
	},
	async remove(device, args, { output }) {
		const { id } = await findConversation(device, requireWord(args, 1, "GROUP"));
		const accounts = await people(device, args.words.slice(2));
		await device.removeMembers(id, accounts);
		output.say({ conversation: id, removed: accounts }, "Removed.");
	},
	async info(device, args, { output }) {
		const { id, title, members, epoch, ended } = await findConversation(device, requireWord(args, 1, "GROUP"));
		const rows = members.map(({ account, name, phone, role, self }) => ({ account, name, phone, role, self }));
		const lines = rows.map(
			(row) => `  ${row.name ?? row.phone ?? row.account}${row.self ? " (you)" : ""}, ${row.role}`,
		);
		output.say(
			{ conversation: id, name: title, epoch, ended, members: rows },
			[`${id}  ${title}`, ...lines].join("\n"),
		);
	},
	async leave(device, args, { output }) {
		const { id } = await findConversation(device, requireWord(args, 1, "GROUP"));
		await device.leave(id);
		output.say({ conversation: id, left: true }, "You left.");
	},
};

async function people(device: Device, phones: readonly string[]): Promise<readonly AccountId[]> {
	if (phones.length === 0) throw new UsageError("PHONE is missing");
	const found: AccountId[] = [];
	for (const phone of phones) found.push((await findPerson(device, phone)).account);
	return found;
}

export const group: Command = {
	name: "group",
	usage: "create NAME PHONE… | add GROUP PHONE… | remove GROUP PHONE… | info GROUP | leave GROUP",
	summary: "makes and changes groups",
	options: {},
	run: withDevice("server", async (device, args, surroundings) => {
		const action = ACTIONS[requireWord(args, 0, "what to do")];
		if (action === undefined) throw new UsageError(`there is no group ${args.words[0]}`);
		await action(device, args, surroundings);
	}),
};
