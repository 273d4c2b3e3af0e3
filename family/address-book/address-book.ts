/**
 * Address books: hashed with a secret key at once, used only to see who has each other's number, gone after 30 days.
 * Names in them are not read. Numbers whose owners asked for it are left out.
 */
import { toHex } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { personAction, requireViewer } from "../http/action.ts";
import { count, day } from "../pages/day.ts";
import type { PersonId, Viewer } from "../people/person.ts";
import { refreshEdges } from "../suggestions/edges.ts";
import { readNumbers } from "./read-numbers.ts";

const KEPT_MS = 30 * 24 * 3600 * 1000;
const MOST_NUMBERS = 10_000;
/** Of one statement. */
const ROWS_AT_ONCE = 500;

const Input = v.object({
	text: v.pipe(v.string("Nothing was uploaded."), v.maxLength(2_000_000, "That is too large.")),
	country: v.optional(v.pipe(v.string(), v.regex(/^([A-Za-z]{2})?$/, "A country has two letters."))),
});

/** `POST /api/address-book {text, country?}` → `{numbers, unreadable, expiresAtMs}`; `/api/address-book/delete`; GET. */
export function serveAddressBook(app: FastifyInstance, context: FamilyContext): void {
	const { records } = context;
	app.get("/api/address-book", async (request) => bookOf(context, (await requireViewer(context, request)).person));
	personAction(app, context, {
		path: "/address-book",
		input: Input,
		done: () => "/phone?done=uploaded",
		run: (_context, input, { person }) => upload(context, person, input),
	});
	personAction(app, context, {
		path: "/address-book/delete",
		input: v.object({}),
		done: () => "/phone?done=book-deleted",
		async run(_context, _input, { person }) {
			await records.transaction().execute(async (transaction) => {
				await transaction.deleteFrom("address_entry").where("person_id", "=", person).execute();
				await refreshEdges(context, transaction, person);
			});
			await eraseDeleted(records);
			return { deleted: true };
		},
	});
}

async function upload(
	context: FamilyContext,
	person: PersonId,
	{ text, country }: v.InferOutput<typeof Input>,
): Promise<{ numbers: number; unreadable: number; expiresAtMs: number }> {
	const { records, clock, keys } = context;
	const { numbers, unreadable } = readNumbers(text, country || undefined);
	const tags = [...numbers]
		.slice(0, MOST_NUMBERS)
		.map((phone) => ({ book: keys.tags.book(phone), keptOut: keys.tags.keptOut(phone) }));
	const now = clock.now();
	const expiresAtMs = now + KEPT_MS;
	await records.transaction().execute(async (transaction) => {
		await transaction.deleteFrom("address_entry").where("person_id", "=", person).execute();
		for (let first = 0; first < tags.length; first += ROWS_AT_ONCE) {
			const some = tags.slice(first, first + ROWS_AT_ONCE);
			const out = await transaction
				.selectFrom("kept_out")
				.select("kept_out_tag")
				.where(
					"kept_out_tag",
					"in",
					some.map(({ keptOut }) => keptOut),
				)
				.execute();
			const hidden = new Set(out.map(({ kept_out_tag }) => toHex(kept_out_tag)));
			const rows = some
				.filter(({ keptOut }) => !hidden.has(toHex(keptOut)))
				.map(({ book }) => ({ person_id: person, book_tag: book, uploaded_at_ms: now, expires_at_ms: expiresAtMs }));
			if (rows.length > 0) await transaction.insertInto("address_entry").values(rows).execute();
		}
		await refreshEdges(context, transaction, person);
	});
	// Told are the numbers that were read, not those that stayed: who is kept out is nobody's business.
	return { numbers: tags.length, unreadable, expiresAtMs };
}

/** Deletes what is too old, with the edges that came from it. */
export async function sweepAddressBooks(context: FamilyContext): Promise<void> {
	const { records, clock } = context;
	const deleted = await records.transaction().execute(async (transaction) => {
		const rows = await transaction
			.deleteFrom("address_entry")
			.where("expires_at_ms", "<=", clock.now())
			.returning("person_id")
			.execute();
		for (const person of new Set(rows.map((row) => row.person_id))) await refreshEdges(context, transaction, person);
		return rows.length;
	});
	if (deleted > 0) await eraseDeleted(records);
}

/** What is here of a person's address book. */
export async function bookOf({ records, clock }: FamilyContext, person: PersonId) {
	const row = await records
		.selectFrom("address_entry")
		.select(({ fn }) => [
			fn.countAll<number>().as("numbers"),
			fn.min("uploaded_at_ms").as("uploadedAtMs"),
			fn.min("expires_at_ms").as("expiresAtMs"),
		])
		.where("person_id", "=", person)
		.where("expires_at_ms", ">", clock.now())
		.executeTakeFirst();
	return row === undefined || row.numbers === 0 ? null : row;
}

/** The part of the page "Phone" about the address book. */
export async function addressBookCard(context: FamilyContext, { person }: Viewer): Promise<Html> {
	const book = await bookOf(context, person);
	return html`
<section class="card">
<h2>Your address book</h2>
<p>If you upload it, we can tell you who of your contacts is here, as long as they have your number as well and both of
you said yes to suggestions. Every number becomes a fingerprint under a secret key at once; names are not read; after 30
days it is gone. People who do not want to be in it can <a href="/keep-out">keep their number out</a>.</p>
${
	book !== null &&
	html`<p><strong>${count(book.numbers, "number")}</strong>, until ${day(book.expiresAtMs)}.</p>
<form method="post" action="/address-book/delete"><button class="plain danger">Delete it now</button></form>`
}
<form method="post" action="/address-book" class="stack">
<label>Contacts: a vCard file's text, or one number a line
<textarea name="text" rows="5" required placeholder="+1 555 010 0002"></textarea></label>
<label>Country of numbers without a country code
<input name="country" maxlength="2" size="4" placeholder="US" autocomplete="off"></label>
<button class="second">Upload</button>
</form>
</section>`;
}
