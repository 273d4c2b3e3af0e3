import { readFile, stat } from "node:fs/promises";
import type { ContactView, Device, ImportProblem } from "../../device/api.ts";
import { type Arguments, type Command, requireWord, type Surroundings, UsageError } from "../command.ts";
import { findPerson } from "../people.ts";
import { withDevice } from "../with-device.ts";

type Action = (device: Device, args: Arguments, surroundings: Surroundings) => Promise<void>;

/** More is refused by the device anyway. */
const MOST_BYTES = 32 * 1024 * 1024;

const ACTIONS: Readonly<Record<string, Action>> = {
	async list(device, _args, { output }) {
		const contacts = await device.addressBook();
		if (contacts.length === 0) output.remark("No contacts are on your devices.");
		for (const contact of contacts) output.say(forOutput(contact), describe(contact));
	},
	async import(device, args, { output }) {
		const path = requireWord(args, 1, "FILE");
		if ((await stat(path)).size > MOST_BYTES) throw new ImportRefused("too-large");
		const outcome = await device.importVcards(new Uint8Array(await readFile(path)), args.flag("names"));
		if (outcome.state === "refused") throw new ImportRefused(outcome.problem);
		const { added, known, unreadable, damaged } = outcome;
		output.say(
			{ added, known, unreadable, damaged },
			`${added} new numbers, ${known} known ones; ${unreadable} numbers and ${damaged} cards could not be read.`,
		);
	},
	async check(device, _args, { output }) {
		const { checked, found, left, retryAtMs } = await device.checkContacts();
		const rest = left === 0 ? "" : ` ${left} numbers wait: the server takes no more for now.`;
		output.say(
			{ checked, found, left, ...(retryAtMs !== undefined && { retryAt: retryAtMs }) },
			`${found} of ${checked} numbers are here.${rest}`,
		);
	},
	async forget(device, _args, { output }) {
		await device.forgetContacts();
		output.say({ forgotten: true }, "No contacts are on your devices any more.");
	},
	async name(device, args, { output }) {
		const person = await findPerson(device, requireWord(args, 1, "PERSON"));
		const { account, name } = await device.setOwnName(person.account, args.words[2]);
		output.say({ account, ...(name !== undefined && { name }) }, name ?? "They are called as they call themselves.");
	},
};

const PROBLEMS: Readonly<Record<ImportProblem, string>> = {
	"too-large": "the file is too large for an address book: at most 32 MiB are read",
	"too-many": "there are more than 10 000 people or numbers in it",
	"no-vcard": "this is no vCard file, or not one card in it can be read",
	"no-numbers": "nobody in it has a number that could be called",
};

class ImportRefused extends Error {
	override readonly name = "ImportRefused";
	readonly code: ImportProblem;

	constructor(code: ImportProblem) {
		super(PROBLEMS[code]);
		this.code = code;
	}
}

export const contacts: Command = {
	name: "contacts",
	usage: "[list] | import FILE [--names] | check | forget | name PERSON [NAME]",
	summary:
		"an address book on your devices only; check asks the server which numbers are here, --names shows people by their names in it",
	options: { names: "boolean" },
	run: withDevice("store", async (device, args, surroundings) => {
		const [word = "list"] = args.words;
		const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
		if (action === undefined) throw new UsageError(`there is no contacts ${word}`);
		await action(device, args, surroundings);
	}),
};

function forOutput({ phone, name, person, checkedAtMs }: ContactView) {
	return {
		...{ phone, name },
		...(person !== undefined && { account: person.account }),
		...(checkedAtMs !== undefined && { checkedAt: checkedAtMs }),
	};
}

function describe({ phone, name, person, checkedAtMs }: ContactView): string {
	const state = person !== undefined ? "here" : checkedAtMs === undefined ? "not checked" : "not here";
	return `${name}  ${phone}  (${state})`;
}
