/** `/operator/view/people`: what was reported, who was acted upon, and the look at one account, which is written down. */
import { html } from "@troth/protocol/html.ts";
import { facts, formField, type OperatorPage, reasonField, table, VIEW } from "./frame.ts";
import { numberWords, timeWords } from "./words.ts";

export interface PeopleFacts {
	/** Of the last 30 days: by account, without who reported. */
	readonly reported: readonly { readonly account: string; readonly reports: number; readonly newestAtMs: number }[];
	readonly reasons: readonly { readonly reason: string; readonly reports: number }[];
	readonly actions: readonly { readonly label: string; readonly accounts: number; readonly objected: number }[];
}

export function peoplePage(
	{ reported, reasons, actions }: PeopleFacts,
	formToken: string,
	account: string,
): OperatorPage {
	return {
		title: "People",
		body: html`<h1>People</h1>
<h2>Reports of the last 30 days</h2>
${
	reasons.length === 0
		? html`<p class="nothing">Nobody reported anything.</p>`
		: html`${facts(reasons.map(({ reason, reports }) => ({ name: reason, value: numberWords(reports) })))}
${table(
	"Accounts by reports",
	["Account", "Reports", "Newest", ""],
	reported.map(({ account: id, reports, newestAtMs }) => [
		html`<code>${id}</code>`,
		numberWords(reports),
		timeWords(newestAtMs),
		html`<a href="${VIEW}/people?account=${id}#look">Look at it</a>`,
	]),
)}`
}
<h2>Limits that run</h2>
${
	actions.length === 0
		? html`<p class="nothing">No account is limited.</p>`
		: table(
				"By label",
				["Label", "Accounts", "Open objections"],
				actions.map(({ label, accounts, objected }) => [label, numberWords(accounts), numberWords(objected)]),
			)
}
<form class="card narrow" id="look" method="post" action="${VIEW}/people/look">${formField(formToken)}
<h2>Look at one account</h2>
<p>You see its standing with the terms, its choices and its limits; never messages, contacts, or what was shared. That you looked, and why, is written down in the <a href="${VIEW}/audit">audit</a> and can not be taken out of it.</p>
<label for="whom">Its number with the country code, or its id</label>
<input id="whom" name="whom" autocomplete="off" value="${account}" required>
${reasonField("look", "Why do you look?")}
<p><button class="button">Write it down and look</button></p>
</form>`,
	};
}
