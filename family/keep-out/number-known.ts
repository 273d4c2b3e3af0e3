/**
 * "What do you hold on my number?" (GDPR art. 15), for everybody who can prove that the number is theirs, with an account
 * or without. Only tags are compared: the number itself is not written anywhere for this, either.
 */
import { randomBytes } from "node:crypto";
import { ID_BYTES, type PhoneNumber, toHex } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import { numberPseudonym } from "@troth/transparency";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { openAction, sendPage } from "../http/action.ts";
import type { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import { NumberProofs } from "../phone/number-proofs.ts";
import { readNumber } from "../phone/numbers.ts";

/** Something the company holds under a number. */
export interface HeldItem {
	readonly what: "verified" | "match_key" | "address_book" | "list" | "label" | "kept_out";
	/** What a match key or a label is for; empty for the others. */
	readonly purpose: string;
	/** The person typed it in here, the messenger shared it, others uploaded it, or the number's owner asked for it. */
	readonly source: "self" | "share" | "others";
}

const Phone = v.pipe(v.string("The number is missing."), v.transform(readNumber));
const Claim = v.pipe(v.string("Please begin again."), v.regex(/^[0-9a-f]{32}$/, "Please begin again."));
const Code = v.pipe(v.string("The code is missing."), v.maxLength(20, "A code has six digits."));

/** What a proved number's owner was told, kept in mind for the page that shows it. */
const TOLD_MS = 10 * 60 * 1000;
const MOST_TOLD = 1000;

/** `POST /api/number {phone}` → `{claim}`, `/api/number/verify {claim, code}` → `{known, items}`; pages at `/number`. */
export function serveNumberKnown(app: FastifyInstance, context: FamilyContext): void {
	const { codes, clock, keys, events } = context;
	const proofs = new NumberProofs(clock, codes, keys.tags, events);
	const told = new Map<string, { readonly items: readonly HeldItem[]; readonly untilMs: number }>();
	app.get<{ Querystring: { claim?: string } }>("/number", async (request, reply) => {
		const { claim = "" } = request.query;
		const viewer = await context.sessions.viewerOf(request);
		const answer = told.get(claim);
		const items = answer !== undefined && answer.untilMs > clock.now() ? answer.items : undefined;
		const open = proofs.waiting(claim) === undefined ? undefined : claim;
		return sendPage(reply.header("cache-control", "no-store"), numberPage(context, viewer, open, items));
	});
	openAction(app, context, {
		path: "/number",
		input: v.object({ phone: Phone }),
		done: ({ claim }) => `/number?claim=${claim}`,
		again: (_context, viewer, problem) => numberPage(context, viewer, undefined, undefined, problem),
		async run(_context, { phone }) {
			const claim = toHex(randomBytes(ID_BYTES));
			await proofs.begin(claim, phone);
			return { claim };
		},
	});
	openAction(app, context, {
		path: "/number/verify",
		input: v.object({ claim: Claim, code: Code }),
		done: ({ claim }) => `/number?claim=${claim}`,
		again: (_context, viewer, problem, typed) => numberPage(context, viewer, typed["claim"], undefined, problem),
		async run(_context, { claim, code }) {
			const items = await heldUnder(context, proofs.finish(claim, code));
			const [oldest] = told.keys();
			if (oldest !== undefined && told.size >= MOST_TOLD) told.delete(oldest);
			told.set(claim, { items, untilMs: clock.now() + TOLD_MS });
			return { claim, known: items.some(({ what }) => what !== "kept_out"), items };
		},
	});
}

/** Everything that stands under any of the number's tags. */
async function heldUnder(
	{ records, keys: { tags }, abusePseudonymKey }: FamilyContext,
	phone: PhoneNumber,
): Promise<readonly HeldItem[]> {
	const verified = await records
		.selectFrom("verified_phone")
		.select("person_id")
		.where("people_tag", "=", tags.people(phone))
		.execute();
	const keys = await records
		.selectFrom("match_key")
		.select(["purpose", "source"])
		.where(({ or, and, eb }) =>
			or([
				and([eb("purpose", "=", "friend_suggestions"), eb("tag", "=", tags.book(phone))]),
				and([eb("purpose", "=", "relevant_ads"), eb("tag", "=", tags.list(phone))]),
			]),
		)
		.execute();
	const inBook = await records
		.selectFrom("address_entry")
		.select("book_tag")
		.where("book_tag", "=", tags.book(phone))
		.limit(1)
		.execute();
	const inList = await records
		.selectFrom("audience_row")
		.select("tag")
		.where("tag", "=", tags.list(phone))
		.limit(1)
		.execute();
	const keptOut = await records
		.selectFrom("kept_out")
		.select("at_ms")
		.where("kept_out_tag", "=", tags.keptOut(phone))
		.execute();
	const labels =
		abusePseudonymKey === undefined
			? []
			: await records
					.selectFrom("told_label")
					.select("purpose")
					.where("subject", "=", toHex(numberPseudonym(abusePseudonymKey, phone)))
					.execute();
	return [
		...verified.map((): HeldItem => ({ what: "verified", purpose: "", source: "self" })),
		...keys.map(({ purpose, source }): HeldItem => ({ what: "match_key", purpose, source })),
		// Whose book and whose list is about them, not about the number's owner.
		...inBook.map((): HeldItem => ({ what: "address_book", purpose: "", source: "others" })),
		...inList.map((): HeldItem => ({ what: "list", purpose: "", source: "others" })),
		...labels.map(({ purpose }): HeldItem => ({ what: "label", purpose, source: "share" })),
		...keptOut.map((): HeldItem => ({ what: "kept_out", purpose: "", source: "self" })),
	];
}

function numberPage(
	context: FamilyContext,
	viewer: Parameters<typeof page>[0]["viewer"],
	claim: string | undefined,
	items: readonly HeldItem[] | undefined,
	problem?: Problem,
): Html {
	const { title } = context.company;
	const body = html`
<div class="narrow">
<h1>What we hold on my number</h1>
<p>You need no account to ask. We send a code to the number, so that only you can; then we compare it with everything that
is kept here under a number, and forget it again.</p>
${items === undefined ? formOf(claim) : answerOf(items, title)}
</div>`;
	return page({ context, viewer, title: "What we hold on my number", path: "/number", body, problem });
}

function formOf(claim: string | undefined): Html {
	return claim === undefined
		? html`<form method="post" action="/number" class="card stack">
<label>Your number<input name="phone" type="tel" autocomplete="tel" required placeholder="+1 555 010 0001"></label>
<button>Send me a code</button></form>`
		: html`<form method="post" action="/number/verify" class="card stack">
<input type="hidden" name="claim" value="${claim}">
<label>The code we sent you<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="12"></label>
<button>Show me</button></form>`;
}

const SENTENCES: Readonly<Record<HeldItem["what"], string>> = {
	verified: "An account here has verified it.",
	match_key: "It may be used to match",
	address_book: "It stands in an address book that somebody uploaded, as a fingerprint under a secret key.",
	list: "It stands in a list that an advertiser uploaded, as a fingerprint under a secret key.",
	label: "Troth's operator told us that an account with it was acted upon, for",
	kept_out: "You had it kept out of address books; for that we keep a fingerprint.",
};

const SOURCES: Readonly<Record<HeldItem["source"], string>> = {
	self: "from you, here",
	share: "from Troth",
	others: "from others",
};

function answerOf(items: readonly HeldItem[], title: string): Html {
	if (items.length === 0)
		return html`<p class="note good" role="status">Nothing. ${title} holds nothing under this number.</p>`;
	return html`<ul class="card stack">${items.map(({ what, purpose, source }) => {
		const sentence = purpose === "" ? SENTENCES[what] : `${SENTENCES[what]} ${purpose.replaceAll("_", " ")}.`;
		return html`<li>${sentence} <small>${SOURCES[source]}</small></li>`;
	})}</ul>`;
}
