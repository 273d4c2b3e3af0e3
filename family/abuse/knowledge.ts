/** "What … knows about me": which labels, from whom, what they change, and how to object. */
import { type Html, html } from "@troth/protocol/html.ts";
import type { FamilyContext, KnowledgeSection } from "../context.ts";
import { day } from "../pages/day.ts";
import type { Viewer } from "../people/person.ts";
import { A_DAY, type LabelOf, labelsOf } from "./limits.ts";

const LABELS: Readonly<Record<string, string>> = {
	bulk_messages: "messages to many people who did not ask for them",
	scam: "attempts to cheat people",
	harassment: "harassment",
	fake_account: "an account that pretends",
	account_takeover: "somebody else may have used the account",
	phishing: "messages that ask for passwords or codes",
	malware: "harmful software",
	copyright: "works of others",
	trademark: "trade marks of others",
	counterfeit: "counterfeit goods",
};

/** Nobody who has no label sees a section about labels. */
export async function labelKnowledge(context: FamilyContext, { person }: Viewer): Promise<KnowledgeSection> {
	const { records, clock } = context;
	const labels = await labelsOf(records, person, clock.now());
	return {
		title: "Labels about you",
		key: "labels",
		data: labels,
		body: labels.length === 0 ? html`<p>None.</p>` : html`${labels.map((label) => describe(context, label))}`,
	};
}

function describe({ messenger, company }: FamilyContext, label: LabelOf): Html {
	const what = LABELS[label.label] ?? label.label;
	const limited = label.purpose === "spam_and_abuse";
	return html`
<p>${
		label.by === "us"
			? html`Our own operator labelled your account on ${day(label.sinceMs)}: <strong>${what}</strong>. If you verified a number
here, Troth is told so, without the number, and limits an account with that number as well.`
			: html`Your messenger's operator told us on ${day(label.sinceMs)}: <strong>${what}</strong>${
					label.caseId !== null && html` (${label.caseId})`
				}. It told us no number: we recognise yours because you verified it here.`
	}</p>
${
	limited &&
	html`<p>While it holds, you can ask ${A_DAY.requests} person a day to be your friend, and post ${A_DAY.posts} times a day.
Your friends do not see it.</p>`
}
<p class="quiet">To object, ${
		label.by === "messenger" &&
		html`say so in Troth's settings${messenger !== undefined && html` (<a href="${messenger.url}">${messenger.url}</a>)`}:
then Troth takes it back here until its operator has looked at it. Or `
	}write to ${label.contact === "" ? company.title : label.contact}.</p>`;
}
