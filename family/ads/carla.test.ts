/** The story that every demo tells, on the company's side: the list is there before, and the ad only while the yes is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addPhones, makeAudience, runCampaign } from "./_campaign.ts";
import { DAY_MS, openTown, type Town, uploaded } from "./_town.ts";

const CARLA = "+15550100003";
const STRANGER = "+15550100099";

const members = ({ context }: Town) => context.records.selectFrom("audience_member").selectAll().execute();
const impressions = ({ context }: Town) => context.records.selectFrom("impression").selectAll().execute();

test("carla's ad appears with her number, says why, and is gone with it", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	await runCampaign(town, {
		phones: [CARLA, STRANGER],
		audience: { troth_list_origin: "own_customers", troth_list_basis: "contract" },
	});
	assert.equal(await town.ad(carla), undefined);
	assert.deepEqual(await members(town), []);

	town.clock.advance(DAY_MS);
	await town.share(carla, CARLA);
	assert.equal((await members(town)).length, 1);
	const ad = await town.ad(carla);
	assert.deepEqual([ad?.advertiser, ad?.title], ["Old Boots Ltd", "Boots"]);

	const impression = ad?.why.split("/").at(-1);
	const why = (await town.get(carla, `/api/why/${impression}`)).body;
	assert.deepEqual(why["advertiser"], { id: "act_1001", name: "Old Boots Ltd" });
	assert.equal(why["audienceSource"], "list");
	assert.equal(why["listUploadedOn"], "2026-11-22");
	assert.equal(why["matchedBy"], "phone");
	assert.deepEqual([why["listOrigin"], why["listBasis"]], ["own_customers", "contract"]);
	assert.equal(why["advertiserReceived"], "nothing");
	assert.deepEqual(why["grounds"], [
		{
			source: "share",
			purpose: "relevant_ads",
			sinceMs: town.clock.now(),
			policyHash: "ab".repeat(32),
			title: "Show me ads of companies I know",
			policyVersion: 2,
		},
	]);
	const companies = (await town.get(carla, "/api/ads")).body["companies"];
	assert.deepEqual(companies, [
		{ id: "1001", name: "Old Boots Ltd", uploadedAtMs: town.clock.now() - DAY_MS, hidden: false },
	]);

	await town.recall(carla);
	assert.deepEqual([await members(town), await impressions(town)], [[], []]);
	assert.equal(await town.ad(carla), undefined);
	assert.equal((await town.get(carla, `/api/why/${impression}`)).status, 404);
	assert.deepEqual((await town.get(carla, "/api/ads")).body["companies"], []);
});

test("nobody but carla can read why she saw it", async () => {
	await using town = await openTown();
	const [carla, mallory] = [await town.signUp("Carla"), await town.signUp("Mallory")];
	await runCampaign(town, { phones: [CARLA] });
	await town.share(carla, CARLA);
	const why = (await town.ad(carla))?.why.replace(town.url, "/api") ?? "";
	assert.equal((await town.get(carla, why)).status, 200);
	assert.equal((await town.get(mallory, why)).status, 404);
	assert.equal((await town.get({ ...mallory, token: "x".repeat(43) }, why)).status, 401);
});

test("the pages say it too: the label, the reason, the companies", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	const { audience } = await runCampaign(town, { phones: [CARLA], title: "Boots <b>&</b> more" });
	await town.graph("POST", `/${audience}`, { name: "Secret name of the list" });
	await town.share(carla, CARLA);
	const cookie = { cookie: `family_session=${carla.token}` };
	const page = async (path: string) => (await fetch(town.url + path, { headers: cookie })).text();
	const feed = await page("/");
	assert.match(feed, /<span class="ad-label">Ad<\/span>/);
	assert.match(feed, /Old Boots Ltd/);
	assert.match(feed, /Boots &#60;b&#62;&#38;&#60;\/b&#62; more/);
	const link = /href="(\/why\/[0-9a-f]{32})">Why am I seeing this\?/.exec(feed)?.[1] ?? "";
	const why = await page(link);
	for (const text of ["Old Boots Ltd", "22 November 2026", "your phone number", "version 2", "Nothing: no name"]) {
		assert.ok(why.includes(text), text);
	}
	const ads = await page("/ads");
	assert.match(ads, /Companies with a list that you are on/);
	assert.match(ads, /Old Boots Ltd/);
	assert.doesNotMatch(feed + why + ads, /Secret name/);
});

test("a list below the floor never serves; at the floor it does", async () => {
	await using town = await openTown({ listFloor: 3 });
	const people = await Promise.all(["Alice", "Bob", "Carla"].map((name) => town.signUp(name)));
	const phones = ["+15550100001", "+15550100002", CARLA];
	const { audience } = await runCampaign(town, { phones: [...phones, STRANGER] });
	for (const [index, person] of people.slice(0, 2).entries()) await town.share(person, phones[index] ?? "");
	for (const person of people) assert.equal(await town.ad(person), undefined);
	const status = async () => {
		const { body } = await town.graph("GET", `/${audience}`, { fields: "delivery_status" });
		return (body["delivery_status"] as { code: number }).code;
	};
	assert.equal(await status(), 300);
	await town.share(people[2] ?? assert.fail(), CARLA);
	for (const person of people) assert.equal((await town.ad(person))?.advertiser, "Old Boots Ltd");
	// The published state is a day old at most, and not fresher: nobody learns the moment.
	assert.equal(await status(), 300);
	town.clock.advance(DAY_MS);
	assert.equal(await status(), 200);
});

test("an upload is answered the same with and without carla", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	await town.share(carla, CARLA);
	const audience = await makeAudience(town, []);
	const session = { session_id: 7, batch_seq: 1, last_batch_flag: true };
	const upload = async (phones: readonly string[], batch_seq: number) => {
		const payload = { schema: "PHONE_SHA256", data: phones.map(uploaded) };
		return (await town.graph("POST", `/${audience}/users`, { payload, session: { ...session, batch_seq } })).text;
	};
	const without = await upload([STRANGER, "+15550100098"], 1);
	assert.deepEqual(await members(town), []);
	assert.equal(await upload([STRANGER, CARLA], 2), without);
	assert.equal((await members(town)).length, 1);
	const read = async () => (await town.graph("GET", `/${audience}`, { fields: "approximate_count_lower_bound" })).text;
	const before = await read();
	await town.recall(carla);
	town.clock.advance(2 * DAY_MS);
	assert.equal(await read(), before);
});

test("what the advertiser takes out, and what runs out, is gone with its members", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	const { audience } = await runCampaign(town, { phones: [CARLA, STRANGER], audience: { retention_days: 10 } });
	await town.share(carla, CARLA);
	const payload = { schema: ["PHONE"], data: [[uploaded(CARLA)]] };
	const removed = await town.graph("DELETE", `/${audience}/users`, { payload });
	assert.deepEqual([removed.status, removed.body["num_received"]], [200, 1]);
	assert.deepEqual(await members(town), []);
	assert.equal(await town.ad(carla), undefined);

	await addPhones(town, audience ?? "", [CARLA]);
	assert.ok(await town.ad(carla));
	town.clock.advance(10 * DAY_MS);
	// The row's time is over: nothing is served, whether or not the job has swept it.
	assert.equal(await town.ad(carla), undefined);
	await town.forget();
	assert.deepEqual(await members(town), []);
	assert.deepEqual(await town.context.records.selectFrom("audience_row").selectAll().execute(), []);
});

test("a share whose retention is over is not looked at, although its key is still there", async () => {
	await using town = await openTown();
	const carla = await town.signUp("Carla");
	await runCampaign(town, { phones: [CARLA], audience: { retention_days: 25 } });
	await town.share(carla, CARLA);
	assert.ok(await town.ad(carla));
	town.clock.advance(20 * DAY_MS);
	assert.equal(await town.ad(carla), undefined);
});

test("no file holds the number or its SHA-256, and none her tag after the recall", async () => {
	await using town = await openTown({ stores: "sqlite" });
	const carla = await town.signUp("Carla");
	const { audience } = await runCampaign(town, { phones: [CARLA, STRANGER] });
	await town.share(carla, CARLA);
	await town.ad(carla);
	const tag = Buffer.from(town.context.keys.tags.listed("phone", Buffer.from(uploaded(CARLA), "hex")));
	const written = await town.bytes();
	assert.ok(written.includes(tag), "the probe finds what is there");
	const forbidden = (phone: string) => {
		const digits = Buffer.from(phone.slice(1));
		const hash = Buffer.from(uploaded(phone), "hex");
		const wide = Buffer.from(phone.slice(1), "utf16le");
		const text = (bytes: Buffer) => [
			bytes.toString("hex"),
			bytes.toString("hex").toUpperCase(),
			bytes.toString("base64"),
		];
		return [digits, wide, hash, ...[...text(digits), ...text(hash)].map((encoded) => Buffer.from(encoded))];
	};
	for (const phone of [CARLA, STRANGER]) {
		for (const needle of forbidden(phone)) assert.equal(written.includes(needle), false, needle.toString("latin1"));
		assert.ok(!town.log.join("\n").includes(phone.slice(1)));
	}
	await town.recall(carla);
	await town.graph("DELETE", `/${audience}/users`, { payload: { schema: "PHONE", data: [uploaded(CARLA)] } });
	assert.equal((await town.bytes()).includes(tag), false);
});
