/** The funnel of a version as a part of a page. */
import { type Html, html } from "@troth/protocol/html.ts";
import type { Funnel } from "../terms/funnel.ts";
import { facts, table } from "./frame.ts";
import { countWords, numberWords, partWords, timeWords } from "./words.ts";

export function funnelPart({ version, ...funnel }: Funnel, title: (purpose: string) => string): Html {
	const { accounts, queued, tookAway, displayed, accepted, suspended, onOlder, purposes, reminded } = funnel;
	const of = (count: number) => partWords(count, accounts);
	const all = Math.max(queued?.accounts ?? 0, accounts);
	return html`${
		queued !== undefined &&
		html`<p class="progress"><label for="queued-${version}">${
			queued.endedAtMs === undefined
				? `On its way to the devices: ${numberWords(queued.accounts)} of ${countWords(accounts, "account", "accounts")}`
				: `In the logs of all ${countWords(queued.devices, "device", "devices")} since ${timeWords(queued.endedAtMs)}`
		}</label><progress id="queued-${version}" max="${Math.max(1, all)}" value="${queued.endedAtMs === undefined ? queued.accounts : all}"></progress></p>`
	}
${facts([
	{
		name: "Queued",
		value: queued === undefined ? "–" : numberWords(queued.accounts),
		note: queued === undefined ? "nobody had to be told" : countWords(queued.devices, "device", "devices"),
	},
	{ name: "Displayed", value: numberWords(displayed), note: of(displayed) },
	{ name: "Accepted", value: numberWords(accepted), note: of(accepted) },
	{ name: "On an older version", value: numberWords(onOlder), note: of(onOlder) },
	{ name: "Suspended", value: numberWords(suspended), note: of(suspended) },
	...(tookAway === undefined || (tookAway.endedAtMs !== undefined && tookAway.accounts === 0)
		? []
		: [
				{
					name: "Taken back at once",
					value: countWords(tookAway.yeses, "yes", "yeses"),
					note: `${countWords(tookAway.recalls, "recall", "recalls")} for ${countWords(tookAway.accounts, "account", "accounts")}${tookAway.endedAtMs === undefined ? ", under way" : ""}`,
				},
			]),
])}
${
	purposes.length > 0 &&
	table(
		"Answers to its purposes",
		["Purpose", "Yes", "No", "Taken back"],
		purposes.map(({ purpose, granted, refused, withdrawn }) => [
			title(purpose),
			...[granted, refused, withdrawn].map(numberWords),
		]),
	)
}
${
	reminded.length > 0 &&
	html`<p class="quiet">Reminded: ${reminded.map(({ day, accounts: people }) => `${numberWords(people)} on day ${day}`).join(", ")}.</p>`
}`;
}
