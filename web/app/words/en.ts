/**
 * Everything the app says, in English. The one place for words: components name a key, and another language is another
 * file of the same type.
 */

import { archive } from "./en-archive.ts";
import { business } from "./en-business.ts";
import { changingNumber } from "./en-changing-number.ts";
import { chat, chats, composer, nothingOpen } from "./en-chats.ts";
import { finding } from "./en-finding.ts";
import { count, dayAndTime, dayFormat, dayOfOtherYear, shortDay, timeOfDay, weekday } from "./en-grammar.ts";
import { info, safety } from "./en-info.ts";
import { limits } from "./en-limits.ts";
import { linking } from "./en-linking.ts";
import { message, notice } from "./en-message.ts";
import { notifications } from "./en-notifications.ts";
import { presence, privacy } from "./en-presence.ts";
import { aboutMe, profile } from "./en-profile.ts";
import { refusals } from "./en-refusals.ts";
import { code, name, number, welcome } from "./en-registering.ts";
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

	welcome,
	number,
	code,
	name,

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
	chats,
	nothingOpen,

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

	chat,
	message,
	notice,
	composer,
	info,
	safety,

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
