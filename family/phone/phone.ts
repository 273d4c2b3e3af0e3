/** The page "Phone": add a number, prove it, and say what it may be used for. */

import { type Html, html } from "@troth/protocol/html.ts";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { addressBookCard } from "../address-book/address-book.ts";
import type { FamilyContext } from "../context.ts";
import { personAction, requireViewer, sendPage } from "../http/action.ts";
import { box } from "../http/inputs.ts";
import { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import type { Viewer } from "../people/person.ts";
import { NumberProofs } from "./number-proofs.ts";
import { readNumber } from "./numbers.ts";
import { choosePurpose, dropNumber, ownChoices, takeNumber } from "./verified-number.ts";

const Phone = v.pipe(v.string("The number is missing."), v.transform(readNumber));
const Code = v.pipe(v.string("The code is missing."), v.maxLength(20, "A code has six digits."));

/**
 * `POST /api/phone {phone}` → `{expiresAtMs}`, `/api/phone/verify {code}` → `{lastTwo}`, `/api/phone/choices
 * {friendSuggestions, relevantAds}`, `/api/phone/remove`, `GET /api/phone`.
 */
export function servePhone(app: FastifyInstance, context: FamilyContext): void {
	const { codes, clock, keys, events, records } = context;
	const proofs = new NumberProofs(clock, codes, keys.tags, events);
	context.personGone.push(async (_transaction, person) => proofs.forget(person));

	const show = async (viewer: Viewer, done?: string, problem?: Problem) =>
		phonePage(context, viewer, proofs.waiting(viewer.person), done, problem);
	const again = async (_context: FamilyContext, viewer: Viewer | undefined, problem: Problem) => {
		if (viewer === undefined) throw problem;
		return show(viewer, undefined, problem);
	};

	app.get<{ Querystring: { done?: string } }>("/phone", async (request, reply) => {
		return sendPage(reply, await show(await requireViewer(context, request), request.query.done));
	});
	app.get("/api/phone", async (request) => {
		const { person } = await requireViewer(context, request);
		return numberOf(context, person);
	});
	personAction(app, context, {
		path: "/phone",
		input: v.object({ phone: Phone }),
		done: () => "/phone?done=code-sent",
		again,
		run: (_context, { phone }, { person }) => proofs.begin(person, phone),
	});
	personAction(app, context, {
		path: "/phone/verify",
		input: v.object({ code: Code }),
		done: () => "/phone?done=verified",
		again,
		async run(_context, { code }, { person }) {
			const phone = proofs.finish(person, code);
			await records.transaction().execute((transaction) => takeNumber(context, transaction, person, phone));
			// Whoever had the number before has lost it, and with it what hung on it.
			await eraseDeleted(records);
			return { lastTwo: phone.slice(-2) };
		},
	});
	personAction(app, context, {
		path: "/phone/choices",
		input: v.object({ friendSuggestions: box, relevantAds: box }),
		done: () => "/phone?done=saved",
		again,
		async run(_context, { friendSuggestions, relevantAds }, { person }) {
			const chosen = await records
				.transaction()
				.execute(async (transaction) => [
					await choosePurpose(context, transaction, person, "friend_suggestions", friendSuggestions),
					await choosePurpose(context, transaction, person, "relevant_ads", relevantAds && context.features.ads),
				]);
			if (chosen.includes(false)) throw new Problem("NO_NUMBER", "Please add and verify a number first.");
			return { friendSuggestions, relevantAds: relevantAds && context.features.ads };
		},
	});
	personAction(app, context, {
		path: "/phone/remove",
		input: v.object({}),
		done: () => "/phone?done=number-removed",
		async run(_context, _input, { person }) {
			proofs.forget(person);
			await records.transaction().execute((transaction) => dropNumber(context, transaction, person));
			await eraseDeleted(records);
			return { removed: true };
		},
	});
}

async function numberOf({ records }: FamilyContext, person: Viewer["person"]) {
	const phone = await records
		.selectFrom("verified_phone")
		.select(["last_two as lastTwo", "verified_at_ms as verifiedAtMs"])
		.where("person_id", "=", person)
		.executeTakeFirst();
	const choices = await ownChoices(records, person);
	return {
		phone: phone ?? null,
		friendSuggestions: choices.has("friend_suggestions"),
		relevantAds: choices.has("relevant_ads"),
	};
}

async function phonePage(
	context: FamilyContext,
	viewer: Viewer,
	waiting: string | undefined,
	done: string | undefined,
	problem: Problem | undefined,
): Promise<Html> {
	const { title } = context.company;
	const { phone, friendSuggestions, relevantAds } = await numberOf(context, viewer.person);
	const ticked = (on: boolean) => on && html` checked`;
	const choices = html`
<form method="post" action="/phone/choices" class="stack">
<p>What may we use it for? Nothing, unless you tick it.</p>
<label class="tick"><input type="checkbox" name="friendSuggestions"${ticked(friendSuggestions)}>
<span>Suggest friends to me and me to friends, where both have each other's number in their address books.</span></label>
${
	context.features.ads &&
	html`<label class="tick"><input type="checkbox" name="relevantAds"${ticked(relevantAds)}>
<span>Show me ads of companies I deal with already, where I am on the list that they uploaded. They never learn it.</span></label>`
}
<button>Save</button>
</form>`;
	const number =
		phone === null
			? html`<p>You have given us no number, and you do not need to.</p>`
			: html`<p>Your number ends in <strong>${phone.lastTwo}</strong>. That and a fingerprint made with a key of ours is
all we keep of it: we can recognise it, not read it. No page shows it, and nobody finds you by typing it.</p>
${choices}
<form method="post" action="/phone/remove"><button class="plain danger">Remove my number</button></form>`;
	const codeForm =
		waiting !== undefined &&
		html`<form method="post" action="/phone/verify" class="stack boxed">
<label>The code we sent to the number that ends in ${waiting}
<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="12"></label>
<button>Verify</button>
</form>`;
	const body = html`
<h1>Phone</h1>
<section class="card">
<h2>Your number</h2>
${number}
${codeForm}
<form method="post" action="/phone" class="stack">
<label>${phone === null ? "Add a number" : "Use another number"}
<input name="phone" type="tel" autocomplete="tel" required placeholder="+1 555 010 0001"></label>
<button class="second">Send me a code</button>
</form>
<p class="quiet">Until the code comes back, ${title} writes nothing of it down. Another number replaces this one and its choices.</p>
</section>
${await addressBookCard(context, viewer)}`;
	return page({ context, viewer, title: "Phone", path: "/phone", body, done, problem });
}
