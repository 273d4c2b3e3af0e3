/** Everything the company knows about one person, as parts of a page and of an export. */

import { type Html, type HtmlValue, html } from "@troth/protocol/html.ts";
import { bookOf } from "../address-book/address-book.ts";
import { linkOf } from "../connect/connect.ts";
import type { FamilyContext, KnowledgeSection } from "../context.ts";
import { friendsOf } from "../friends/friendships.ts";
import { count, day, time } from "../pages/day.ts";
import type { Viewer } from "../people/person.ts";

/** The company's own parts, then those that other parts of it add. */
export async function knowledgeOf(context: FamilyContext, viewer: Viewer): Promise<readonly KnowledgeSection[]> {
	const own = [await account(context, viewer), await numbers(context, viewer), await shared(context, viewer)];
	const more: KnowledgeSection[] = [];
	for (const section of context.knowledge) more.push(await section(viewer));
	return [...own, await contacts(context, viewer), await social(context, viewer), ...more];
}

async function account({ records }: FamilyContext, { person }: Viewer): Promise<KnowledgeSection> {
	const row = await records
		.selectFrom("person")
		.select(["name", "email", "birth_year", "created_at_ms", "suggest_me", "suggest_to_me"])
		.where("person_id", "=", person)
		.executeTakeFirstOrThrow();
	const sessions = await records
		.selectFrom("session")
		.select(["created_at_ms as since", "expires_at_ms as until"])
		.where("person_id", "=", person)
		.execute();
	return {
		title: "Your account",
		key: "account",
		data: {
			name: row.name,
			email: row.email,
			birthYear: row.birth_year,
			createdAtMs: row.created_at_ms,
			suggestMe: row.suggest_me === 1,
			suggestToMe: row.suggest_to_me === 1,
			sessions,
		},
		body: html`<dl>
<dt>Name</dt><dd>${row.name}</dd>
<dt>E-mail</dt><dd>${row.email}</dd>
<dt>Year of birth</dt><dd>${row.birth_year}</dd>
<dt>Here since</dt><dd>${day(row.created_at_ms)}</dd>
<dt>Logged in on</dt><dd>${count(sessions.length, "device")}</dd>
</dl>`,
	};
}

async function numbers({ records }: FamilyContext, { person }: Viewer): Promise<KnowledgeSection> {
	const phone = await records
		.selectFrom("verified_phone")
		.select(["last_two as lastTwo", "verified_at_ms as verifiedAtMs"])
		.where("person_id", "=", person)
		.executeTakeFirst();
	const keys = await records
		.selectFrom("match_key")
		.leftJoin("shared_item", (join) =>
			join
				.onRef("shared_item.subject", "=", "match_key.subject")
				.onRef("shared_item.purpose", "=", "match_key.purpose"),
		)
		.select([
			"match_key.purpose",
			"match_key.source",
			"match_key.since_ms as sinceMs",
			"match_key.policy_hash as policyHash",
			"shared_item.policy_version as policyVersion",
		])
		.where("match_key.person_id", "=", person)
		.orderBy("match_key.since_ms")
		.execute();
	const rows = keys.map(({ purpose, source, sinceMs, policyHash, policyVersion }) => [
		PURPOSES[purpose],
		source === "self" ? "you, here" : "Troth, with your consent",
		day(sinceMs),
		source === "self"
			? "your choice on this site"
			: html`Troth's policy ${policyVersion}<small><code>${policyHash.slice(0, 16)}…</code></small>`,
	]);
	return {
		title: "Your number, and what it may be used for",
		key: "number",
		data: { phone: phone ?? null, uses: keys },
		body: html`
<p>${
			phone === undefined
				? "You have verified no number here."
				: html`You verified a number that ends in <strong>${phone.lastTwo}</strong> on ${day(phone.verifiedAtMs)}.`
		}</p>
${
	keys.length === 0
		? html`<p>No number of yours may be used for anything.</p>`
		: table(["Used for", "From", "Since", "Because of"], rows)
}`,
	};
}

const PURPOSES = { friend_suggestions: "suggesting friends", relevant_ads: "ads of companies you deal with" } as const;

async function shared({ records, company }: FamilyContext, { person }: Viewer): Promise<KnowledgeSection> {
	const items = await records
		.selectFrom("shared_item")
		.select([
			"purpose",
			"purpose_title as title",
			"generation",
			"attached_by as foundBy",
			"policy_version as policyVersion",
			"policy_hash as policyHash",
			"received_at_ms as receivedAtMs",
			"expires_at_ms as expiresAtMs",
			"device_type as deviceType",
			"os",
			"app_version as appVersion",
		])
		.where("person_id", "=", person)
		.orderBy("received_at_ms")
		.execute();
	const linkedAtMs = (await linkOf(records, person)) ?? null;
	const rows = items.map(({ title, foundBy, receivedAtMs, expiresAtMs, policyVersion, deviceType, os, appVersion }) => {
		const device = [deviceType, os, appVersion].filter((fact) => fact !== null).join(", ");
		return [
			html`${title}${device !== "" && html`<small>Device: ${device}</small>`}`,
			foundBy === "number" ? "your number" : "your connected account",
			day(receivedAtMs),
			day(expiresAtMs),
			`policy ${policyVersion}`,
		];
	});
	return {
		title: "What Troth shared with us",
		key: "shared",
		data: { linkedAtMs, items },
		body: html`
${linkedAtMs !== null && html`<p>Connected with your Troth account since ${day(linkedAtMs)}.</p>`}
${
	items.length === 0
		? html`<p>Nothing. ${company.title} takes in nothing about you without your yes, signed by your device.</p>`
		: table(["For", "Found you by", "Since", "Until", "Under"], rows)
}
<p class="quiet">To take any of it back, withdraw the consent in Troth. It is deleted here with everything that came from
it before we acknowledge, and the acknowledgement stands in <a href="/receipts/checkpoint">our public log</a>.</p>`,
	};
}

async function contacts(context: FamilyContext, { person }: Viewer): Promise<KnowledgeSection> {
	const book = await bookOf(context, person);
	return {
		title: "Your address book",
		key: "addressBook",
		data: book,
		body:
			book === null
				? html`<p>Not here.</p>`
				: html`<p>Fingerprints of ${count(book.numbers, "number")}, until ${day(book.expiresAtMs)}. <a href="/phone">Delete it</a></p>`,
	};
}

async function social(context: FamilyContext, { person }: Viewer): Promise<KnowledgeSection> {
	const { friends, asked, asking } = await friendsOf(context, person);
	const posts = await context.records
		.selectFrom("post")
		.select(["text", "at_ms as atMs"])
		.where("person_id", "=", person)
		.orderBy("post_id")
		.execute();
	return {
		title: "Friends and posts",
		key: "social",
		data: { friends, asked, asking, posts },
		body: html`<p>${count(friends.length, "friend")}, ${count(posts.length, "post")}${
			posts.length > 0 && html`, the last on ${time(posts.at(-1)?.atMs ?? 0)}`
		}. The export has them all.</p>`,
	};
}

function table(heads: readonly string[], rows: readonly (readonly HtmlValue[])[]): Html {
	const row = (cells: readonly HtmlValue[]) =>
		html`<tr>${cells.map((cell, at) => html`<td data-head="${heads[at]}"><span>${cell}</span></td>`)}</tr>`;
	return html`<div class="scroll"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(row)}</tbody>
</table></div>`;
}
