import type { FindableByView } from "../../device/api.ts";
import { type Command, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

const SENTENCES: Readonly<Record<FindableByView, string>> = {
	everyone: "Whoever knows your number finds you.",
	contacts: "Only your contacts find you by number: whom you wrote to, and who is in your address book here.",
	nobody: "Nobody finds you by number.",
};

export const findable: Command = {
	name: "findable",
	usage: "[everyone | contacts | nobody]",
	summary: "who may find you by number; to the others you are not here",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const [word] = args.words;
		if (word !== undefined && !isChoice(word)) throw new UsageError("everyone, contacts or nobody");
		const { byNumber } = word === undefined ? await device.finding() : await device.setFindable(word);
		output.say({ byNumber }, SENTENCES[byNumber]);
	}),
};

function isChoice(word: string): word is FindableByView {
	return Object.hasOwn(SENTENCES, word);
}
