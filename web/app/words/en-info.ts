/** What there is to know about a chat, and the safety number of its people. */
import { count } from "./en-grammar.ts";

export const info = {
	title: "Chat info",
	groupTitle: "Group info",
	members: "Members",
	admin: "Admin",
	you: "You",
	rename: "Rename the group",
	renameTitle: "Name of the group",
	addMembers: "Add people",
	addTitle: "Add people to the group",
	removeMember: "Remove from the group",
	removeTitle: (name: string) => `Remove ${name}?`,
	removeText: "They keep what they have read so far and can read nothing that comes later.",
	messageMember: "Message",
	memberActions: (name: string) => `Actions for ${name}`,
	safety: "Safety number",
	safetyText: "See that nobody stands between you",
	leave: "Leave the group",
	leaveTitle: "Leave this group?",
	leaveText: "You get nothing that is said after this. What you have stays on this device.",
	block: (name: string) => `Block ${name}`,
	blockTitle: (name: string) => `Block ${name}?`,
	blockText:
		"They can no longer write to you in a direct chat, nor see your picture or when you are here. They are not told. You can undo this at any time.",
	blockAction: "Block",
	unblock: (name: string) => `Unblock ${name}`,
	phoneUnknown: "Number not known to this device",
	devices: (n: number) => count(n, "device", "devices"),
	encryption: "Encryption",
	encryptionText: (epoch: number) =>
		`End to end, with MLS and keys that also resist quantum computers (X-Wing). Key change no. ${epoch}.`,
};

export const safety = {
	title: (name: string) => `Safety number with ${name}`,
	intro: (name: string) =>
		`Look at this number together with ${name}: side by side, or on a call where you know the voice. If both screens show the same, nobody can be in between.`,
	verified: "You confirmed this number on this device.",
	notVerified: "Not compared yet.",
	confirm: "The numbers are the same",
	unconfirm: "Take the confirmation back",
	digits: "The number, 12 groups of 5 digits",
	qr: "The same number as a QR code",
	compareTitle: "They sent you theirs?",
	compareLabel: "Paste it here to compare",
	compareHint: "Send it over another way than Troth, or the comparison proves nothing.",
	compareSame: "All 60 digits are the same.",
	compareDiffers: (n: number) => `${count(n, "group differs", "groups differ")}: do not trust this chat yet.`,
	compareIncomplete: (n: number) => `${n} of 60 digits`,
	copy: "Copy the number",
	history: "History",
	historyText:
		"These digits are equal while both of you hold the same history of this chat. They change with every key change.",
};
