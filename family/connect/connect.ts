/**
 * "Connect Troth": gives out a one-time link that the person opens in Troth, on their own device. Coming back is not the
 * browser's business: the device signs the nonce inside its consent, and it arrives through the bridge with a proof
 * like every other share.
 */
import { createHash, randomBytes } from "node:crypto";
import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance } from "fastify";
import type { Kysely, Transaction } from "kysely";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { personAction, requireViewer, sendPage } from "../http/action.ts";
import { Problem } from "../http/problem.ts";
import { day } from "../pages/day.ts";
import { page } from "../pages/page.ts";
import type { PersonId, Viewer } from "../people/person.ts";
import type { Records } from "../records/schema.ts";

const NONCE_MS = 15 * 60 * 1000;
const NONCE_BYTES = 32;

/**
 * `POST /api/connect` → `{url, recipient, nonce, expiresAtMs}`, `GET /api/connect` → `{linkedAtMs | null}`,
 * `GET /connect/{nonce}` with `accept: application/json` → `{recipient, nonce, title}`.
 */
export function serveConnect(app: FastifyInstance, context: FamilyContext): void {
	app.get("/connect", async (request, reply) => {
		const viewer = await requireViewer(context, request);
		return sendPage(reply, await connectPage(context, viewer));
	});
	app.get("/api/connect", async (request) => {
		const { person } = await requireViewer(context, request);
		return { linkedAtMs: (await linkOf(context.records, person)) ?? null };
	});
	personAction(app, context, {
		path: "/connect",
		input: v.object({}),
		done: ({ url }) => new URL(url).pathname,
		run: (_context, _input, { person }) => giveOutNonce(context, person),
	});
	app.get<{ Params: { nonce: string } }>("/connect/:nonce", async (request, reply) => {
		const { nonce } = request.params;
		const name = await nameBehind(context, nonce);
		if (name === undefined)
			throw new Problem("NOT_FOUND", "This link is too old, or it was used. Please make a new one.");
		reply.header("cache-control", "no-store").header("vary", "accept");
		if (!(request.headers.accept ?? "").includes("text/html"))
			return { recipient: context.company.id, nonce, title: `${name} at ${context.company.title}` };
		return sendPage(reply, noncePage(context, await context.sessions.viewerOf(request), nonce, name));
	});
}

async function giveOutNonce({ records, clock, origin, company }: FamilyContext, person: PersonId) {
	const nonce = randomBytes(NONCE_BYTES).toString("hex");
	const expiresAtMs = clock.now() + NONCE_MS;
	await records.transaction().execute(async (transaction) => {
		await transaction.deleteFrom("link_nonce").where("person_id", "=", person).execute();
		await transaction
			.insertInto("link_nonce")
			.values({ nonce_digest: digestOf(nonce), person_id: person, expires_at_ms: expiresAtMs })
			.execute();
	});
	return { url: `${origin}/connect/${nonce}`, recipient: company.id, nonce, expiresAtMs };
}

/** Uses a nonce up; gives the account it was made for. Undefined where it is unknown, used or too old. */
export async function useNonce(
	transaction: Transaction<Records>,
	nonce: string,
	nowMs: number,
): Promise<PersonId | undefined> {
	const row = await transaction
		.deleteFrom("link_nonce")
		.where("nonce_digest", "=", digestOf(nonce))
		.returning(["person_id", "expires_at_ms"])
		.executeTakeFirst();
	return row !== undefined && row.expires_at_ms > nowMs ? row.person_id : undefined;
}

/** Whose account a link leads to: shown on both sides, so that nobody links to a stranger's. */
async function nameBehind({ records, clock }: FamilyContext, nonce: string): Promise<string | undefined> {
	const row = await records
		.selectFrom("link_nonce")
		.innerJoin("person", "person.person_id", "link_nonce.person_id")
		.select("name")
		.where("nonce_digest", "=", digestOf(nonce))
		.where("expires_at_ms", ">", clock.now())
		.executeTakeFirst();
	return row?.name;
}

/** Since when the account is connected. */
export async function linkOf(records: Kysely<Records>, person: PersonId): Promise<number | undefined> {
	const row = await records
		.selectFrom("account_link")
		.select("linked_at_ms")
		.where("person_id", "=", person)
		.executeTakeFirst();
	return row?.linked_at_ms;
}

function digestOf(nonce: string): string {
	return createHash("sha256").update(nonce).digest("hex");
}

/** What people know the other service as. */
function serviceName({ messenger }: FamilyContext): string {
	return messenger?.title ?? "Troth";
}

async function connectPage(context: FamilyContext, viewer: Viewer): Promise<Html> {
	const { title } = context.company;
	const there = serviceName(context);
	const since = await linkOf(context.records, viewer.person);
	const state =
		since === undefined
			? html`<p>This account and your ${there} account do not know of each other.</p>
<p>If you connect them, what you let ${there} share with ${title} finds this account even without a phone number. You decide
at ${there}, purpose by purpose; connecting shares your device's kind and system, and nothing you wrote.</p>
<form method="post" action="/connect"><button>Connect ${there}</button></form>`
			: html`<p class="note good">Connected since ${day(since)}.</p>
<p>To end it, choose <strong>Unlink</strong> at ${there}, under Settings, Sharing. It is deleted here within seconds, with
everything that came by it.</p>
<form method="post" action="/connect"><button class="second">Connect another ${there} account instead</button></form>`;
	const body = html`<h1>Connect ${there}</h1><section class="card">${state}</section>`;
	return page({ context, viewer, title: `Connect ${there}`, path: "/connect", body });
}

function noncePage(context: FamilyContext, viewer: Viewer | undefined, nonce: string, name: string): Html {
	const url = `${context.origin}/connect/${nonce}`;
	const way = `/link-family?to=${encodeURIComponent(url)}`;
	const { messenger } = context;
	const there = serviceName(context);
	const body = html`
<h1>Connect ${there}</h1>
<section class="card">
<p>This link connects your ${there} account with <strong>${name}</strong> here. Only use it if that is you.</p>
${
	messenger === undefined
		? html`<p>On the device that has Troth, open this path of your Troth server:</p>
<p><input class="code" readonly value="${way}" aria-label="The path"></p>`
		: html`<p><a class="button" href="${messenger.url}${way}">Open ${there} on this device</a></p>`
}
${messenger?.title === undefined && html`<p>Or in a terminal: <code>troth link-family ${url}</code></p>`}
<p>Say yes there, and come back to <a href="/connect">this page</a>. It works once, for 15 minutes.</p>
</section>`;
	return page({ context, viewer, title: `Connect ${there}`, path: "/connect", body });
}
