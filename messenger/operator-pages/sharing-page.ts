/** `/operator/view/sharing`: what went to whom, what has to come back, and the log that shows it. */
import type { GetFiguresResponse } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import { facts, type OperatorPage, table } from "./frame.ts";
import { ageWords, countWords, numberWords, timeWords } from "./words.ts";

const MINUTE_MS = 60_000;

/** Undefined where nothing can be shared; "unavailable" where the door does not answer. */
export type SharingFacts = GetFiguresResponse | "unavailable" | undefined;

export function sharingPage(figures: SharingFacts, nowMs: number, title: (purpose: string) => string): OperatorPage {
	return { title: "Sharing", body: html`<h1>Sharing</h1>${sharingBody(figures, nowMs, title)}` };
}

function sharingBody(figures: SharingFacts, nowMs: number, title: (purpose: string) => string): Html {
	if (figures === undefined)
		return html`<p class="nothing">No recipient is configured. Nothing is shared with anybody, and no screen speaks of it.</p>`;
	if (figures === "unavailable")
		return html`<p class="said bad" role="status">The door does not answer. Choices are recorded meanwhile, and carried out when it is back.</p>`;
	const { shares, failing } = figures;
	return html`<p class="lead">Counts since the beginning. Whom they are about is nowhere on this page.</p>
<h2>Recalls</h2>
${recallFacts(figures, nowMs)}
${failing.map(
	({ recipient, failures }) =>
		html`<p class="said bad"><strong>${recipient}</strong> does not answer: ${countWords(failures, "request", "requests")} in a row failed. What waits for it is sent again.</p>`,
)}
<h2>Shares</h2>
${
	shares.length === 0
		? html`<p class="nothing">Nothing was shared so far.</p>`
		: table(
				"By purpose and recipient",
				["For what, with whom", "Recorded", "Kept", "Dropped", "Refused", "Waiting", "Withheld", "Taken back"],
				shares.map((share) => [
					html`${title(share.purpose)}<span class="note">with ${share.recipient}</span>`,
					...[share.recorded, share.kept, share.dropped, share.refused, share.waiting, share.withheld].map(numberWords),
					html`${numberWords(share.recalled)}${share.recalled < share.recalls && html`<span class="note">of ${numberWords(share.recalls)}</span>`}`,
				]),
			)
}
<p class="quiet">Dropped: the recipient knows nobody with this number. Refused: it would not take it; the door's log says why. Withheld: the consent ended before it left. Taken back: the recipient acknowledged that it deleted it.</p>
<h2>Share log and witnesses</h2>
${logFacts(figures, nowMs)}`;
}

export function recallFacts({ recalls }: GetFiguresResponse, nowMs: number): Html {
	const [open, overdue, past] = [recalls?.open ?? 0n, recalls?.overdue ?? 0n, recalls?.pastLimit ?? 0n];
	const oldest = Number(recalls?.oldestAtMs ?? 0);
	return facts([
		{
			name: "Open",
			value: numberWords(open),
			note: oldest === 0 ? "nothing waits" : `the oldest for ${ageWords(nowMs - oldest)}`,
		},
		{ name: "Over 24 hours", value: numberWords(overdue), note: "the target", alarming: overdue > 0n },
		{ name: "Over 30 days", value: numberWords(past), note: "the limit", alarming: past > 0n },
	]);
}

export function logFacts({ log }: GetFiguresResponse, nowMs: number): Html {
	const behind = Number((log?.size ?? 0n) - (log?.witnessedSize ?? 0n));
	const at = Number(log?.checkpointAtMs ?? 0);
	const away = log?.witnesses.filter(({ cosignedAtMs }) => cosignedAtMs === 0n) ?? [];
	return html`${facts([
		{
			name: "Leaves",
			value: numberWords(log?.size ?? 0n),
			note: behind === 0 ? "all witnessed" : `${numberWords(behind)} not witnessed yet`,
			alarming: behind > 0 && away.length > 0,
		},
		{
			name: "Last cosigned",
			value: at === 0 ? "never" : nowMs - at < MINUTE_MS ? "just now" : `${ageWords(nowMs - at)} ago`,
			note: at === 0 ? undefined : timeWords(at),
		},
	])}
${
	(log?.witnesses.length ?? 0) > 0 &&
	table(
		"Witnesses",
		["Witness", "Cosigned the newest checkpoint"],
		(log?.witnesses ?? []).map(({ name, cosignedAtMs }) => [
			name,
			cosignedAtMs === 0n ? html`<span class="chip rust">not yet</span>` : timeWords(Number(cosignedAtMs)),
		]),
	)
}`;
}
