/** Ads on the company's own pages: the slot, what explains it, what people choose, and what is forgotten. */

import { html } from "@troth/protocol/html.ts";
import type { FastifyInstance } from "fastify";
import { memberListener } from "../audiences/members.ts";
import type { FamilyContext } from "../context.ts";
import { day } from "../pages/day.ts";
import { ADS_PATH, serveAdsPage } from "./ads-page.ts";
import { choiceOf, forgetPerson } from "./choice.ts";
import { companiesOf } from "./companies.ts";
import { serveHiding } from "./hide-advertiser.ts";
import { serveAdAccounts } from "./serve-ad-accounts.ts";
import { serveSlot } from "./slot.ts";
import { serveWhy } from "./why-page.ts";

/** When our handling of the signal changed last. */
const GPC_SINCE = "2026-11-22";

/** Adds the pages about ads to the company's own, and the place for an ad to its feed. */
export async function registerAds(app: FastifyInstance, context: FamilyContext): Promise<void> {
	context.matchKeys.listen(memberListener);
	context.personGone.push(forgetPerson);
	context.navigation.push({ href: ADS_PATH, title: "Ads" });
	context.knowledge.push(async ({ person }) => {
		const [choice, companies] = [await choiceOf(context.records, person), await companiesOf(context, person)];
		const body = html`
<p>Ads by companies' lists: ${choice === "unset" ? "not chosen here" : choice}. <a href="/ads">Change it</a>.</p>
${companies.length === 0 && html`<p class="quiet">You are on no company's list that we could match.</p>`}
<ul>${companies.map(({ name, uploadedAtMs }) => html`<li>${name}${uploadedAtMs !== null && html`, uploaded on ${day(uploadedAtMs)}`}</li>`)}</ul>`;
		return { title: "Ads", body, key: "ads", data: { choice, companies } };
	});
	app.get("/.well-known/gpc.json", async () => ({ gpc: true, lastUpdate: GPC_SINCE }));
	serveAdAccounts(app, context);
	serveSlot(app, context);
	serveWhy(app, context);
	serveAdsPage(app, context);
	serveHiding(app, context);
}
