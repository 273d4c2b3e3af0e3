/** What the app says about new terms, choices, and what was shared, in English. Purposes bring their own words. */
import type { PurposeView, ShareAlarm, ShareState } from "@troth/client/device/api.ts";
import { count, dayAndTime, dayOfOtherYear, list } from "./en-grammar.ts";

const day = (ms: number) => dayOfOtherYear.format(new Date(ms));
const days = (n: number) => count(n, "day", "days");

const fields: Readonly<Record<string, string | undefined>> = {
	phone_number: "your phone number",
	device_type: "the kind of device",
	os: "its operating system",
	app_version: "the version of this app",
	link_assertion: "one signed word that you have both accounts",
	last_used_day: "the day you last used the app",
	usage_class: "how much you use it, in four steps",
	counts: "counts that name nobody",
	label: "a label, for accounts that were acted upon",
	score_class: "a score, for accounts that were acted upon",
	case_id: "a case number, for accounts that were acted upon",
};

const regionNames = new Intl.DisplayNames("en", { type: "region" });
const region = (code: string) => regionNames.of(code) ?? code;

const roles = {
	controller: "on its own responsibility",
	joint: "responsible together with us",
	processor: "on our behalf only",
};

const bases = {
	consent: "only with your yes",
	opt_out: "unless you say no",
	legitimate_interest: "our legitimate interest",
	legal_duty: "a legal duty",
};

const because = {
	consent: "you allowed it",
	opt_out: "you did not refuse it",
	legitimate_interest: "our legitimate interest",
	legal_duty: "a legal duty",
};

const states: Readonly<Record<ShareState, string>> = {
	logged: "In the log, on its way",
	shared: "Shared: they have it",
	expired: "Over: the time they may keep it has run out",
	dropped: "Dropped: they have no account it belongs to, and kept nothing",
	stale: "Not kept: you had taken it back before it arrived",
	refused: "Refused by them; nothing was kept",
	withheld: "Never left: your yes ended first",
	recalled: "Taken back; they have not confirmed it yet",
	acknowledged: "Taken back, and deleted there",
	unreadable: "It cannot be opened",
};

const endReasons: Readonly<Record<string, string | undefined>> = {
	NO_INDEX: "this server publishes no index",
	UNREACHABLE: "the index can not be reached",
	QUORUM_MISSING: "too few witnesses have seen it",
	STALE: "the index is days old",
};

const alarms: Readonly<Record<ShareAlarm, string>> = {
	proof: "The proof that it is in the public log does not verify.",
	chain: "It does not belong at this place of your chain.",
	place: "Its number is not the next one.",
	subject: "It is about somebody else.",
	"not-mine": "This device never signed a yes for it.",
	words: "It goes beyond what the published policy allows, or names one that was never published.",
	receipt: "The recipient's receipt is missing or does not verify.",
};

export const sharing = {
	days,
	daysLeft: (n: number) => (n === 0 ? "less than a day left" : `${days(n)} left`),
	field: (id: string) => fields[id] ?? id,
	fieldList: (ids: readonly string[]) => list.format(ids.map((id) => fields[id] ?? id)),
	companies: (names: readonly string[]) => list.format(names),
	role: (role: keyof typeof roles) => roles[role],
	basis: (basis: keyof typeof bases) => bases[basis],

	residual: {
		ground: (basis: keyof typeof bases) => `Ground: ${bases[basis]}`,
		objected: (ms: number | undefined) =>
			ms === undefined
				? "You objected: it stopped, and what was shared is called back."
				: `You objected on ${day(ms)}: it stopped, and what was shared is called back.`,
		objection: ({ objectable, objection, fields }: Pick<PurposeView, "objectable" | "objection" | "fields">) => {
			if (objectable) return "You can object here, at any time and without a reason.";
			if (fields.includes("counts")) return "It is about nobody, so that there is nobody to object.";
			return objection
				? "You can object to a limit on your account when there is one."
				: "There is no objection: the law demands it.";
		},
	},

	region,
	person: {
		title: "Where I live, and my age",
		text: "Some rules differ by country, and some by age. Where two countries apply to you, the stricter rule does.",
		where: "I live in",
		whereText: "The country of your number counts as well. Nobody you share with is told.",
		byNumber: (code: string | undefined) =>
			code === undefined ? "Not said, and my number names no country" : `${region(code)}, as my number says`,
		minor: (age: number) => `I am under ${age}`,
		minorText: "Then no ads are chosen for you by what is known of you, and nothing is ticked for you.",
		saved: "Saved. What the rules no longer allow is called back.",
		barred: (age: number) => `Not for people under ${age}: it stays off.`,
		notAsked: (titles: readonly string[], age: number) =>
			`Not asked, because you are under ${age}, and so off: ${list.format(titles)}.`,
		sumsOnly: "Where you live, only sums over many people are made of it.",
	},

	what: "What",
	who: "To whom",
	howLong: "How long",
	keptDays: (n: number) => `At most ${days(n)}`,

	policyLog: {
		logged: (log: string, index: number) =>
			`These very words stand in the public log of policies (${log}, leaf ${index}), the same for everybody.`,
		pending: "These words are so new that the public log of policies does not have them yet.",
		contradictedTitle: "The public log says otherwise",
		contradicted: (reason: string) =>
			`The log of policies that everybody reads does not have these words (${reason}). They can not be accepted here. Ask whoever runs this server.`,
		unreachable: (reason: string) =>
			`The public log of policies could not be asked whether everybody is shown these words (${reason}).`,
	},

	notice: {
		title: "The terms are changing",
		lead: (version: number, published: string) =>
			`Version ${version}, published on ${published}. Please take a moment.`,
		deadlines: "Two dates",
		acceptBy: (ms: number, left: string) => `Accept by ${dayAndTime.format(new Date(ms))} (${left})`,
		acceptByText: "or stop using the service. Until then everything works as before, under the terms you accepted.",
		acceptBySoon: "30 days to accept, from today",
		promptText: "After you accept: 30 days in which your choices stand at the top of the settings.",
		promptTitle: "30 more days for your choices",
		forEver: "They stay in the settings for ever; you can change them on any day.",
		inShort: "In short: what changes and what stays",
		residual: "What does not need your yes",
		residualText: "Whatever you choose, these go on, without your number. You can object where it says so.",
		accept: (version: number) => `Accept version ${version}`,
		later: "Not now",
		separate: "Accepting is one thing, sharing is another: the choices come after it, and no yes is hidden in here.",
		difference: "Word for word: what is different",
		differenceNone: "This document is the same as before.",
		added: "New",
		removed: "Gone",
		bannerPending: (version: number) => `Version ${version} of the terms waits for your answer`,
		bannerAction: "Read and answer",
	},

	suspended: {
		banner: "You can not send: the terms are not accepted.",
		title: "Your account is paused",
		text: (version: number) =>
			`The time to accept version ${version} of the terms is over. Nothing is lost, and nothing is shared while it is paused.`,
		works: "What still works",
		worksList: [
			"Reading everything that is on this device",
			"Messages to you are kept for 30 days and come when you accept",
			"Exporting everything, with the command troth export",
			"Taking back every yes you gave",
			"Deleting your account, in the settings",
			"Accepting: then all of it goes on at once",
		],
		not: "What does not",
		notList: ["Sending messages and starting chats"],
		kept: (n: number) =>
			`Nothing is deleted while one of your devices comes here now and then. Where none comes for ${days(n)} your account is deleted, after two warnings to all of them.`,
		ending: (endsAtMs: number, awaySinceMs: number) =>
			`Your account was to be deleted on ${dayAndTime.format(new Date(endsAtMs))}, because it is paused and none of your devices had come since ${dayAndTime.format(new Date(awaySinceMs))}. You are here: that is put off.`,
		endingDismiss: "I have seen it",
		read: "Read what is here",
	},

	choices: {
		title: "Your choices about sharing",
		intro: "You have accepted the terms. That decided nothing here. Whatever you choose, the app works the same.",
		allow: "Allow",
		refuse: "Do not allow",
		unset: "Not answered: off",
		openStaysOff: "What you leave open stays off. You can change every answer at any time, in Settings under Sharing.",
		shownOn: "These are shown as allowed. One touch changes that, now or later in Settings under Sharing.",
		embargo: (n: number) => `Nothing leaves in the first ${days(n)}: who says no in this time has shared nothing.`,
		submit: "Save and continue",
		saving: "Signing…",
	},

	settings: {
		title: "Sharing",
		section: "Your data and other companies",
		off: "Nothing is allowed",
		allowed: (n: number) => `${count(n, "purpose", "purposes")} allowed`,
		promptTitle: (left: string) => `Your choices: ${left}`,
		promptText: (ms: number) =>
			`They stand at the top of the settings until ${day(ms)}, and stay in the settings after that.`,
		lead: "Each purpose is a choice of its own. Off is as easy as on, and works at once: what was shared is called back.",
		noneYet: "Under the terms you accepted nothing is shared, so there is nothing to choose.",
		state: {
			unset: "Not answered: off",
			granted: (ms: number) => `Allowed since ${day(ms)}`,
			refused: (ms: number) => `Not allowed, since ${day(ms)}`,
			withdrawn: (ms: number) => `Taken back on ${day(ms)}`,
		},
		generation: (n: number) => `yes no. ${n}`,
		flowsFrom: (ms: number) => `Nothing leaves before ${day(ms)}.`,
		linkFrom: (names: string) => `You link accounts from the site of ${names}, while you are signed in there.`,
		unlink: "Unlink",
		saved: "Signed and saved",
		residual: "What does not need your yes",
		residualText:
			"These go on whatever you choose above, with narrower data and without your number. Where there is a switch, off is your objection.",
		receipts: "Receipts",
		receiptsText: "Each decision, signed by this device and countersigned by the server. Keep them where you like.",
		receiptsNone: "You have decided nothing on this device yet.",
		receiptLine: (granted: readonly string[], refused: readonly string[]) =>
			[
				...(granted.length > 0 ? [`Allowed: ${list.format(granted)}`] : []),
				...(refused.length > 0 ? [`Not allowed: ${list.format(refused)}`] : []),
			].join(". "),
		receiptMissing: "Not confirmed by the server yet",
		download: "Download",
		downloadOf: (time: string) => `Download the receipt of ${time}`,
		downloaded: "Saved with your downloads",
	},

	shares: {
		title: "What was shared about me",
		text: "Every entry of the public log about you, checked on this device",
		lead: "This list comes from the public log. Your device opened and verified each entry itself. They are numbered: one that is left out shows as a hole, and the public index of the log shows whether another one follows.",
		none: "Nothing was ever shared about you.",
		noneText: "If something ever is, it stands here with its proof.",
		fine: (n: number) => `${count(n, "entry", "entries")}, all verified on this device.`,
		alarmTitle: "Something does not verify",
		alarmText: "Keep this page as evidence, take back your choices if in doubt, and ask whoever runs this server.",
		hole: (n: number) => `Entry no. ${n} of your chain was left out.`,
		complete: (after: number, size: number, ms: number) =>
			`${after === 0 ? "No entry about you" : `Nothing after no. ${after}`} among the first ${count(size, "leaf", "leaves")} of the log, ${dayAndTime.format(new Date(ms))}.`,
		completeBy: (names: readonly string[]) =>
			names.length === 0 ? "No witness has seen this index." : `Seen by ${list.format(names)}.`,
		hidden: (n: number) => `Entry no. ${n} is in the log, and this server did not show it to you.`,
		endWrong: (reason: string) => `The public index of the log does not hold (${reason}).`,
		endUnchecked: (reason: string) =>
			`Whether another entry follows could not be checked now (${endReasons[reason] ?? reason}).`,
		to: (field: string, company: string) => `${field} → ${company}`,
		recall: (company: string) => `Call back → ${company}`,
		unreadable: (n: number) => `Entry no. ${n}`,
		purpose: "For",
		under: "Words",
		version: (version: number) => `version ${version}`,
		basis: "Because",
		because: (basis: keyof typeof because) => because[basis],
		time: "When",
		state: "What became of it",
		states,
		alarms,
		recalledAt: (ms: number) => `Taken back ${dayAndTime.format(new Date(ms))}`,
		proof: "Proof",
		verified: "Verified on this device",
		unverified: (reason: string) => `Does not verify (${reason})`,
		receipt: "Receipt of the recipient",
		receiptNone: "No answer yet",
		log: "Log",
		index: "Leaf",
		leaf: (index: number, size: number) => `${index} of ${size}`,
		hash: "Leaf hash",
		witnesses: "Seen by",
		witnessesNone: "No witness",
		checkpoint: "Checkpoint",
	},

	link: {
		title: (name: string) => `Link with ${name}?`,
		lead: (name: string) =>
			`${name} asks whether the account you are signed in to there is yours. Say yes only if you came here from there yourself, just now.`,
		handed: "What you hand over",
		notHanded: "Your phone number is not part of this, and no message, contact or name.",
		confirm: "Yes, link them",
		cancel: "No",
		done: (name: string) => `Linked. ${name} gets your signed word within moments.`,
		back: (name: string) => `Back to ${name}`,
		undo: "You can take it back at any time, in Settings under Sharing.",
		wrongTitle: "This link leads nowhere",
		wrongText:
			"It does not come from a company that this server shares with, or it is damaged. Nothing was handed over.",
		termsFirst: "Linking needs the newest terms. Please read and answer them first.",
		toChats: "To the chats",
	},
};
