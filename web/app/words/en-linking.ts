/** Several devices of one account: linking, the list, what is new about them. */
import type { DeviceInfo, DeviceNotice } from "@troth/client/device/api.ts";
import { dayOfOtherYear } from "./en-grammar.ts";

const nameOf = ({ name }: Pick<DeviceNotice, "name">) => (name === undefined ? "A device" : `“${name}”`);

export const linking = {
	devices: {
		title: "Linked devices",
		text: "Every device here reads your chats, writes in your name and can add or remove devices. The list is signed with your account's key: the server cannot add one.",
		link: "Link a device",
		mostTitle: "No more devices",
		most: (most: number) =>
			`Your account has ${most} devices, which is as many as it may have. Remove one to link another.`,
		thisOne: "This browser",
		unnamed: "Another device",
		kinds: { phone: "Phone", tablet: "Tablet", computer: "Computer", other: "Device" } satisfies Record<
			DeviceInfo["kind"],
			string
		>,
		here: "Here now",
		added: (day: string) => `Added ${day}`,
		lastHere: (day: string) => `last here ${day}`,
		neverHere: "not here yet",
		unlinks: (ms: number) => `Will be unlinked on ${dayOfOtherYear.format(ms)}, unless it is used before`,
		remove: "Remove",
		removeName: (name: string) => `Remove ${name}`,
		removeTitle: (name: string) => `Remove ${name}?`,
		removeText:
			"It is signed out at once and gets nothing new. What it received before stays on it, and whoever has it may have copied what was there: after a theft, tell the people you write to.",
		removeOwnText:
			"This browser is signed out of your account. What it received before stays readable here until you erase it.",
		removed: (name: string) => `${name} was removed.`,
		idle: "A device that is not used for 30 days is unlinked by itself. What it has stays readable on it.",
	},
	notice: {
		linked: (notice: DeviceNotice) => `${nameOf(notice)} was linked to your account.`,
		linkedAsk: "Not you? Remove it.",
		removed: (notice: DeviceNotice) => `${nameOf(notice)} was removed from your account.`,
		idle: (notice: DeviceNotice) =>
			`${nameOf(notice)} was not used for a while and will be unlinked${notice.atMs === undefined ? "" : ` on ${dayOfOtherYear.format(notice.atMs)}`}.`,
		idleOwn: "This browser was not used for a while. After 30 days without you it is unlinked.",
		unlinked: (notice: DeviceNotice) => `${nameOf(notice)} was not used for 30 days and was unlinked.`,
		look: "See devices",
		dismiss: "OK",
	},
	letIn: {
		title: "Link a device",
		enterTitle: "Which device?",
		enterText:
			"Open Troth on the new device and choose “Link to a device you have”. Scan the code that it shows, or type it here.",
		scan: "Scan the code",
		insteadOfScanning:
			"If this is a phone, point its own camera at the code: that opens this page with it. Or close this, and type or paste what stands below the code.",
		label: "Code of the new device",
		hint: "52 letters and digits in groups of four, or the address that the code stands for",
		bad: "This is not a complete code.",
		badScan: "That is no code of a device that wants to be linked.",
		look: "Go on",
		looking: "Looking for the device…",
		nobody: "No device waits under this code",
		nobodyText: "A code is good for ten minutes and for one device. Show a new one there.",
		confirmTitle: (name: string) => `Link “${name}”?`,
		named: "It says so itself. Only you can know whether it is yours.",
		mayTitle: "It will be able to",
		may: [
			"read everything you send and receive, and the chats you have here",
			"write in your name",
			"decide about terms and sharing for you",
			"add and remove devices, this one too",
		],
		warning:
			"Only go on if you started this yourself, just now, on a device in front of you. Nobody from support or a bank will ever ask you to.",
		yes: "Link this device",
		linking: "Linking…",
		no: "No, it is not mine",
		doneTitle: "Linked",
		done: (name: string) =>
			`“${name}” is one of your devices now. It comes into your chats one after the other, and your history follows.`,
		refusedTitle: "Not linked",
		refused: "Nothing of your account was told to that device.",
		see: "See devices",
		disagreed: "The device did not answer as it should. Show a new code there and try again.",
	},
	join: {
		offer: "Link to a device you have",
		offerText: "You have Troth on a phone or another computer?",
		title: "Link this browser",
		text: "On a device that has your account, open Settings, Linked devices, Link a device, and scan this code. A phone's camera works too.",
		qr: "Code to link this browser",
		code: "Or type this code there",
		copy: "Copy the code",
		copied: "Copied.",
		left: (minutes: number) => (minutes <= 1 ? "Good for less than a minute." : `Good for ${minutes} minutes.`),
		waiting: "Waiting for your other device…",
		private: "The code stays between your two devices. The server only carries what they seal for each other.",
		expired: "This code is too old.",
		refused: "Your other device said no.",
		again: "Show a new code",
		instead: "Use a phone number instead",
	},
	startOver: {
		action: "Start over in this browser",
		title: "Erase what is here?",
		text: "The chats in this browser are erased, and you begin with a number or by linking it. Export them first where you want to keep them: Settings, What is stored here.",
		confirm: "Erase and start over",
	},
	chat: {
		waiting: "This browser is coming into this chat. What you write goes out when it is in.",
		full: "The group has no room for another device of yours, so this browser cannot take part. Your other devices can.",
	},
} as const;
