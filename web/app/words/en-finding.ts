/** Finding people, being found, the address book, and inviting. */
import { count } from "./en-grammar.ts";

export const finding = {
	byName: {
		title: "By username or link",
		label: "Their username or link",
		hint: "For example @alice, or a link that begins with https://",
		find: "Look up",
		scan: "Scan their code",
		insteadOfScanning:
			"If this is a phone, point its own camera at their code: that opens the link here. Or close this, and have them send you the link.",
		badScan: "That is no contact link of Troth.",
		nobody: "Nobody here has this username.",
		itsYou: "That is you.",
		elsewhere: "This link belongs to another server.",
	},

	add: {
		title: "A contact link",
		opening: "Looking up the link…",
		unknownName: "Somebody with this link",
		named: "The name is what stands in the link. It proves nothing: go by who gave you the link.",
		unnamed: "Their name comes with their first message.",
		verified: "The key in the link is theirs",
		verifiedText:
			"The server gave the same one. If you write to them, they count as verified: nobody stands between you, as long as the link came from them.",
		write: "Write",
		open: "Open the chat",
		gone: "This link leads nowhere any more",
		goneText: "It was revoked or replaced by a new one. Ask for the new one.",
		wrong: "Do not write to this account",
		wrongText:
			"The server says that this link leads to an account with another key than the link says. Somebody may be standing between you. Ask for the link again, some other way.",
		none: "This is no contact link",
		noneText: "It may have been cut off on its way. Ask for it again.",
		own: "This is your own link",
		ownText: "Give it to people who shall write to you.",
	},

	reach: {
		title: "How people reach you",
		row: "My link and QR code",
		username: "Username",
		usernameText:
			"People who know it can write to you without knowing your number. It is looked up exactly as it is written, and there is no list of them.",
		usernameLabel: "Your username",
		usernameHint: "3 to 30 of a–z, 0–9, point and underscore. One that you give up rests for 30 days.",
		claim: "Take this name",
		change: "Change it",
		giveUp: "Give it up",
		giveUpTitle: (name: string) => `Give up @${name}?`,
		giveUpText: "Nobody finds you by it any more. For 30 days nobody but you can take it.",
		claimed: (name: string) => `People find you as @${name}.`,
		gaveUp: "You have no username any more.",
		again: (day: string) => `You changed your username often. You can take a new one on ${day}.`,
		link: "Link and QR code",
		linkText:
			"Whoever opens it can write to you without knowing your number, and their app checks your key by it. Give it only to people who may write to you.",
		make: "Make a link",
		elsewhere: "Another device of yours made a link, and only that one can show it. A new one ends it.",
		qr: "QR code of your contact link",
		address: "Your contact link",
		named: "My name in it",
		namedText: "Whoever opens it sees your name at once. It stands in the link itself; no server gets it.",
		copy: "Copy the link",
		send: "Send the link",
		renew: "New link",
		renewTitle: "Replace your link?",
		renewText: "The one you have leads nowhere from then on. People who opened it already can still write to you.",
		revoke: "Revoke",
		revokeTitle: "Revoke your link?",
		revokeText: "It leads nowhere from then on. People who opened it already can still write to you.",
		revoked: "Your link was revoked.",
		made: "Your new link is ready.",
	},

	findable: {
		title: "Being found",
		label: "Who may find you by number",
		texts: {
			everyone: "Whoever knows your number can see that you are here, and write to you.",
			contacts:
				"To everybody else it looks as if you were not here. For this, and only as long as you choose it, the server is told which accounts your contacts are.",
			nobody: "It looks as if you were not here. Your username and your link work all the same.",
		},
		options: { everyone: "Everyone who knows it", contacts: "My contacts", nobody: "Nobody" },
	},

	contacts: {
		title: "Contacts",
		row: "Contacts",
		lead: "Your address book, on your devices only: changes go to your other ones, encrypted. The server reads nothing of it unless you say so below.",
		file: "Choose a vCard file",
		fileHint: "Address books on phones and computers export one (.vcf).",
		phone: "Choose from this phone",
		names: "Show people by these names",
		namesText: "Your own name for somebody goes before the one they give themselves. Only you see it.",
		importing: "Reading…",
		imported: (added: number, known: number) =>
			`${count(added, "new number", "new numbers")}${known === 0 ? "" : `, ${known} known before`}.`,
		leftOut: (numbers: number, cards: number) =>
			[
				numbers === 0 ? "" : `${count(numbers, "number", "numbers")} could not be read. `,
				cards === 0 ? "" : `${count(cards, "card was", "cards were")} damaged and left out.`,
			]
				.join("")
				.trim(),
		problems: {
			"too-large": "This file is too large for an address book.",
			"too-many": "There are too many people in it: at most 10 000 numbers are kept.",
			"no-vcard": "This is no vCard file, or nothing in it can be read.",
			"no-numbers": "Nobody in it has a number that could be called.",
		},
		checkTitle: "See who is here",
		checkText:
			"The server is told these numbers, compares them with those of its accounts, and forgets them. It writes none of them down, and nobody is told that you asked.",
		check: (numbers: number) => `Check ${count(numbers, "number", "numbers")}`,
		checked: (found: number, checked: number) => `${found} of ${count(checked, "number is", "numbers are")} here.`,
		left: (numbers: number, when: string) =>
			`${count(numbers, "number waits", "numbers wait")}: the server takes only so many a day. Go on from ${when}.`,
		here: "Here",
		others: "Not found here",
		othersText: "They are not here, or do not let you find them by number.",
		unchecked: "Not checked yet",
		search: "Search contacts",
		noneFound: "No contact matches.",
		more: (rest: number) => `Show ${rest} more`,
		invite: "Invite",
		inviteName: (name: string) => `Invite ${name}`,
		forget: "Remove all contacts",
		forgetTitle: "Remove all contacts?",
		forgetText: "They leave all your devices, with the names from them. Your chats stay.",
		forgetAction: "Remove",
		forgotten: "No contacts are on your devices any more.",
	},

	invite: {
		title: "Invite someone",
		row: "Invite someone",
		lead: "A text for somebody who is not here yet. It names nobody unless you choose so; how you send it is up to you.",
		text: (address: string) => `Write to me on Troth, encrypted from end to end: ${address}`,
		preview: "The text",
		link: "My contact link in it",
		linkText: "They can write to you as soon as they are here. Whoever gets the text can.",
		named: "My name in it",
		namedText: "It stands in the link; no server gets it.",
		send: "Send…",
		copy: "Copy",
		copied: "Copied",
	},

	ownName: {
		edit: "Your name for them",
		title: "Your name for them",
		hint: "Only you see it. Leave it empty to see the name they give themselves.",
	},
};
