/** `/operator`: the few numbers that somebody looks at in the morning. */
import { html } from "@troth/protocol/html.ts";
import type { Funnel } from "../terms/funnel.ts";
import { facts, type OperatorPage, VIEW } from "./frame.ts";
import { logFacts, recallFacts, type SharingFacts } from "./sharing-page.ts";
import { numberWords, partWords } from "./words.ts";

export interface OverviewFacts {
	readonly current: Funnel;
	readonly figures: SharingFacts;
	readonly businesses: number;
	readonly reports: number;
	readonly objections: number;
	/** Suspended accounts that nobody comes to: how many were warned that they end, and after how many days (0: never). */
	readonly absent: { readonly warned: number; readonly days: number };
}

export function overviewPage(
	{ current, figures, businesses, reports, objections, absent }: OverviewFacts,
	nowMs: number,
): OperatorPage {
	const { version, accounts, accepted, suspended, queued } = current;
	return {
		title: "Overview",
		body: html`<h1>Overview</h1>
<section class="card" aria-labelledby="people"><h2 id="people">People and <a href="${VIEW}/terms">terms</a></h2>
${facts([
	{ name: "Accounts", value: numberWords(accounts) },
	{ name: `Accepted version ${version}`, value: numberWords(accepted), note: partWords(accepted, accounts) },
	{
		name: "Suspended",
		value: numberWords(suspended),
		note: absent.days === 0 ? "kept for ever" : `deleted when nobody comes for ${absent.days} days`,
	},
	{ name: "Warned of that", value: numberWords(absent.warned), note: "and away since" },
	{ name: "Notice", value: queued === undefined || queued.endedAtMs !== undefined ? "with all devices" : "on its way" },
])}</section>
${
	figures !== undefined &&
	html`<section class="card" aria-labelledby="recalls"><h2 id="recalls">Recalls and log, see <a href="${VIEW}/sharing">sharing</a></h2>
${figures === "unavailable" ? html`<p class="said bad">The door does not answer.</p>` : html`${recallFacts(figures, nowMs)}${logFacts(figures, nowMs)}`}</section>`
}
<section class="card" aria-labelledby="work"><h2 id="work">To do</h2>
${facts([
	{ name: "Reports", value: numberWords(reports), note: "of the last 30 days" },
	{ name: "Objections to limits", value: numberWords(objections), note: "not decided", alarming: objections > 0 },
	{ name: "Businesses", value: numberWords(businesses) },
])}
<p class="ways"><a href="${VIEW}/people">People</a> <a href="${VIEW}/businesses">Businesses</a></p></section>`,
	};
}
