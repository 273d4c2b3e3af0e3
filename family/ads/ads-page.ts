/** GET /ads and /api/ads: the companies with a list, and the choice about ads by lists. */

import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { personAction, requireViewer, sendPage } from "../http/action.ts";
import { day } from "../pages/day.ts";
import { page } from "../pages/page.ts";
import { type AdSignals, choiceOf, choose, readSignals } from "./choice.ts";
import { type CompanyWithList, companiesOf } from "./companies.ts";
import type { AdChoice } from "./tables.ts";

export const ADS_PATH = "/ads";

/** `GET /api/ads` → `{choice, companies: [{id, name, uploadedAtMs, hidden}]}`, `POST /api/ads/choice {choice: "on" | "off"}`. */
export function serveAdsPage(app: FastifyInstance, context: FamilyContext): void {
	app.get<{ Querystring: { done?: string } }>(ADS_PATH, async (request, reply) => {
		const viewer = await requireViewer(context, request);
		const choice = await choiceOf(context.records, viewer.person);
		const companies = await companiesOf(context, viewer.person);
		const body = html`${choiceCard(choice, viewer.minor, readSignals(request))}${companiesCard(companies)}`;
		const { done } = request.query;
		return sendPage(reply, page({ context, viewer, title: "Ads", path: ADS_PATH, body, done }));
	});
	app.get("/api/ads", async (request, reply) => {
		const { person } = await requireViewer(context, request);
		const [choice, companies] = [await choiceOf(context.records, person), await companiesOf(context, person)];
		return reply.header("cache-control", "no-store").send({ choice, companies });
	});
	personAction(app, context, {
		path: "/ads/choice",
		input: v.object({ choice: v.picklist(["on", "off"], "Choose on or off.") }),
		done: () => "/ads?done=saved",
		async run(_context, { choice }, viewer) {
			await choose(context, viewer, choice);
			return { choice };
		},
	});
}

const CHOICES: Record<AdChoice, string> = {
	unset:
		"You have not chosen here. Only what you agreed to elsewhere counts: a number that you verified here and allowed for this, or that you let Troth share.",
	on: "On: companies' lists may be matched with your log-in address too, and with numbers you allowed for this.",
	off: "Off: no list is matched with you, whatever you agreed to elsewhere.",
};

function choiceCard(choice: AdChoice, minor: boolean, { gpc, optedOut }: AdSignals): Html {
	const button = (value: "on" | "off", label: string) => html`
<form method="post" action="/ads/choice"><input type="hidden" name="choice" value="${value}"><button class="second">${label}</button></form>`;
	return html`
<h1>Ads</h1>
<section class="card stack" aria-labelledby="by-lists">
<h2 id="by-lists">Ads by companies' lists</h2>
<p>${CHOICES[choice]}</p>
${minor && html`<p class="note">You may be under 18, so no ad here is chosen by what is known about you.</p>`}
${gpc && html`<p class="note good">Your browser sends Global Privacy Control: it gets no ad chosen by what is known about you.</p>`}
${optedOut && html`<p class="note good">This browser has opted out: it gets no ad chosen by what is known about you.</p>`}
<div class="row">${choice !== "on" && button("on", "Switch on")}${choice !== "off" && button("off", "Switch off")}</div>
</section>`;
}

function companiesCard(companies: readonly CompanyWithList[]): Html {
	return html`
<section class="card" aria-labelledby="companies">
<h2 id="companies">Companies with a list that you are on</h2>
${companies.length === 0 && html`<p class="quiet">None that we could match with you.</p>`}
<ul class="people">
${companies.map(
	({ id, name, uploadedAtMs, hidden }) => html`
<li><div><strong>${name}</strong><small>${uploadedAtMs === null ? "hidden by you" : html`uploaded on ${day(uploadedAtMs)}`}</small></div>
<form method="post" action="${hidden ? "/ads/show" : "/ads/hide"}"><input type="hidden" name="company" value="${id}">
<button class="second" aria-label="${hidden ? "Show" : "Hide"} ads from ${name}">${hidden ? "Show its ads again" : "Hide its ads"}</button></form></li>`,
)}
</ul>
</section>`;
}
