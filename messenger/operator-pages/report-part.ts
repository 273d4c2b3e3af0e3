/** Reports about an account: counted on its page, and opened one by one, each with a reason that is written down. */
import { type Html, html } from "@troth/protocol/html.ts";
import type { OpenedMessage } from "../abuse/open-messages.ts";
import { formField, type OperatorPage, reasonField, table, VIEW } from "./frame.ts";
import { countWords, timeWords } from "./words.ts";

export interface ReportLine {
	readonly id: number;
	readonly reason: string;
	readonly atMs: number;
	/** How many messages the reporter revealed. */
	readonly revealed: number;
}

/** Who reported is not read. */
export function reportsPart(reports: readonly ReportLine[], formToken: string): Html {
	if (reports.length === 0) return html`<p class="nothing">Nobody reported it.</p>`;
	const open = reports.filter(({ revealed }) => revealed > 0);
	return html`${table(
		"Of the last 180 days",
		["Reason", "When", "Messages"],
		reports.map(({ reason, atMs, revealed }) => [
			reason,
			timeWords(atMs),
			revealed === 0 ? "none" : countWords(revealed, "message revealed", "messages revealed"),
		]),
	)}
${
	open.length > 0 &&
	html`<form class="card narrow" method="post" action="${VIEW}/people/report">${formField(formToken)}
<h3>Read what a reporter revealed</h3>
<p>The server has verified that this account sent these messages here. That you read them, and why, is written down.</p>
<label for="report">Report</label>
<select id="report" name="report">${open.map(
		({ id, reason, atMs, revealed }) =>
			html`<option value="${id}">${reason}, ${timeWords(atMs)}, ${countWords(revealed, "message", "messages")}</option>`,
	)}</select>
${reasonField("read", "Why do you read it?")}
<p><button class="button">Write it down and read</button></p>
</form>`
}`;
}

export interface OpenedReport {
	readonly account: string;
	readonly reason: string;
	readonly atMs: number;
	readonly messages: readonly OpenedMessage[];
}

export function reportPage({ account, reason, atMs, messages }: OpenedReport): OperatorPage {
	return {
		title: "One report",
		body: html`<h1>One report</h1>
<p class="quiet">About <code>${account}</code>, for ${reason}, ${timeWords(atMs)}. Who reported it is not shown. This look is in the <a href="${VIEW}/audit">audit</a>.</p>
${table(
	"Sent here by this account, as the server's own stamp says",
	["When", "Message"],
	messages.map(({ atMs: sentMs, text }) => [timeWords(sentMs), text === "" ? html`<em>no text</em>` : text]),
)}
<p class="ways"><a href="${VIEW}/people?account=${account}#look">Look at the account</a></p>`,
	};
}
