/** What the auditor's page says: one sentence for each check, for people who are no programmers. */
import type { ProofErrorCode } from "@troth/transparency";

const dayAndTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
const numbers = new Intl.NumberFormat("en-GB");
const list = new Intl.ListFormat("en-GB");
const time = (ms: number) => dayAndTime.format(new Date(ms));
const count = (n: number, one: string, many: string) => `${numbers.format(n)} ${n === 1 ? one : many}`;
const leaves = (n: number) => count(n, "leaf", "leaves");

const reasons: Readonly<Record<ProofErrorCode, string>> = {
	MALFORMED: "it is not in the published format",
	KEY_INVALID: "a key can not be read",
	LOG_UNKNOWN: "it is another log than the key's",
	SIGNATURE_INVALID: "a signature is missing or wrong",
	QUORUM_MISSING: "too few witnesses have seen it",
	NOT_INCLUDED: "it gives out leaves that it did not sign",
	RECORD_INVALID: "an entry is not what such a log may have",
	INCONSISTENT: "it changed or dropped what it had before",
	TILE_INVALID: "a file of it is not what it signed",
	INDEX_WRONG: "the index is not that of the leaves",
	UNREACHABLE: "it could not be reached",
};

const USE: Readonly<Record<string, string>> = {
	none: "not there",
	light: "there lightly",
	daily: "there daily",
	heavy: "there heavily",
};

export interface RangeOfFigures {
	readonly from: number;
	readonly below: number;
}

const range = ({ from, below }: RangeOfFigures) =>
	below === 1
		? "none"
		: from === 0
			? `fewer than ${numbers.format(below)}`
			: `${numbers.format(from)} to ${numbers.format(below - 1)}`;

export const words = {
	title: "Auditor",
	lead: "This page checks the public logs of a Troth server. Everything is computed in your browser, from what anybody can download. Nothing about you is sent.",
	limits:
		"What it can not show: what was shared past the logs, who a leaf is about, and whether a company really forgot. The guide for auditors says what else to ask for.",
	what: "What is checked",
	server: "Server",
	serverHint:
		"The address of the messenger. It says which logs there are; compare the keys with what others were told.",
	ask: "Ask the server",
	asking: "Asking",
	noServer: "The server did not answer. Enter the logs by hand.",
	logs: "Logs",
	logsHint: "One a line: name, address, key.",
	witnesses: "Witnesses",
	witnessesHint: "One key a line. Keys of people you trust count for more than those a server names.",
	quorum: "How many of them have to have seen a log",
	problem: {
		logs: (line: number) => `Line ${line} is no log: a name, an address and a key, with spaces between.`,
		witnesses: (line: number) => `Line ${line} is no key of a witness.`,
		quorum: () => "A number, at most as many as there are witnesses.",
	},
	check: "Check now",
	checking: "Checking",
	results: "Results",
	verdict: {
		holds: "Everything that could be checked holds.",
		fails: "Something does not hold. Keep this page, and ask others what they see.",
		open: "Nothing is wrong, but not everything could be checked.",
	},
	states: { holds: "Holds", fails: "Does not hold", open: "Could not be checked", told: "For information" },
	log: {
		titles: {
			shares: "The log of shares",
			policy: "The log of policies",
			index: "The log of the index",
		} as Readonly<Record<string, string | undefined>>,
		receipts: (name: string) => `What ${name} did: its log of receipts`,
		reason: (code: ProofErrorCode) => reasons[code],
		signed: (size: number) => `The log's own key signed it, with ${leaves(size)}.`,
		unread: (why: string) => `It could not be read: ${why}.`,
		unsigned: (why: string) => `The log's checkpoint can not be trusted: ${why}.`,
		witnessed: (names: readonly string[], atMs: number, quorum: number) =>
			`${list.format(names)} saw and cosigned it, on ${time(atMs)}; ${quorum} ${quorum === 1 ? "is" : "are"} asked for.`,
		unwitnessed: (found: number, quorum: number) =>
			`Only ${found} of the ${quorum} witnesses that are asked for have seen this state.`,
		noWitness: "No witness is asked for: who shows you this log could show others another one.",
		first: "This browser sees the log for the first time, and will remember it.",
		goesOn: (size: number, atMs: number) =>
			`It goes on from the ${leaves(size)} that this browser saw on ${time(atMs)}.`,
		rewritten: (atMs: number) => `It does not go on from what this browser saw on ${time(atMs)}: it was rewritten.`,
		whole: (n: number) =>
			`${n === 1 ? "Its one leaf was" : `All ${leaves(n)} were`} hashed anew: nothing else was signed.`,
		empty: "It is empty, and signed as empty.",
		sampled: (n: number, of: number) => `${leaves(n)} of ${numbers.format(of)}, taken at random, are what was signed.`,
		contents: (why: string) => `Its contents do not hold: ${why}.`,
		indexWhole: (size: number, states: number) =>
			`The index of chain values was made anew from the leaves: up to leaf ${numbers.format(size)} it is right (${count(states, "state", "states")} checked). So what it shows to be missing is missing.`,
		indexSampled: (n: number) => `${leaves(n)}, taken at random, stand in the index where they belong.`,
		indexNone: "There is no index of its chain values yet.",
		indexWrong: (why: string) => `The index of its chain values does not hold: ${why}.`,
		version: (version: number, hash: string) => `Version ${version}, hash ${hash.slice(0, 16)}…:`,
		versionPage: "Read it",
		versionPublished: () => "the server publishes it as it stands in the log.",
		versionOther: (version: number) => `the server publishes another version ${version}.`,
		versionUnread: (version: number) => `the server's page of version ${version} could not be read.`,
	},
	published: {
		title: "What was said about nobody",
		lead: "Sums that went to companies without anybody's yes, because they are about nobody. Each is held against its leaf; the numbers are the server's word, which you can hold against what the company shows.",
		none: "The server publishes no sums.",
		nothing: "Nothing was said about nobody yet.",
		one: (said: string, recipient: string, leaf: number) =>
			`${said} It went to ${recipient}, and leaf ${numbers.format(leaf)} of the log says so.`,
		delivery: (day: string, delivered: number, left: number) =>
			`${day}: ${count(delivered, "message", "messages")} delivered, ${numbers.format(left)} under way when a device went.`,
		usage: (week: string, people: readonly (readonly [string, number])[]) =>
			`Week from ${week}, where only sums may be told: ${list.format(people.map(([kind, n]) => `${numbers.format(n)} ${USE[kind] ?? kind}`))}.`,
		other: (leaf: number) => `What is shown for leaf ${numbers.format(leaf)} is not what the leaf names.`,
		unproved: (why: string) => `Something is shown that its log does not prove: ${why}.`,
		more: (left: number, more: boolean) =>
			more || left === 0 ? "Older ones are published, too." : `${numbers.format(left)} older ones are published, too.`,
	},
	figures: {
		title: "Figures the server publishes",
		none: "The server publishes no figures.",
		lead: (day: string) =>
			`As of ${day}. Counts of people's acts are ranges, so that they tell nothing of one person. These are the server's own word.`,
		open: (open: RangeOfFigures) => `Recalls that wait for a company's acknowledgement: ${range(open)}.`,
		overdue: (overdue: RangeOfFigures, hours: number) => `Open for more than ${hours} hours: ${range(overdue)}.`,
		pastLimit: (past: RangeOfFigures, hours: number) =>
			`Open for more than ${Math.round(hours / 24)} days, which is the limit: ${range(past)}.`,
	},
};
