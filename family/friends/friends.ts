/** The page "Friends": who asks, people you may know, friends; and the same for programs. */

import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { holdToLimits } from "../abuse/limits.ts";
import type { FamilyContext } from "../context.ts";
import { personAction, requireViewer, sendPage } from "../http/action.ts";
import { box, email, personId } from "../http/inputs.ts";
import { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import type { PersonId, Viewer } from "../people/person.ts";
import { type Suggestion, suggestionsFor } from "../suggestions/suggestions.ts";
import { acceptFriendship, endFriendship, friendsOf, type Named, requestFriendship } from "./friendships.ts";

const Person = v.object({ person: personId });
const Whom = v.union([Person, v.object({ email })], "Whom do you want to ask?");

/**
 * `GET /api/friends`, `POST /api/friends/request {email} | {person}`, `/api/friends/accept {person}`,
 * `/api/friends/remove {person}`, `GET /api/suggestions`, `POST /api/settings {suggestMe, suggestToMe}`.
 */
export function serveFriends(app: FastifyInstance, context: FamilyContext): void {
	const { records } = context;
	app.get<{ Querystring: { done?: string } }>("/friends", async (request, reply) => {
		const viewer = await requireViewer(context, request);
		return sendPage(reply, await friendsPage(context, viewer, request.query.done));
	});
	app.get("/api/friends", async (request) => friendsOf(context, (await requireViewer(context, request)).person));
	app.get("/api/suggestions", async (request) => {
		const { person } = await requireViewer(context, request);
		return { suggestions: await suggestionsFor(context, person) };
	});
	personAction(app, context, {
		path: "/friends/request",
		input: Whom,
		done: () => "/friends?done=request-sent",
		async run(_context, whom, { person }) {
			const other = await findPerson(context, whom);
			if (other === undefined) throw new Problem("NOT_FOUND", "Nobody here has that address.");
			await holdToLimits(context, person, "requests");
			await records.transaction().execute((transaction) => requestFriendship(context, transaction, person, other));
			return { sent: true };
		},
	});
	personAction(app, context, {
		path: "/friends/accept",
		input: Person,
		done: () => "/friends?done=accepted",
		async run(_context, input, { person }) {
			const accepted = await records
				.transaction()
				.execute((transaction) => acceptFriendship(context, transaction, person, input.person as PersonId));
			if (!accepted) throw new Problem("NOT_FOUND", "There is no such request.");
			return { accepted };
		},
	});
	personAction(app, context, {
		path: "/friends/remove",
		input: Person,
		done: () => "/friends?done=removed",
		async run(_context, input, { person }) {
			await records
				.transaction()
				.execute((transaction) => endFriendship(transaction, person, input.person as PersonId));
			return { removed: true };
		},
	});
	personAction(app, context, {
		path: "/settings",
		input: v.object({ suggestMe: box, suggestToMe: box }),
		done: () => "/friends?done=saved",
		async run(_context, { suggestMe, suggestToMe }, { person }) {
			await records
				.updateTable("person")
				.set({ suggest_me: suggestMe, suggest_to_me: suggestToMe })
				.where("person_id", "=", person)
				.execute();
			return { suggestMe, suggestToMe };
		},
	});
}

async function findPerson({ records }: FamilyContext, whom: v.InferOutput<typeof Whom>): Promise<PersonId | undefined> {
	const query = records.selectFrom("person").select("person_id");
	const row = await ("person" in whom
		? query.where("person_id", "=", whom.person as PersonId)
		: query.where("email", "=", whom.email)
	).executeTakeFirst();
	return row?.person_id;
}

async function friendsPage(context: FamilyContext, viewer: Viewer, done: string | undefined): Promise<Html> {
	const { friends, asking, asked } = await friendsOf(context, viewer.person);
	const suggestions = await suggestionsFor(context, viewer.person);
	const settings = await context.records
		.selectFrom("person")
		.select(["suggest_me", "suggest_to_me"])
		.where("person_id", "=", viewer.person)
		.executeTakeFirstOrThrow();
	const body = html`
<h1>Friends</h1>
${asking.length > 0 && html`<section class="card"><h2>They ask to be your friend</h2><ul class="people">${asking.map(asks)}</ul></section>`}
<section class="card">
<h2>People you may know</h2>
${
	suggestions.length === 0
		? html`<p class="quiet">Nobody right now.</p>`
		: html`<ul class="people">${suggestions.map(suggested)}</ul>`
}
<details>
<summary>Suggestions are ${settings.suggest_to_me === 1 ? "on" : "off"} for you. Change it</summary>
<form method="post" action="/settings" class="stack">
<label class="tick"><input type="checkbox" name="suggestToMe"${settings.suggest_to_me === 1 && html` checked`}>
<span>Suggest people to me.</span></label>
<label class="tick"><input type="checkbox" name="suggestMe"${settings.suggest_me === 1 && html` checked`}>
<span>Suggest me to others. Friends of your friends see it; and, if you let us use your number for it, people whose number
you have and who have yours. They can tell from it that you have their number.</span></label>
<button class="second">Save</button>
</form>
</details>
</section>
<section class="card">
<h2>Your friends</h2>
${friends.length === 0 ? html`<p class="quiet">Nobody yet.</p>` : html`<ul class="people">${friends.map(friendRow)}</ul>`}
${asked.length > 0 && html`<h3>You asked</h3><ul class="people">${asked.map(friendRow)}</ul>`}
<form method="post" action="/friends/request" class="row">
<label>Ask someone by e-mail<input name="email" type="email" required placeholder="bob@example.org"></label>
<button>Ask</button>
</form>
</section>`;
	return page({ context, viewer, title: "Friends", path: "/friends", body, done });
}

function personButton(action: string, person: PersonId, title: string, style: string): Html {
	return html`<form method="post" action="/friends/${action}"><input type="hidden" name="person" value="${person}">
<button class="${style}">${title}</button></form>`;
}

/** A disc with the first letter: nobody has to give a picture of themselves. */
export function disc(name: string): Html {
	const [first = "?"] = name;
	const hue = [...name].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % 6;
	return html`<span class="disc hue${hue}" aria-hidden="true">${first.toLocaleUpperCase("en")}</span>`;
}

function asks({ person, name }: Named): Html {
	return html`<li>${disc(name)}<div><strong>${name}</strong></div>
${personButton("accept", person, "Accept", "")}${personButton("remove", person, "No", "plain")}</li>`;
}

function suggested({ person, name, reasons }: Suggestion): Html {
	return html`<li>${disc(name)}<div><strong>${name}</strong>${reasons.map(({ text }) => html`<small>${text}</small>`)}</div>
${personButton("request", person, "Ask", "second")}</li>`;
}

function friendRow({ person, name }: Named): Html {
	return html`<li>${disc(name)}<div><strong>${name}</strong></div>${personButton("remove", person, "Remove", "plain")}</li>`;
}
