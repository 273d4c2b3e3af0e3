/** Forms to act upon one account: a limit with its label, its end, and an objection that was looked at. */
import { ABUSE_LABELS, SCORE_CLASSES } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import { formField, reasonField, VIEW } from "./frame.ts";

const MOST_DAYS = 365;

const PURPOSE_WORDS: Readonly<Record<string, string>> = {
	spam_and_abuse: "Spam and abuse: few new people per hour",
	security: "Security: every device logs in again, none is added",
	infringement: "Infringement: a note, takes nothing away",
};

/** "bulk messages" */
export const labelWords = (label: string): string => label.replaceAll("_", " ");

export function limitForm(account: string, formToken: string): Html {
	return html`<form class="card narrow" method="post" action="${VIEW}/people/limit">${formField(formToken)}
<input type="hidden" name="account" value="${account}">
<h3>Limit this account</h3>
<p>Its person sees the limit, its label and its end, and may object. Companies that the terms in force name for it are told by a name of the number, and it is taken back when the limit ends.</p>
<label for="label">Label</label>
<select id="label" name="label" required>${Object.entries(ABUSE_LABELS).map(
		([purpose, labels]) =>
			html`<optgroup label="${PURPOSE_WORDS[purpose] ?? purpose}">${labels.map((label) => html`<option value="${purpose}:${label}">${labelWords(label)}</option>`)}</optgroup>`,
	)}</select>
<label for="score">How bad? Only for spam and abuse</label>
<select id="score" name="scoreClass">${SCORE_CLASSES.map((score) => html`<option${score === "medium" && html` selected`}>${score}</option>`)}</select>
<label for="case">Case, only for security and infringement (may be empty)</label>
<input id="case" name="caseId" autocomplete="off" placeholder="CASE-17" pattern="CASE-[0-9]{1,6}">
<label for="days">For how many days?</label>
<input id="days" name="days" type="number" min="1" max="${MOST_DAYS}" value="30" required>
${reasonField("limit", "Why?")}
<p><button class="button">Write it down and limit</button></p>
</form>`;
}

/** Of a limit that runs: end it, or, where its person objected, say that it stands. */
export function endForm(
	account: string,
	{
		purpose,
		label,
		objectedAtMs,
	}: { readonly purpose: string; readonly label: string; readonly objectedAtMs: number | undefined },
	formToken: string,
): Html {
	return html`<form class="card narrow" method="post" action="${VIEW}/people/lift">${formField(formToken)}
<input type="hidden" name="account" value="${account}"><input type="hidden" name="purpose" value="${purpose}">
<h3>End the limit for ${labelWords(label)}</h3>
${objectedAtMs !== undefined && html`<p>Its person objected. Ending it says that they were right; the other button says that it stands.</p>`}
${reasonField(`end-${purpose}`, "Why?")}
<p><button class="button">Write it down and end it</button>${
		objectedAtMs !== undefined &&
		html` <button class="plain-button" formaction="${VIEW}/people/keep">Write it down: it stands</button>`
	}</p>
</form>`;
}
