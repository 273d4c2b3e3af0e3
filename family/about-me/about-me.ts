/** "What … knows about me": the page, the export, and the end of an account. */

import { type Html, html } from "@troth/protocol/html.ts";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { personAction, requireViewer, sendPage } from "../http/action.ts";
import type { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import { deletePerson } from "../people/delete-person.ts";
import { confirmPassword } from "../people/log-in.ts";
import type { Viewer } from "../people/person.ts";
import { knowledgeOf } from "./knowledge.ts";

/** `GET /about-me`, `GET /about-me.json` and `/api/about-me` (the export), `POST /api/delete-account {password}`. */
export function serveAboutMe(app: FastifyInstance, context: FamilyContext): void {
	const { records } = context;
	app.get("/about-me", async (request, reply) => {
		return sendPage(reply, await aboutPage(context, await requireViewer(context, request)));
	});
	for (const path of ["/about-me.json", "/api/about-me"])
		app.get(path, async (request, reply) => {
			const sections = await knowledgeOf(context, await requireViewer(context, request));
			return reply
				.header("cache-control", "no-store")
				.header("content-disposition", `attachment; filename="${context.company.id}-about-me.json"`)
				.send(Object.fromEntries(sections.map(({ key, data }) => [key, data])));
		});
	personAction(app, context, {
		path: "/delete-account",
		input: v.object({ password: v.pipe(v.string("The password is missing."), v.maxLength(200)) }),
		done: () => "/",
		session: () => null,
		again: (_context, viewer, problem) => {
			if (viewer === undefined) throw problem;
			return aboutPage(context, viewer, problem);
		},
		async run(_context, { password }, viewer) {
			await confirmPassword(context, viewer, password);
			await records.transaction().execute((transaction) => deletePerson(context, transaction, viewer.person));
			await eraseDeleted(records);
			return { deleted: true };
		},
	});
}

async function aboutPage(context: FamilyContext, viewer: Viewer, problem?: Problem): Promise<Html> {
	const { title } = context.company;
	const sections = await knowledgeOf(context, viewer);
	const body = html`
<h1>What ${title} knows about me</h1>
<p class="lead">All of it. <a href="/about-me.json">Take it with you as a file</a>.</p>
${sections.map(({ title, body }) => html`<section class="card"><h2>${title}</h2>${body}</section>`)}
<section class="card">
<h2>Delete my account</h2>
<p>Everything above is deleted at once and can not be brought back.</p>
<form method="post" action="/delete-account" class="row">
<label>Your password<input name="password" type="password" required autocomplete="current-password"></label>
<button class="danger">Delete my account</button>
</form>
</section>`;
	return page({ context, viewer, title: "What we know", path: "/about-me", body, problem });
}
