/** The same story through the real doors: a share with its proof makes the ad appear, its recall ends it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newTrother } from "../_bridge.ts";
import { startTestFamily, type TestPerson } from "../_fixture.ts";
import { runCampaign } from "./_campaign.ts";
import { asNodeSdk } from "./_town.ts";
import type { AdAccount } from "./accounts.ts";

const CARLA = "+15550100003";
const PEOPLE = ["+15550100011", "+15550100012", "+15550100013", "+15550100014"];

const adOf = async (person: TestPerson) =>
	(await person.call<{ ad: { advertiser: string; why: string } | null }>("/api/feed/ad")).ad;

test("carla's number comes through the intake, the ad with it, and both go with the recall", async () => {
	await using family = await startTestFamily({ features: { ads: true } });
	const { bridge, graphUrl } = family;
	assert.ok(graphUrl !== undefined);
	const open = (token: string) =>
		family.call<AdAccount>("/operator/ad-accounts", { id: "1001", name: "Old Boots Ltd" }, token);
	await assert.rejects(open("not the operator"), { status: 401 });
	const advertiser = await open("operator-token");
	assert.deepEqual(await open("operator-token"), advertiser);
	// Four others let their own verified numbers be matched: with carla the list has the five people it needs.
	for (const [index, phone] of PEOPLE.entries()) {
		const person = await family.signUp(`Person${index}`);
		await person.verify(phone);
		await person.choose(false, true);
	}
	const carla = await family.signUp("Carla");
	const graph = (method: string, path: string, parameters: object = {}) =>
		asNodeSdk(graphUrl, advertiser.accessToken, method, path, parameters);
	await runCampaign(
		{ graph, advertiser },
		{ phones: [...PEOPLE, CARLA], audience: { troth_list_origin: "own_customers" } },
	);
	assert.equal(await adOf(carla), null);

	const trother = newTrother();
	const device = { device_type: "desktop", os: "linux" };
	const link = { link_assertion: await carla.connect(), ...device, app_version: "0.1.0" };
	const outcomes = await bridge.deliver([
		await bridge.share(trother, { purpose: "account_linking", values: link }),
		await bridge.share(trother, { purpose: "relevant_ads", values: { phone_number: CARLA, ...device } }),
	]);
	assert.deepEqual(outcomes, ["kept", "kept"]);
	const ad = await adOf(carla);
	assert.equal(ad?.advertiser, "Old Boots Ltd");
	const path = ad?.why.replace(family.url, "") ?? "";
	const why = await carla.call<{ grounds: unknown[]; listUploadedOn: string }>(`/api${path}`);
	assert.equal(why.listUploadedOn, "2026-11-22");
	assert.equal((why.grounds[0] as { title: string; policyVersion: number }).title, "Relevant ads");
	assert.match(await carla.page(path), /version 2 of its policy/);
	assert.match(await carla.page("/about-me"), /Old Boots Ltd, uploaded on 22 November 2026/);

	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "relevant_ads")]), ["recalled"]);
	assert.equal(await adOf(carla), null);
	await assert.rejects(carla.call(`/api${path}`), { status: 404 });
	assert.deepEqual((await carla.call<{ companies: unknown[] }>("/api/ads")).companies, []);
	assert.doesNotMatch(await carla.page("/about-me"), /Old Boots/);
});

test("a company without ads has none of it", async () => {
	await using photos = await startTestFamily({ id: "photos", title: "Photos" });
	assert.equal(photos.graphUrl, undefined);
	const carla = await photos.signUp("Carla");
	await assert.rejects(carla.call("/api/feed/ad"), { status: 404 });
	assert.doesNotMatch(await carla.page("/"), /href="\/ads"/);
});
