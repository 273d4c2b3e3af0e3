/** GET /why/{impression} and GET /api/why/{impression} */

import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { FamilyContext } from "../context.ts";
import { requireViewer, sendPage } from "../http/action.ts";
import { Problem } from "../http/problem.ts";
import { day } from "../pages/day.ts";
import { page } from "../pages/page.ts";
import { explain, type Ground, type Why, type WhyList } from "./why.ts";

type Asked = FastifyRequest<{ Params: { impression: string } }>;

export function serveWhy(app: FastifyInstance, context: FamilyContext): void {
	const ask = async (request: Asked) => {
		const viewer = await requireViewer(context, request);
		const why = await explain(context, viewer.person, request.params.impression);
		if (why === undefined) {
			throw new Problem(
				"NOT_FOUND",
				"There is nothing to explain any more: it was forgotten, or it was not shown to you.",
			);
		}
		return { viewer, why };
	};
	app.get("/why/:impression", async (request: Asked, reply) => {
		const { viewer, why } = await ask(request);
		const body = whyBody(context, why, request.params.impression);
		return sendPage(reply, page({ context, viewer, title: "Why am I seeing this?", body }));
	});
	app.get("/api/why/:impression", async (request: Asked, reply) => {
		const { why } = await ask(request);
		return reply.header("cache-control", "no-store").send(whyJson(context, why));
	});
}

function whyJson({ origin }: FamilyContext, why: Why) {
	const { advertiser, paidBy, beneficiary, shownAtMs, audienceSource, list } = why;
	return {
		advertiser: { id: `act_${advertiser.id}`, name: advertiser.name },
		paidBy,
		beneficiary,
		shownAtMs,
		audienceSource,
		...(list !== undefined && {
			listUploadedOn: list.uploadedAtMs === null ? null : isoDay(list.uploadedAtMs),
			matchedBy: list.matchedBy,
			listOrigin: list.origin,
			listBasis: list.basis,
			grounds: list.grounds,
		}),
		advertiserReceived: "nothing",
		links: { hide: `${origin}/ads`, optOut: `${origin}/ads`, whatWeKnow: `${origin}/about-me` },
	};
}

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

const ORIGINS = {
	own_customers: "its own customers",
	warranty_cards: "warranty cards that people sent in",
	partner: "a partner of that company",
} as const;

const BASES = {
	consent: "that these people agreed",
	contract: "a contract with these people",
	legitimate_interest: "its own legitimate interest",
} as const;

function whyBody(context: FamilyContext, why: Why, impression: string): Html {
	const { advertiser, paidBy, beneficiary, list } = why;
	return html`
<h1>Why am I seeing this?</h1>
<section class="card">
<dl>
<dt>Advertiser</dt><dd>${advertiser.name}</dd>
<dt>Paid for by</dt><dd>${paidBy}${beneficiary !== paidBy && html`, for ${beneficiary}`}</dd>
<dt>Shown to you on</dt><dd>${day(why.shownAtMs)}</dd>
${list === undefined ? everybody() : listFacts(list)}
<dt>What ${advertiser.name} got about you</dt>
<dd>Nothing: no name, no number, no answer to its list. If you follow the link, it learns what any site learns of a visitor.</dd>
</dl>
</section>
<div class="row">
<form method="post" action="/ads/hide">
<input type="hidden" name="company" value="${advertiser.id}">
<input type="hidden" name="impression" value="${impression}">
<button>${advertiser.hidden ? "Hidden already" : html`Hide ads from ${advertiser.name}`}</button>
</form>
${list !== undefined && html`<form method="post" action="/ads/choice"><input type="hidden" name="choice" value="off"><button class="second">Switch off ads by lists</button></form>`}
</div>
<p class="quiet"><a href="/ads">Companies with a list that you are on</a> · <a href="/about-me">What ${context.company.title} knows about you</a></p>`;
}

function everybody(): Html {
	return html`<dt>Where it comes from</dt><dd>It is shown to everybody of an age. No list was looked at.</dd>`;
}

function listFacts({ uploadedAtMs, matchedBy, origin, basis, grounds }: WhyList): Html {
	return html`
<dt>Where it comes from</dt><dd>A list that this company uploaded, and that you are on.</dd>
<dt>List uploaded on</dt><dd>${uploadedAtMs === null ? "not known any more: the list is gone" : day(uploadedAtMs)}</dd>
<dt>Matched by</dt><dd>${matchedBy === "phone" ? "your phone number" : "your e-mail address"}</dd>
<dt>The company says the list is of</dt><dd>${origin === null ? "It did not say." : ORIGINS[origin]}</dd>
<dt>The company says it rests on</dt><dd>${basis === null ? "It did not say." : BASES[basis]}</dd>
<dt>Why we may match it</dt><dd>${grounds.map((ground) => groundText(ground, matchedBy))}</dd>`;
}

function groundText({ source, title, policyVersion, sinceMs }: Ground, matchedBy: WhyList["matchedBy"]): Html {
	if (source === "self") {
		const what = matchedBy === "phone" ? "the number that you verified here" : "the address that you log in with";
		return html`You chose here, on ${day(sinceMs)}, that ${what} may be used for this. `;
	}
	return html`Troth shared your number for “${title ?? "relevant ads"}” (purpose <code>relevant_ads</code>${policyVersion !== undefined && html`, version ${policyVersion} of its policy`}), received on ${day(sinceMs)}. You can take it back there at any time. `;
}
