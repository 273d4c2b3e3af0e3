/** What is said about one's own picture and number, who sees them, and what the server knows, in English. */
import { count } from "./en-grammar.ts";

const LONG = 64;

export const profile = {
	photo: "My picture",
	photoText:
		"Drawn small and encrypted on this device. The server keeps it without being able to see it; the key travels inside your messages.",
	choose: "Choose a picture",
	chooseOther: "Choose another one",
	remove: "Remove it",
	notAPicture: "This is no picture that the browser can read.",
	photoAudience:
		"In a group, only if everybody in it may. Narrow this, and the picture is encrypted anew; what others have seen already they may have kept.",
	number: "My number",
	numberAudience:
		"Shown with the server's word that it is yours. Whoever found you by your number has it in any case; businesses too.",
};

export const aboutMe = {
	title: "What the server knows",
	link: "What the server knows about me",
	lead: "Everything that this server's records hold about your account, why it is there, and for how long.",
	not: "It does not have your messages, your name, your picture, the names of your groups or your address book: those are on your devices, and pass through the server encrypted.",
	at: (moment: string) => `Read on ${moment}`,
	download: "Download as JSON",
	more: (rows: number) => `Show ${count(rows, "more", "more")}`,
	never: "never",
	bytes: (bytes: number, hex: string) => (hex.length > LONG ? count(bytes, "byte", "bytes") : hex),
};
