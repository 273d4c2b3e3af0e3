/** Who sees no such ad: minors, people and browsers that said no, who hid the company, who has seen it often enough. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { PhoneNumber } from "@troth/protocol";
import { choosePurpose, takeNumber } from "../phone/verified-number.ts";
import { makeAudience, runCampaign } from "./_campaign.ts";
import { DAY_MS, openTown, type Person } from "./_town.ts";
import { createAdAccount } from "./accounts.ts";

const CARLA = "+15550100003";
const PHONE = CARLA as PhoneNumber;

test("a minor gets no profiled ad, and the ad for everybody of that age", async () => {
	await using town = await openTown();
	const minor = await town.signUp("Carla", 2008);
	await town.share(minor, CARLA);
	await runCampaign(town, { phones: [CARLA], targeting: { age_min: 13 } });
	assert.equal(await town.ad(minor), undefined);
	await runCampaign(town, { title: "For everybody", targeting: { age_min: 13 }, adSet: { bid_amount: 1 } });
	assert.equal((await town.ad(minor))?.title, "For everybody");
	const adult = await town.signUp("Bob", 2007);
	await town.share(adult, CARLA);
	assert.equal((await town.ad(adult))?.title, "Boots");
});

test("Global Privacy Control, the opt-out cookie and the own choice each stop ads by lists, and only those", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	await town.share(carla, CARLA);
	await runCampaign(town, { phones: [CARLA] });
	await runCampaign(town, { title: "For everybody", adSet: { bid_amount: 1 } });
	const title = async (headers?: Record<string, string>) => (await town.ad(carla, headers))?.title;
	assert.equal(await title(), "Boots");
	assert.equal(await title({ "sec-gpc": "1" }), "For everybody");
	assert.equal(await title({ cookie: "troth_optout=1" }), "For everybody");
	assert.equal(await title({ "sec-gpc": "0" }), "Boots");
	assert.deepEqual((await town.get(carla, "/.well-known/gpc.json")).body, { gpc: true, lastUpdate: "2026-11-22" });

	await town.post(carla, "/ads/choice", { choice: "off" });
	assert.equal(await title(), "For everybody");
	assert.deepEqual(await town.context.records.selectFrom("audience_member").selectAll().execute(), []);
	await makeAudience(town, [CARLA]);
	assert.deepEqual(await town.context.records.selectFrom("audience_member").selectAll().execute(), []);
	await town.post(carla, "/ads/choice", { choice: "on" });
	assert.equal(await title(), "Boots");
});

test("an exclusion is profiling too: who may not be looked up is shown no such ad", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	await town.share(carla, CARLA);
	const audience = await makeAudience(town, ["+15550100098"]);
	await runCampaign(town, { title: "New customers", targeting: { excluded_custom_audiences: [{ id: audience }] } });
	assert.equal((await town.ad(carla))?.title, "New customers");
	assert.equal(await town.ad(carla, { "sec-gpc": "1" }), undefined);
});

test("a hidden advertiser is not seen again, until it is", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	await town.share(carla, CARLA);
	const { ad } = await runCampaign(town, { phones: [CARLA] });
	const impression = (await town.ad(carla))?.why.split("/").at(-1);
	const hidden = await town.post(carla, "/ads/hide", { company: "1001", impression });
	assert.deepEqual(hidden.body, { hidden: true });
	assert.equal(await town.ad(carla), undefined);
	const { hides } = await town.context.records
		.selectFrom("ad")
		.select("hides")
		.where("ad_id", "=", ad)
		.executeTakeFirstOrThrow();
	assert.equal(hides, 1);
	await town.post(carla, "/ads/hide", { company: "1001", impression });
	await town.post(carla, "/ads/show", { company: "1001" });
	assert.ok(await town.ad(carla));
	assert.equal((await town.post(carla, "/ads/hide", { company: "7" })).status, 404);
});

test("the frequency cap counts per person and window", async () => {
	await using town = await openTown();
	const [carla, bob] = [await town.signUp("Carla"), await town.signUp("Bob")];
	await town.share(carla, CARLA);
	await town.share(bob, "+15550100002");
	const cap = [{ event: "IMPRESSIONS", interval_days: 7, max_frequency: 2 }];
	await runCampaign(town, { phones: [CARLA, "+15550100002"], adSet: { frequency_control_specs: cap } });
	assert.ok((await town.ad(carla)) && (await town.ad(carla)));
	assert.equal(await town.ad(carla), undefined);
	assert.ok(await town.ad(bob));
	town.clock.advance(7 * DAY_MS);
	assert.ok(await town.ad(carla));
});

test("a budget is not overspent, and a new day has a new one", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	await town.share(carla, CARLA);
	// Two thousand for a thousand impressions, three minor units a day: the second place costs 500 each time.
	await runCampaign(town, { phones: [CARLA], adSet: { bid_amount: 2000, daily_budget: 3 } });
	await runCampaign(town, { title: "Other", adSet: { bid_amount: 500 } });
	const titles = [];
	for (let view = 0; view < 5; view++) titles.push((await town.ad(carla))?.title);
	assert.deepEqual(titles, ["Boots", "Boots", "Boots", "Other", "Other"]);
	town.clock.advance(DAY_MS);
	assert.equal((await town.ad(carla))?.title, "Boots");
});

test("D5: at an equal bid the company whose own list contains the person ranks above a stranger", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	const stranger = await createAdAccount(town.context, { id: "1002", name: "Stranger Inc", audienceTerms: true });
	await runCampaign(town, { account: stranger, title: "Stranger" });
	await runCampaign(town, { title: "Known" });
	const seen = async () => {
		const titles = new Set<string | undefined>();
		for (let view = 0; view < 30; view++) titles.add((await town.ad(carla))?.title);
		return [...titles].sort();
	};
	assert.deepEqual(await seen(), ["Known", "Stranger"]);
	// A list of a partner is nobody's customers.
	await makeAudience(town, [CARLA], { audience: { troth_list_origin: "partner" } });
	await town.share(carla, CARLA);
	assert.deepEqual(await seen(), ["Known", "Stranger"]);
	await makeAudience(town, [CARLA], { audience: { troth_list_origin: "warranty_cards" } });
	assert.deepEqual(await seen(), ["Known"]);
});

test("the log-in address is matched only after a choice, and no longer than it lasts", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	const { audience } = await runCampaign(town, { phones: [] });
	const data = [[createHash("sha256").update(carla.email).digest("hex"), ""]];
	await town.graph("POST", `/${audience}/users`, { payload: { schema: ["EMAIL", "PHONE"], data } });
	assert.equal(await town.ad(carla), undefined);
	await town.post(carla, "/ads/choice", { choice: "on" });
	const ad = await town.ad(carla);
	const why = (await town.get(carla, `/api/why/${ad?.why.split("/").at(-1)}`)).body;
	assert.equal(why["matchedBy"], "email");
	assert.deepEqual(why["grounds"], [{ source: "self", purpose: "relevant_ads", sinceMs: town.clock.now() }]);
	await town.post(carla, "/ads/choice", { choice: "off" });
	assert.equal(await town.ad(carla), undefined);
	assert.deepEqual(await town.context.records.selectFrom("impression").selectAll().execute(), []);
	assert.deepEqual(await town.context.records.selectFrom("email_key").selectAll().execute(), []);
});

test("a number that carla verified here counts with her choice, and not once it is another's", async () => {
	await using town = await openTown();
	const { context } = town;
	const [carla, bob] = [await town.signUp("Carla"), await town.signUp("Bob")];
	await runCampaign(town, { phones: [CARLA] });
	const verify = (person: Person) =>
		context.records.transaction().execute((transaction) => takeNumber(context, transaction, person.person, PHONE));
	await verify(carla);
	assert.equal(await town.ad(carla), undefined);
	await context.records
		.transaction()
		.execute((transaction) => choosePurpose(context, transaction, carla.person, "relevant_ads", true));
	const ad = await town.ad(carla);
	const why = (await town.get(carla, `/api/why/${ad?.why.split("/").at(-1)}`)).body;
	assert.deepEqual(why["grounds"], [{ source: "self", purpose: "relevant_ads", sinceMs: town.clock.now() }]);
	await verify(bob);
	assert.deepEqual([await town.ad(carla), await town.ad(bob)], [undefined, undefined]);
	assert.deepEqual(await context.records.selectFrom("audience_member").selectAll().execute(), []);
});

test("who is gone leaves nothing about ads", async () => {
	await using town = await openTown();
	const { context } = town;
	const carla = await town.signUp("Carla");
	await town.share(carla, CARLA);
	await runCampaign(town, { phones: [CARLA] });
	await town.post(carla, "/ads/choice", { choice: "on" });
	await town.ad(carla);
	await town.post(carla, "/ads/hide", { company: "1001" });
	await context.records.transaction().execute(async (transaction) => {
		await context.matchKeys.remove(transaction, { person: carla.person });
		for (const forget of context.personGone) await forget(transaction, carla.person);
	});
	const tables = ["email_key", "audience_member", "impression", "hidden_advertiser", "ad_choice"] as const;
	for (const table of tables)
		assert.deepEqual(await context.records.selectFrom(table).selectAll().execute(), [], table);
});
