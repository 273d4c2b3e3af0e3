/** One account, after the look was written down. Content and shared values are nowhere near this. */
import { html } from "@troth/protocol/html.ts";
import { endForm, labelWords, limitForm } from "./action-forms.ts";
import { facts, type OperatorPage, table, VIEW } from "./frame.ts";
import { type ReportLine, reportsPart } from "./report-part.ts";
import { numberWords, timeWords } from "./words.ts";

export interface AccountFacts {
	readonly account: string;
	readonly createdAtMs: number;
	readonly devices: number;
	readonly business: string | undefined;
	readonly phase: string;
	readonly acceptedVersion: number | undefined;
	readonly acceptedAtMs: number | undefined;
	readonly noticeVersion: number | undefined;
	readonly noticeDisplayedAtMs: number | undefined;
	readonly deadlineMs: number | undefined;
	readonly choices: readonly { readonly purpose: string; readonly state: string; readonly decidedAtMs: number }[];
	readonly limits: readonly {
		readonly purpose: string;
		readonly label: string;
		readonly sinceMs: number;
		readonly untilMs: number;
		readonly objectedAtMs: number | undefined;
	}[];
	/** The newest first. */
	readonly reports: readonly ReportLine[];
}

const PHASES: Readonly<Record<string, string>> = {
	ACTIVE: "Uses the service",
	PENDING: "Has a notice to answer",
	SUSPENDED: "Suspended",
	CLOSED: "Ended",
};
const STATES: Readonly<Record<string, string>> = { granted: "Yes", refused: "No", withdrawn: "Taken back" };

export function accountPage(account: AccountFacts, formToken: string): OperatorPage {
	const { choices, limits } = account;
	const date = (ms: number | undefined) => (ms === undefined ? undefined : timeWords(ms));
	return {
		title: "One account",
		body: html`<h1>One account</h1>
<p class="quiet"><code>${account.account}</code>, since ${timeWords(account.createdAtMs)}. This look is in the <a href="${VIEW}/audit">audit</a>.</p>
${facts([
	{
		name: "Standing",
		value: PHASES[account.phase] ?? account.phase,
		note: account.deadlineMs === undefined ? undefined : `deadline ${timeWords(account.deadlineMs)}`,
	},
	{
		name: "Accepted",
		value: account.acceptedVersion === undefined ? "nothing" : `version ${account.acceptedVersion}`,
		note: date(account.acceptedAtMs),
	},
	...(account.noticeVersion === undefined
		? []
		: [
				{
					name: "Notice displayed",
					value: `version ${account.noticeVersion}`,
					note: date(account.noticeDisplayedAtMs),
				},
			]),
	{ name: "Devices", value: numberWords(account.devices) },
	{ name: "Reports about it", value: numberWords(account.reports.length) },
	...(account.business === undefined ? [] : [{ name: "Business", value: account.business }]),
])}
<h2>Choices</h2>
${
	choices.length === 0
		? html`<p class="nothing">No purpose was answered.</p>`
		: table(
				"By purpose",
				["Purpose", "Answer", "Since"],
				choices.map(({ purpose, state, decidedAtMs }) => [purpose, STATES[state] ?? state, timeWords(decidedAtMs)]),
			)
}
<h2>Reports</h2>
${reportsPart(account.reports, formToken)}
<h2>Limits</h2>
${
	limits.length === 0
		? html`<p class="nothing">None runs.</p>`
		: table(
				"Running",
				["Label", "Since", "Until", "Objection"],
				limits.map(({ label, sinceMs, untilMs, objectedAtMs }) => [
					labelWords(label),
					timeWords(sinceMs),
					timeWords(untilMs),
					date(objectedAtMs) ?? "none",
				]),
			)
}
${limits.map((limit) => endForm(account.account, limit, formToken))}
${limitForm(account.account, formToken)}
<p class="ways"><a href="${VIEW}/people">Back to people</a></p>`,
	};
}
