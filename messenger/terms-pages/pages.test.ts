/** The public pages as text: made from the data, and nothing in the data becomes markup. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type Policy, parsePolicy, parsePromises, readShippedPromises, shippedPolicyPath } from "@troth/bridge";
import { announcementPage } from "./announcement-page.ts";
import { changesPage, purposeChanges } from "./changes-page.ts";
import { faqPage } from "./faq-page.ts";
import { type Page, renderPage } from "./frame.ts";
import { promisesPage } from "./promises-page.ts";
import { textPage } from "./text-page.ts";
import { type PublicVersion, type VersionView, viewVersion } from "./version-view.ts";
import { versionsPage } from "./versions-page.ts";

type Words = { title: string; body: string };
type Draft = {
	version: number;
	acknowledgement?: string;
	recipients: { id: string; name: string; contact: string }[];
	purposes: { [key: string]: unknown }[];
	locales: {
		[locale: string]: { summary: string[]; documents: Words[]; purposes: { [id: string]: Words } };
	};
};

const DAY_MS = 24 * 3600 * 1000;
const PUBLISHED = Date.UTC(2026, 7, 25, 12);

const draftOf = async (name: "v1" | "opt-in" | "opt-out"): Promise<Draft> =>
	JSON.parse(await readFile(shippedPolicyPath(name), "utf8"));
const policyOf = (draft: Draft): Policy => parsePolicy(JSON.stringify(draft));
const V1 = policyOf(await draftOf("v1"));
const OPT_IN = policyOf(await draftOf("opt-in"));
const OPT_OUT = policyOf(await draftOf("opt-out"));

const published = (...policies: readonly Policy[]): readonly PublicVersion[] =>
	policies.map((policy, at) => ({
		policy,
		publishedAtMs: PUBLISHED + at * 10 * DAY_MS,
		signature: new Uint8Array(64),
	}));

function view(version: number, policies: readonly Policy[], language?: string): VersionView {
	const found = viewVersion(published(...policies), version, language);
	assert.ok(found !== undefined);
	return found;
}

const render = (page: Page) => renderPage(page, { stylesheet: "/style.css", here: undefined });
/** What a person reads: no tags, white space as one space. */
const read = (page: Page) =>
	render(page)
		.replaceAll(/<[^>]*>/g, " ")
		.replaceAll("&#39;", "'")
		.replaceAll(/\s+/g, " ");

function mustSay(page: Page, ...sentences: readonly string[]): void {
	const text = read(page);
	for (const sentence of sentences) assert.ok(text.includes(sentence), `“${sentence}” is not in: ${text}`);
}

const faq = (shown: VersionView) => faqPage(shown, 120);

test("the announcement has the summary, both dates and a row for each purpose", () => {
	const page = announcementPage(view(2, [V1, OPT_IN]));
	mustSay(page, "In force Published on 4 September 2026", "nobody has to answer before 4 October 2026");
	mustSay(page, "30 days to accept.", "30 days more for the choices.", ...OPT_IN.text("en").summary);
	const rows = render(page).match(/<tr role="row">\s*<td[\s\S]*?<\/tr>/g) ?? [];
	assert.equal(rows.length, 8);
	const [asked = "", unasked = ""] = read(page).split("What does not need your yes");
	for (const said of ["Suggest friends", "More relevant ads", "Link this device"]) assert.ok(asked.includes(said));
	for (const said of ["legitimate interest; you can object", "a legal duty", "pseudonym that changes each quarter"])
		assert.ok(unasked.includes(said), said);
	const row = (rows[1] ?? "").replaceAll(/<[^>]*>/g, " ");
	for (const cell of [
		"More relevant ads",
		"your phone number",
		"its operating system",
		"Family",
		"your yes",
		"365 days",
	])
		assert.ok(row.includes(cell), `${cell} is not in: ${row}`);
	assert.ok(!row.includes("Photos"), "who gets nothing is not named");
});

test("opt-out says what is shown as on, what waits, and who answers for it", () => {
	const page = announcementPage(view(2, [V1, OPT_OUT]));
	const shown = "that you did not say no; shown as on; nothing in the first 30 days after acceptance";
	assert.equal(read(page).split(shown).length, 3, "for two purposes");
	mustSay(page, "Who answers for the boxes that are shown as on", String(OPT_OUT.file.acknowledgement), "US");
	mustSay(faq(view(2, [V1, OPT_OUT])), "who says no by then has shared nothing", "what you allow, or do not refuse");
	assert.ok(!read(announcementPage(view(2, [V1, OPT_IN]))).includes("shown as on"));
});

test("the first version shares nothing, has nothing to be compared with, and is replaced when the next one comes", () => {
	mustSay(announcementPage(view(1, [V1])), "In force", "Nothing goes to anybody.", "It is the first version");
	mustSay(announcementPage(view(1, [V1, OPT_IN])), "Replaced by version 2 on 4 September 2026");
	mustSay(changesPage(view(1, [V1])), "This is the first version");
	mustSay(faq(view(1, [V1])), "Nothing. This version names no purpose", "With nobody.");
	assert.ok(!read(faq(view(1, [V1]))).includes("What does a no stop?"));
	mustSay(
		versionsPage(published(V1, OPT_IN)),
		"Shares nothing with anybody.",
		"3 purposes with Family and Photos",
		"5 narrower",
	);
});

test("the questions are answered from the data, a purpose without a choice included", async () => {
	const draft = await draftOf("opt-in");
	draft.purposes = draft.purposes.filter(({ basis }) => basis === "consent");
	for (const locale of Object.values(draft.locales))
		for (const id of Object.keys(locale.purposes))
			if (!draft.purposes.some((purpose) => purpose["id"] === id)) delete locale.purposes[id];
	const choices = policyOf(draft);
	draft.purposes.push({
		...{ id: "spam_and_abuse", basis: "legitimate_interest", fields: ["label"], recipients: ["family"] },
		...{ retentionDays: 90, initial: "off", objection: false },
	});
	for (const locale of Object.values(draft.locales)) {
		locale.purposes["spam_and_abuse"] = { title: "Fight spam together", body: "A label goes to Family." };
		for (const document of locale.documents) document.body += "\n\nFight spam together.\n";
	}
	const page = faq(view(2, [V1, policyOf(draft)]));
	mustSay(
		page,
		"Fight spam together : a label, for accounts that were acted upon, under a keyed pseudonym of the number",
	);
	mustSay(page, "Ground: legitimate interest. There is no objection to it.");
	mustSay(page, "troth consent withdraw friend_suggestions", "so for nobody does that end before 4 October 2026");
	mustSay(faq(view(2, [V1, choices])), "every purpose of this version is a choice");
	mustSay(faq(view(2, [V1, OPT_IN])), "You can object to it beforehand", "troth consent withdraw usage_metrics");
	mustSay(faq(view(2, [V1, OPT_IN])), "You can object to a limit", "It is about nobody");
});

test("what becomes of who does not accept and does not come back is said as this server has it", () => {
	const shown = view(2, [V1, OPT_IN]);
	mustSay(faqPage(shown, 150), "comes for 150 days", "warned 30 days and 7 days before", "puts it off");
	mustSay(faqPage(shown, 0), "kept on this server for as long as you leave it");
	assert.ok(!read(faqPage(shown, 0)).includes("is deleted, as if"));
});

test("the difference shows what is new, gone and otherwise, in the data and in the words", async () => {
	const two = changesPage(view(2, [V1, OPT_IN]));
	mustSay(two, "New Suggest friends on Family and Photos your phone number to Family and Photos; ground: your yes");
	mustSay(two, "Gone Nobody. We share nothing with a parent company", "New This server now belongs");
	const draft = await draftOf("opt-in");
	draft.version = 3;
	draft.purposes = draft.purposes.filter(({ id }) => id !== "relevant_ads");
	for (const locale of Object.values(draft.locales)) {
		delete locale.purposes["relevant_ads"];
		for (const document of locale.documents) document.body = document.body.replace("| Family, Photos |", "| Family |");
	}
	Object.assign(draft.purposes[0] ?? {}, { recipients: ["family"] });
	const three = policyOf(draft);
	assert.deepEqual(
		purposeChanges(OPT_IN, three).map(({ kind, title }) => [kind, title]),
		[
			["changed", "Suggest friends on Family and Photos"],
			["removed", "More relevant ads on Family"],
		],
	);
	mustSay(
		changesPage(view(3, [V1, OPT_IN, three])),
		"To whom: Family and Photos → Family.",
		"every paragraph is the same",
	);
	assert.deepEqual(purposeChanges(OPT_IN, OPT_IN), []);
});

test("a version in two languages is read in the one asked for, and every link keeps it", async () => {
	const draft = await draftOf("opt-in");
	draft.locales["de"] = structuredClone(draft.locales["en"] ?? { summary: [], documents: [], purposes: {} });
	draft.locales["de"].summary = ["Auf Deutsch."];
	const policies = [V1, policyOf(draft)];
	const german = render(announcementPage(view(2, policies, "de-AT")));
	assert.match(german, /<ul class="summary" lang="de"><li>Auf Deutsch\.<\/li>/);
	assert.match(german, /href="\/terms\/2\/text\?lang=de"/);
	assert.match(german, />German<\/a>/);
	const reference = render(announcementPage(view(2, policies, "fr")));
	assert.ok(!reference.includes("Auf Deutsch") && reference.includes('href="/terms/2/text"'));
});

test("markup in a policy stays text on every page", async () => {
	const evil = `<script>alert("x")</script><img src=x onerror='y'>"'&\``;
	const draft = await draftOf("opt-out");
	draft.acknowledgement = evil;
	for (const recipient of draft.recipients) Object.assign(recipient, { name: evil, contact: evil });
	for (const locale of Object.values(draft.locales)) {
		locale.summary = [evil];
		for (const words of Object.values(locale.purposes)) Object.assign(words, { title: evil, body: evil });
		for (const document of locale.documents)
			Object.assign(document, {
				title: evil,
				body: `# ${evil}\n\n${evil}\n\n- ${evil}\n\n| ${evil} |\n|---|\n| a |\n\n[x](https://e.example/"onclick="z)\n\n[y](javascript:alert(1))`,
			});
	}
	const policy = policyOf(draft);
	const register = parsePromises(
		JSON.stringify({
			...{ register: 1, referenceLocale: "en" },
			promises: [
				{
					id: evil,
					by: ["messenger", evil],
					since: 2,
					words: { en: { title: evil, body: evil } },
					said: { "2": evil },
				},
			],
		}),
	);
	const shown = view(2, [V1, policy]);
	const pages = [announcementPage, textPage, changesPage, faq].map((make) => make(shown));
	for (const page of [...pages, versionsPage(published(V1, policy)), promisesPage(register, published(V1, policy))]) {
		const text = render(page);
		assert.ok(text.includes("&#60;script&#62;"), page.title);
		assert.doesNotMatch(text, /<script|<img|href="javascript:|onclick="/, page.title);
		for (const tag of text.match(/<[^>]*>/g) ?? [])
			assert.doesNotMatch(tag.replaceAll(/"[^"]*"/g, ""), /\son\w+=|'/, tag);
	}
});

test("promises name who made them, since when, in which words; the companies' have their own section", async () => {
	const register = await readShippedPromises();
	const both = read(promisesPage(register, published(V1, OPT_IN)));
	assert.match(
		both,
		/Of this messenger .*Free for people .*since version 1, 25 August 2026 It costs you nothing\. Version 1 , Version 2/,
	);
	assert.match(
		both,
		/Of the companies .*Family and Photos, since version 2, 4 September 2026 Companies refuse what has no proof\./,
	);
	assert.match(read(promisesPage(register, published(V1))), /so none has promised anything/);
});

test("the colours are those of the app", async () => {
	const [own, app] = await Promise.all(
		["./pages.css", "../../web/app/design/tokens.css"].map((path) => readFile(new URL(path, import.meta.url), "utf8")),
	);
	const colours = own?.match(/--[\w-]+: light-dark\([^;]*;/g) ?? [];
	assert.ok(colours.length > 15);
	for (const colour of colours) assert.ok(app?.includes(colour), `${colour} is not in tokens.css`);
});
