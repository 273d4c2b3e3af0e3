/** What the page says on which a person gives their account another number, in English. */
import { count, list } from "./en-grammar.ts";

const quoted = (titles: readonly string[]) => list.format(titles.map((title) => `“${title}”`));

export const changingNumber = {
	title: "Change my number",
	lead: (phone: string) => `Your account has the number ${phone}. You can move it to another number that is yours.`,
	label: "Your new number",
	stays: "What stays",
	staysList: [
		"Your chats, your groups, your name, your keys and your devices",
		"Whom you blocked, and what you allowed businesses",
	],
	changes: "What changes",
	changesList: [
		"People find you by the new number, and no longer by the old one",
		"The old number rests for three days: you can go back to it, and nobody else gets it. Whoever registers it after that gets a new account, and nothing of yours",
		"You can not change to another number for a week",
	],
	/** Only where something is shared. */
	takenBack: "What was shared with your old number is taken back, at every company that got it",
	goesOn: (titles: readonly string[]) => `You said yes to ${quoted(titles)}: that goes on with the new number`,
	ends: (titles: readonly string[]) =>
		`${quoted(titles)}: the words of this purpose changed since your yes, so it ends and you are asked anew`,
	submit: "Send a code to it",
	code: (phone: string) => `We sent a code with 6 digits to ${phone}.`,
	confirmTitle: (from: string, to: string) => `From ${from} to ${to}`,
	replacesTitle: "This number has another account here",
	replacesText:
		"If you go on, that account ends: its devices are signed out, what was shared about it is taken back, and nothing of it becomes yours.",
	confirm: "Change my number",
	cancel: "Not now",
	done: (phone: string) => `Your number is ${phone}.`,
	doneText: (told: number) =>
		told === 0
			? "Nobody was told: your chats go on either way."
			: `${count(told, "chat says", "chats say")} so. Your chats go on either way.`,
	waits: (moment: string) => `You changed your number lately. To another one from ${moment}`,
	back: (moment: string) => `Back to the one you had is possible until ${moment}.`,
	tell: "Who is told?",
	tellText:
		"A line in your chats of two says that your number changed, end-to-end encrypted. The new number stands in it only for those who may see your number (Settings, “Who can see what”).",
	tellOptions: { nobody: "Nobody", contacts: "My contacts", chosen: "Those I choose" },
	ended: (titles: readonly string[]) => `Ended, and yours to allow again: ${quoted(titles)}.`,
	choices: "Look at my choices",
};
