/** The one place for an ad, in the feed: as a piece of the page, and as JSON for programs. */

import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance } from "fastify";
import type { FamilyContext } from "../context.ts";
import { requireViewer } from "../http/action.ts";
import { readSignals } from "./choice.ts";
import { type ServedAd, serveAd } from "./serve-ad.ts";

/** `GET /api/feed/ad` → `{ad: null | {advertiser, title, message, link, why}}`. Each answer with an ad is an impression. */
export function serveSlot(app: FastifyInstance, context: FamilyContext): void {
	context.adSlot = async (viewer, request) => {
		const ad = await serveAd(context, viewer, readSignals(request));
		return ad === undefined ? html`` : adCard(ad);
	};
	app.get("/api/feed/ad", async (request, reply) => {
		const viewer = await requireViewer(context, request);
		const ad = await serveAd(context, viewer, readSignals(request));
		reply.header("cache-control", "no-store");
		if (ad === undefined) return { ad: null };
		const { impression, advertiser, title, message, link } = ad;
		return { ad: { advertiser, title, message, link, why: `${context.origin}/why/${impression}` } };
	});
}

/** The link tells the advertiser nothing: no referrer, no id in the address. */
function adCard({ impression, advertiser, title, message, link }: ServedAd): Html {
	return html`
<article class="card post" aria-label="Ad by ${advertiser}">
<header><div><strong>${advertiser}</strong><small><span class="ad-label">Ad</span> · <a href="/why/${impression}">Why am I seeing this?</a></small></div></header>
${message !== "" && html`<p>${message}</p>`}
<p><a class="button second" href="${link}" rel="sponsored noopener noreferrer nofollow">${title === "" ? new URL(link).hostname : title}</a></p>
</article>`;
}
