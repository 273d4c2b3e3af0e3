/**
 * Everything the app says, in English. The one place for words: components name a key, and another language is another
 * file of the same type.
 */

import { archive } from "./en-archive.ts";
import { business } from "./en-business.ts";
import { changingNumber } from "./en-changing-number.ts";
import { finding } from "./en-finding.ts";
import { count, dayAndTime, dayFormat, dayOfOtherYear, list, shortDay, timeOfDay, weekday } from "./en-grammar.ts";
import { limits } from "./en-limits.ts";
import { linking } from "./en-linking.ts";
import { message, notice } from "./en-message.ts";
import { notifications } from "./en-notifications.ts";
import { presence, privacy } from "./en-presence.ts";
import { aboutMe, profile } from "./en-profile.ts";
import { refusals } from "./en-refusals.ts";
import { registrationLock } from "./en-registration-lock.ts";
import { scanning } from "./en-scanning.ts";
import { sharing } from "./en-sharing.ts";
import { trust } from "./en-trust.ts";

export const en = {
	app: "Troth",
	promise: "A messenger that keeps its word.",
	titleWithUnread: (unread: number) => `(${unread}) Troth`,
	skipToContent: "Skip to the conversation",

	common: {
		back: "Back",
		cancel: "Cancel",
		close: "Close",
		done: "Done",
		continue: "Continue",
		tryAgain: "Try again",
		reload: "Reload",
		save: "Save",
		remove: "Remove",
		loading: "Loading…",
		you: "You",
		unknownPerson: "Someone",
		untitledGroup: "Group",
	},

	time: {
		today: "Today",
		yesterday: "Yesterday",
		day: (ms: number) => dayFormat.format(new Date(ms)),
		dayOfOtherYear: (ms: number) => dayOfOtherYear.format(new Date(ms)),
		shortDay: (ms: number) => shortDay.format(new Date(ms)),
		weekday: (ms: number) => weekday.format(new Date(ms)),
		timeOfDay: (ms: number) => timeOfDay.format(new Date(ms)),
		dayAndTime: (ms: number) => dayAndTime.format(new Date(ms)),
		inSeconds: (seconds: number) => count(seconds, "second", "seconds"),
	},

	refusal: (code: string) =>
		(refusals as Readonly<Record<string, string | undefined>>)[code] ?? `That did not work (${code}).`,
	handedOver: "Another tab closed while this was under way. Please check whether it happened, and try again if not.",

	starting: {
		opening: "Opening your messages…",
		failedTitle: "Your messages could not be opened",
		failedText:
			"They are still in this browser. This can happen when the browser keeps no data (a private window, a full disk) or when its storage was damaged.",
		insecureTitle: "This address is not secure",
		insecureText:
			"Browsers allow encryption only on https:// addresses and on this computer itself (http://localhost). Open Troth there.",
		oldBrowserTitle: "This browser is too old",
		oldBrowserText: "Troth needs Web Locks, modules in workers and IndexedDB. A current browser has them.",
		detail: (code: string) => `Code: ${code}`,
	},

	welcome: {
		headline: "A messenger that keeps its word.",
		points: [
			{
				title: "Only you can read it",
				text: "Messages are encrypted on your device for the devices of the people in the chat, and for nobody else.",
			},
			{ title: "No ads", text: "Not in the app, not between your messages, not from anyone." },
			{ title: "Nothing happens behind your back", text: "The terms say what is done with your data, and you decide." },
		],
		step: (step: number, of: number) => `Step ${step} of ${of}`,
	},

	number: {
		title: "What is your phone number?",
		text: "People who know your number can find you with it. We send a code to it to see that it is yours.",
		label: "Phone number",
		hint: "With country code, for example +1 555 010 0001",
		country: (name: string) => name,
		submit: "Send me a code",
		sending: "Sending…",
	},

	code: {
		title: "Enter the code",
		text: (phone: string) => `We sent a code with 6 digits to ${phone}.`,
		label: "Code with 6 digits",
		development: "This server has no text message provider. It prints the code on its console.",
		wrong: (left: number) => `That is not the code. ${count(left, "try", "tries")} left.`,
		resend: "Send a new code",
		resendIn: (seconds: number) => `New code in ${seconds} s`,
		resent: "A new code is on its way.",
		call: "Call me instead",
		called: "We are calling you with a new code.",
		otherNumber: "Use another number",
		checking: "Checking the code…",
	},

	name: {
		title: "What should people call you?",
		text: "Your name is encrypted too. Only people you chat with can see it.",
		label: "Your name",
		replacesTitle: "This number is already registered here",
		replacesText:
			"If you go on, a new account with new keys takes the number over. Earlier chats do not come along, and the old account's devices are signed out. People you chat with see that your keys changed.",
		submit: "Create my account",
		creating: "Making your keys…",
	},

	terms: {
		title: "The terms, in short",
		titleNew: "The terms have changed",
		version: (version: number) => `Version ${version}`,
		inForceSince: (day: string) => `in force since ${day}`,
		accepted: (version: number) => `You accepted version ${version}.`,
		notAccepted: "You have not accepted this version yet.",
		readDocuments: "The full text",
		readDocument: (title: string) => `Read “${title}”`,
		accept: "Accept and continue",
		accepting: "Accepting…",
		note: "By accepting you agree to the full documents above.",
		publicPages: "For everybody to read",
		publicPagesText: "Every version, signed and without an account:",
		allVersions: "All versions",
		whatChanged: "What changed",
		questions: "Questions",
		promises: "Promises",
	},

	finding,
	limits,
	linking,
	scanning,
	sharing,
	trust,
	business,

	chats: {
		title: "Chats",
		landmark: "Conversations",
		search: "Search chats",
		clearSearch: "Clear the search",
		noneFound: (query: string) => `No chat matches “${query}”.`,
		newChat: "New chat",
		newChatKeys: "New chat (Ctrl K)",
		settings: "Settings",
		emptyTitle: "No chats yet",
		emptyText: "Find someone by their phone number and say hello.",
		emptyAction: "Start a chat",
		unread: (n: number) => count(n, "unread message", "unread messages"),
		you: (text: string) => `You: ${text}`,
		by: (name: string, text: string) => `${name}: ${text}`,
		typing: "typing…",
		typingName: (name: string) => `${name} is typing…`,
		noMessages: "No messages yet",
		ended: "You are no longer in this group",
	},

	nothingOpen: {
		title: "Pick a chat, or start one",
		text: "Everything you write is encrypted on this device before it leaves.",
		keys: "starts a new chat",
	},

	people: {
		newChat: "New chat",
		newGroup: "New group",
		numberLabel: "Their phone number",
		find: "Find",
		finding: "Looking…",
		message: (name: string) => `Message ${name}`,
		itsYou: "That is your own number.",
		privacyTitle: "No directory to browse",
		privacy:
			"You find someone only by what they gave you: their exact number, their username or their link. Who finds you by number is your choice, in the settings.",
		recent: "People you chat with",
		groupName: "Name of the group",
		groupNameHint: "Encrypted: only members can read it.",
		groupMembers: "Members",
		addByNumber: "Add someone by number",
		add: "Add",
		alreadyIn: (name: string) => `${name} is already in.`,
		removeMember: (name: string) => `Remove ${name}`,
		createGroup: "Create group",
		creatingGroup: "Creating…",
		needMembers: "Add at least one person.",
		needName: "Give the group a name.",
		upTo: (n: number) => `Up to ${n} devices can be in a group.`,
		found: "Found",
	},

	chat: {
		landmark: (title: string) => `Chat with ${title}`,
		messages: "Messages",
		info: "Chat info",
		more: "More",
		loadOlder: "Load older messages",
		beginning: "This is where your chat begins.",
		beginningGroup: "This is where the group begins.",
		encrypted: "Messages and names are encrypted end to end: the server cannot read them.",
		compare: "Compare the safety number",
		members: (n: number) => count(n, "member", "members"),
		verified: "Safety number confirmed",
		typing: "is typing",
		typingNames: (names: readonly string[]) => `${list.format(names)} ${names.length === 1 ? "is" : "are"} typing`,
		jumpToNewest: "Jump to the newest message",
		newBelow: (n: number) => count(n, "new message", "new messages"),
		unreadFromHere: (n: number) => count(n, "new message", "new messages"),
		heard: (name: string, text: string) => `New message from ${name}: ${text}`,
	},

	message,

	notice,

	composer: {
		label: (title: string) => `Message to ${title}`,
		placeholder: "Write a message",
		send: "Send",
		replyingTo: (name: string) => `Replying to ${name}`,
		yourself: "yourself",
		cancelReply: "Do not reply",
		tooLong: "This message is too long. Please split it.",
		ended: "You are no longer in this group. What was said until then stays here.",
		blocked: (name: string) => `You blocked ${name}.`,
		unblock: "Unblock",
		cannotSend: "This device cannot send. See the notice above.",
		keysHint: "Enter sends, Shift + Enter starts a new line",
	},

	info: {
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
	},

	safety: {
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
	},

	settings: {
		title: "Settings",
		profile: "Profile",
		name: "Your name",
		nameText: "Encrypted; people you chat with see it.",
		phone: "Your number",
		saved: "Saved",
		privacy: "Privacy",
		readReceipts: "Read receipts",
		readReceiptsText:
			"Others see when you have read their messages, and you see it of them. Encrypted: the server does not learn it.",
		typing: "Typing indicator",
		typingText: "Others see that you are writing. Encrypted, never stored.",
		blocked: "Blocked people",
		blockedNone: "You have blocked nobody.",
		blockedCount: (n: number) => count(n, "person", "people"),
		appearance: "Appearance",
		appearanceOptions: { system: "As the system", light: "Light", dark: "Dark" },
		devices: "Linked devices",
		terms: "Terms and privacy",
		termsAccepted: (version: number) => `Version ${version} accepted`,
		termsPending: (version: number) => `Version ${version} waits for you`,
		storage: "What is stored here",
		storageText: "On this device, and how it is protected",
		server: "Server",
		about: "About",
	},

	changingNumber,
	archive,
	registrationLock,

	deleting: {
		title: "Delete my account",
		lead: "This ends your account for good. Nobody can bring it back, us included.",
		happens: "What happens at once",
		happensList: [
			"All your devices are signed out, and your number is free",
			"What lies in this browser is erased: keys, chats, drafts and receipts. To keep them, use the command troth export first",
		],
		stays: "What stays",
		staysList: [
			"What you wrote to others is theirs; they see that you left",
			"What lies on your other devices, until you erase it there",
		],
		/** Only where something can be shared. */
		takenBack: "Everything that was ever shared about you is taken back, at every company that got it",
		marksStay:
			"Entries in the public log that say nothing without the keys that are erased now; at each company a mark that it had to give up what it got, without your number",
		action: "Delete my account…",
		sure: "Delete your account?",
		sureText: "Your account ends now, and everything in this browser with it. This can not be undone.",
		confirm: "Delete it for good",
	},

	notifications,
	presence,
	privacy,
	profile,
	aboutMe,

	storage: {
		title: "What is stored in this browser",
		what: "What",
		whatText:
			"Your account's and this device's keys, the keys of your chats, and all messages this browser has sent or received, with names and numbers. Drafts too. On the server, messages lie only encrypted, and only until every device has them or for 30 days.",
		how: "How it is protected",
		howText:
			"What you wrote and what was written to you is encrypted with a key that the browser keeps and hands out to nobody, not even to this page. A copy of the data without this browser's key is worth nothing.",
		howNot:
			"The key lies in the same browser profile, though. Whoever can use this computer as you, or has its disk, can use it as you do; and how many chats and messages there are can be counted without it. Lock your screen and encrypt your disk: that is the protection that counts.",
		gone: "When it can be gone",
		goneText:
			"If you clear this site's data, or the browser does it because the disk is full, the keys and messages of this browser are gone. Nobody can bring them back, because nobody else has them.",
		used: (megabytes: string) => `Used: ${megabytes} MB`,
		kept: "The browser promised not to clear it by itself.",
		notKept: "The browser may clear it when the disk is full.",
		keep: "Ask the browser to keep it",
		keepRefused: "The browser said no for now. It often says yes once you use Troth regularly or install it.",
	},

	connection: {
		connecting: "Connecting…",
		offline: "Offline.",
		offlineWaiting: "Messages you write are kept and sent later.",
		retryIn: (seconds: number) => `Next try in ${seconds} s.`,
		retryNow: "Trying again…",
		tryNow: "Try now",
		replacedTitle: "Troth is open somewhere else",
		replacedText: "The same device connected from another window or browser. Only one can be connected at a time.",
		replacedAction: "Use Troth here",
		relinkTitle: "This browser's data is out of date",
		relinkText:
			"It looks like a copy or a restored backup: another copy went on since. Sending from both would mix up the encryption, so this one sends nothing. You can read what is here. To write again, start over and link this browser.",
		unlinkedTitle: "This browser was unlinked",
		unlinkedText: "It was not used for 30 days. Your chats stay readable here; to go on, start over and link it again.",
		removedTitle: "This device was removed from your account",
		removedText: "It gets no new messages and cannot send. What it had before is still here to read.",
	},
};

export type Words = typeof en;
