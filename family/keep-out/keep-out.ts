/**
 * For people without an account: keep a number out of every address book here (D1). Proved by a code, and then only a
 * keyed tombstone is stored, under a key of its own.
 */
import { randomBytes } from "node:crypto";
import { ID_BYTES, toHex } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance, FastifyRequest } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { openAction, sendPage } from "../http/action.ts";
import type { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import { NumberProofs } from "../phone/number-proofs.ts";
import { readNumber } from "../phone/numbers.ts";
import { refreshEdges } from "../suggestions/edges.ts";

const Phone = v.pipe(v.string("The number is missing."), v.transform(readNumber));
const Claim = v.pipe(v.string("Please begin again."), v.regex(/^[0-9a-f]{32}$/, "Please begin again."));
const Code = v.pipe(v.string("The code is missing."), v.maxLength(20, "A code has six digits."));

/** `POST /api/keep-out {phone}` → `{claim}`, `/api/keep-out/verify {claim, code}` → `{keptOut}`. */
export function serveKeepOut(app: FastifyInstance, context: FamilyContext): void {
	const { codes, clock, keys, events } = context;
	const proofs = new NumberProofs(clock, codes, keys.tags, events);
	const show = async (request: FastifyRequest<{ Querystring: { claim?: string; done?: string } }>) => {
		const { claim, done } = request.query;
		const viewer = await context.sessions.viewerOf(request);
		const open = claim !== undefined && proofs.waiting(claim) !== undefined ? claim : undefined;
		return keepOutPage(context, viewer, open, done);
	};
	app.get<{ Querystring: { claim?: string; done?: string } }>("/keep-out", async (request, reply) =>
		sendPage(reply, await show(request)),
	);
	openAction(app, context, {
		path: "/keep-out",
		input: v.object({ phone: Phone }),
		done: ({ claim }) => `/keep-out?claim=${claim}`,
		again: (_context, viewer, problem) => keepOutPage(context, viewer, undefined, undefined, problem),
		async run(_context, { phone }) {
			const claim = toHex(randomBytes(ID_BYTES));
			await proofs.begin(claim, phone);
			return { claim };
		},
	});
	openAction(app, context, {
		path: "/keep-out/verify",
		input: v.object({ claim: Claim, code: Code }),
		done: () => "/keep-out?done=kept-out",
		again: (_context, viewer, problem, typed) => keepOutPage(context, viewer, typed["claim"], undefined, problem),
		async run(_context, { claim, code }) {
			const phone = proofs.finish(claim, code);
			await keepOut(context, keys.tags.keptOut(phone), keys.tags.book(phone));
			return { keptOut: true };
		},
	});
}

async function keepOut(context: FamilyContext, keptOutTag: Uint8Array, bookTag: Uint8Array): Promise<void> {
	const { records, clock } = context;
	await records.transaction().execute(async (transaction) => {
		await transaction
			.insertInto("kept_out")
			.values({ kept_out_tag: keptOutTag, at_ms: clock.now() })
			.onConflict((conflict) => conflict.doNothing())
			.execute();
		const books = await transaction
			.deleteFrom("address_entry")
			.where("book_tag", "=", bookTag)
			.returning("person_id")
			.execute();
		for (const { person_id } of books) await refreshEdges(context, transaction, person_id);
	});
	await eraseDeleted(records);
}

function keepOutPage(
	context: FamilyContext,
	viewer: Parameters<typeof page>[0]["viewer"],
	claim: string | undefined,
	done: string | undefined,
	problem?: Problem,
): Html {
	const form =
		claim === undefined
			? html`<form method="post" action="/keep-out" class="card stack">
<label>Your number<input name="phone" type="tel" autocomplete="tel" required placeholder="+1 555 010 0001"></label>
<button>Send me a code</button></form>`
			: html`<form method="post" action="/keep-out/verify" class="card stack">
<input type="hidden" name="claim" value="${claim}">
<label>The code we sent you<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="12"></label>
<button>Keep my number out</button></form>`;
	const body = html`
<div class="narrow">
<h1>Keep my number out</h1>
<p>People can upload their address books here to find each other. You can have your number left out of all of them, now and
later, whether you have an account or not. We send a code to it, so that only you can ask. What we keep is a fingerprint
under a secret key, for this and nothing else.</p>
${form}
</div>`;
	return page({ context, viewer, title: "Keep my number out", path: "/keep-out", body, done, problem });
}
