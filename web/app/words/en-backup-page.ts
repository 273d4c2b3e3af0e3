/** The page "Backup and export". */
import type { ArchiveErrorCode } from "@troth/client/archive/archive-error.ts";
import { count } from "./en-grammar.ts";

const problems: Readonly<Record<ArchiveErrorCode, string>> = {
	CodeMalformed: "A recovery code has 30 digits, or 64.",
	WrongCode: "This is not the code of this backup. Look whether it is the one you wrote down with this very file.",
	NotAnArchive: "This file is not a backup made by Troth.",
	VersionUnsupported: "This backup was made by a later version. Reload this page, and try again.",
	Damaged:
		"This file was changed or is damaged. What stood before the damage is here now; what comes after it can not be trusted, and was left out.",
	Truncated: "This file ends too early. What is in it is here now; what was cut off is not.",
	JobGone: "The tab that did this was closed. Please begin again.",
};

export const backupPage = {
	problems,

	make: {
		title: "Make a backup",
		text: "Your messages are on your devices and nowhere else: the server can not give them back. A backup is a file with your history and settings, encrypted. Keep it where you will find it when this device is gone.",
		not: "You can not be impersonated with it: there is nothing in it to send with.",
		longer: "A longer code",
		longerText: "64 digits instead of 30. Both are far beyond guessing.",
		begin: "Show me my recovery code",
		code: "Your recovery code",
		codeText:
			"Only this code opens the backup, and it is kept nowhere: nobody can tell it to you again. Write it down, on paper or in a password manager, and not beside the file.",
		copy: "Copy the code",
		written: "I have written it down",
		save: "Make the file",
		making: (size: string) => `Making the file: ${size} so far`,
		done: (size: string) => `The backup is made (${size}). Your browser has it among its downloads.`,
	},
	take: {
		title: "Take a backup back",
		text: "What was said before can be read here again. What this device has stays, and nothing is there twice. From a backup of an account you had before, conversations can be read; writing goes on in new ones.",
		file: "Choose the file",
		chosen: (name: string) => `File: ${name}`,
		code: "Recovery code",
		hint: "With or without blanks.",
		action: "Take it back",
		taking: (messages: number) => `${count(messages, "message", "messages")} so far`,
		done: (messages: number, conversations: number, people: number) =>
			`${count(messages, "message is", "messages are")} here that were not before, of ${count(conversations, "conversation", "conversations")} and ${count(people, "person", "people")}.`,
	},
	all: {
		title: "Export everything",
		text: "Everything this device has, in an open format: pages to read, JSON for programs with its schema beside it, your decisions with their signatures, and what the server knows about you.",
		warning: "It is not encrypted. Whoever has the file can read your messages.",
		action: "Export everything",
		making: (size: string) => `Writing: ${size} so far`,
		done: (size: string) => `The export is made (${size}). Your browser has it among its downloads.`,
	},
	stop: "Stop",
	size: (bytes: number) =>
		bytes < 100_000
			? `${Math.ceil(bytes / 1000)} kB`
			: `${(bytes / 1_000_000).toLocaleString("en", { maximumFractionDigits: 1 })} MB`,
} as const;
