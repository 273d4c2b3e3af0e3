/** What the app says about limits on an account and about reports, in English. */
import type { RestrictionView } from "@troth/client/device/api.ts";
import { dayAndTime, dayOfOtherYear, list } from "./en-grammar.ts";

const labels: Readonly<Record<string, string | undefined>> = {
	bulk_messages: "messages to many people who did not ask for them",
	scam: "attempts to cheat people",
	harassment: "harassment",
	fake_account: "an account that pretends to be somebody else",
	account_takeover: "signs that somebody else used this account",
	phishing: "messages that ask people for passwords or codes",
	malware: "harmful software",
	copyright: "works that belong to others",
	trademark: "trade marks that belong to others",
	counterfeit: "counterfeit goods",
};

const restrictions: Readonly<Record<RestrictionView, string>> = {
	"new-conversations": "you can reach only a few new people an hour",
	"new-devices": "you can link no further device",
};

export const limits = {
	title: "A limit is on your account",
	noteTitle: "A note is on your account",
	why: (label: string, caseId: string | undefined) =>
		`Because of ${labels[label] ?? label}${caseId === undefined ? "" : ` (${caseId})`}.`,
	operator: "the operator of this server",
	period: (sinceMs: number, untilMs: number, who: string) =>
		`Said by ${who}. Since ${dayOfOtherYear.format(sinceMs)}, until ${dayAndTime.format(untilMs)}.`,
	effect: (what: readonly RestrictionView[]) =>
		what.length === 0
			? "It takes nothing away."
			: `While it lasts, ${list.format(what.map((one) => restrictions[one]))}. Your conversations go on as before, and the people in them do not see this.`,
	objection: {
		action: "Object",
		text: "If this is wrong, object: the operator has to look at it again, and until then no other company is told of it.",
		filed: (atMs: number) =>
			`You objected on ${dayAndTime.format(atMs)}. The operator has to look at it again; until then no other company is told of it.`,
		elsewhere: (who: string, contact: string | undefined) =>
			`If this is wrong, object to ${who}${contact === undefined ? "" : `: ${contact}`}.`,
		decided:
			"There is no further objection to this here: the law leaves no room for one, or the operator has looked at it again already. You can complain to your data protection authority.",
	},
	report: {
		action: (name: string) => `Report ${name}`,
		title: (name: string) => `Report ${name}?`,
		text: "The operator of this server is told who you report and why. They are not told who reported them.",
		reveal: "Show the operator their last messages here",
		revealHint:
			"Up to ten that they wrote in this chat, as they wrote them, and nothing of anybody else's. Without it nothing that was written goes along.",
		why: "Why",
		reasons: {
			spam: "They write to many who did not ask for it",
			scam: "They try to cheat people",
			harassment: "They harass or threaten",
			impersonation: "They pretend to be somebody else",
			illegal: "Something that the law forbids",
			other: "Something else",
		},
		send: "Report",
		done: (revealed: number) =>
			revealed === 0
				? "Reported. Thank you."
				: `Reported, with ${revealed === 1 ? "one of their messages" : `${revealed} of their messages`}. Thank you.`,
	},
};
