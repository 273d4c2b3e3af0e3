/** "How often our services are used": what the counts are for, for everybody; and the exact ones for the operator. */
import { dayText, USAGE_CLASSES, type UsageClass } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance } from "fastify";
import type { FamilyContext } from "../context.ts";
import { sendPage } from "../http/action.ts";
import { hasBearer } from "../http/bearer.ts";
import { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import { coarsen, deliveryOf, trendsOf, type VersionDelivery, type WeekOfService } from "./trends.ts";

export const HOW_OFTEN_PATH = "/how-often";

export const CLASS_WORDS: Readonly<Record<UsageClass, string>> = {
	none: "not at all",
	light: "lightly",
	daily: "daily",
	heavy: "heavily",
};

/** `GET /how-often` for everybody, coarsened; `GET /operator/metrics` with the operator's token, exact. */
export function serveHowOften(app: FastifyInstance, context: FamilyContext): void {
	app.get(HOW_OFTEN_PATH, async (request, reply) => {
		const viewer = await context.sessions.viewerOf(request);
		const { messenger, together, own } = await trendsOf(context);
		const delivery = await deliveryOf(context);
		const { company, countFloor } = context;
		const body = html`
<h1>How often our services are used</h1>
<section class="card stack" aria-labelledby="what">
<h2 id="what">What this is for</h2>
<p>We look at how many people use Troth and ${company.title}, and how often, to see which of them needs our work. That is
all that we do with it: nothing is shown to anybody because of it.</p>
<p>What Troth tells us about use says nobody's number and nobody's name: a last day and a class, under a name that is made
anew each quarter. Who objects in Troth is gone from here within seconds. Groups of fewer than ${countFloor} people are
not shown, and all others are rounded down.</p>
</section>
${service("Troth", "troth", messenger, countFloor)}
${
	together.length > 0 &&
	service(
		"Troth, where only sums are told",
		"together",
		together,
		countFloor,
		html`<p>Where a region's rule allows no more, Troth tells us only how many people there were of each kind in a week, of
all such regions together: no name, no day, nothing about one of them. We look at them beside the others to see how much
Troth is used. Troth publishes the same sums, each with its proof, on its pages for auditors.</p>`,
	)
}
${service(company.title, "own", own, countFloor)}
${delivery.length > 0 && deliveryCard(delivery)}`;
		return sendPage(
			reply,
			page({ context, viewer, title: "How often our services are used", path: HOW_OFTEN_PATH, body }),
		);
	});
	app.get("/operator/metrics", async (request, reply) => {
		if (!hasBearer(request, context.operatorToken))
			throw new Problem("UNAUTHENTICATED", "The operator's token is missing.");
		const { messenger, together, own } = await trendsOf(context);
		const dated = (weeks: readonly WeekOfService[]) =>
			weeks.map(({ week, people }) => ({ week: dayText(week), ...people }));
		reply.header("cache-control", "no-store");
		return {
			usage: { troth: dated(messenger), trothSums: dated(together), [context.company.id]: dated(own) },
			delivery: await deliveryOf(context),
		};
	});
}

function service(title: string, id: string, weeks: readonly WeekOfService[], floor: number, what?: Html): Html {
	return html`<section class="card stack" aria-labelledby="use-${id}">
<h2 id="use-${id}">${title}, by week</h2>
${what}
${
	weeks.length === 0
		? html`<p class="quiet">Nothing was counted yet.</p>`
		: table(
				["Week from", ...USAGE_CLASSES.map((usageClass) => headOf(usageClass)), "At a glance"],
				weeks.map(({ week, people }) => {
					const coarse = coarsen(people, floor);
					return [
						dayText(week),
						...USAGE_CLASSES.map((usageClass) => coarse[usageClass] ?? html`<span class="quiet">under ${floor}</span>`),
						bar(USAGE_CLASSES.map((usageClass) => coarse[usageClass] ?? 0)),
					];
				}),
			)
}
</section>`;
}

const headOf = (usageClass: UsageClass) => {
	const words = CLASS_WORDS[usageClass];
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

function deliveryCard(delivery: readonly VersionDelivery[]): Html {
	const rows = delivery.map(({ os, appVersion, delivered, left }) => [
		os,
		appVersion,
		delivered,
		left,
		`${((100 * delivered) / Math.max(1, delivered + left)).toFixed(1)} %`,
	]);
	return html`<section class="card stack" aria-labelledby="delivery">
<h2 id="delivery">Delivery by app version</h2>
<p>Sums of the last four weeks, about nobody: how many messages a device confirmed, and how many were still under way when
it went. We look for versions that lose connections more often than others.</p>
${table(["System", "Version", "Delivered", "Under way at the end", "Delivered at once"], rows)}
</section>`;
}

function table(heads: readonly string[], rows: readonly (readonly (string | number | Html)[])[]): Html {
	return html`<div class="scroll"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, at) => html`<td data-head="${heads[at]}"><span>${cell}</span></td>`)}</tr>`)}</tbody>
</table></div>`;
}

/** Decoration: the numbers stand beside it. */
function bar(parts: readonly number[]): Html {
	const sum = parts.reduce((all, part) => all + part, 0);
	if (sum === 0) return html``;
	let x = 0;
	return html`<svg class="shares" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${parts.map(
		(part, at) => {
			const width = (100 * part) / sum;
			const from = x;
			x += width;
			return (
				width > 0 && html`<rect class="part-${at}" x="${from.toFixed(2)}" width="${width.toFixed(2)}" height="10"/>`
			);
		},
	)}</svg>`;
}
