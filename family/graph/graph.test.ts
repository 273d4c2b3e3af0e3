/** The Marketing API on the wire: every way clients write a call, and what they are answered. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { test } from "node:test";
import { idOf, makeAudience } from "../ads/_campaign.ts";
import { openTown, type Town, uploaded } from "../ads/_town.ts";
import { createAdAccount } from "../ads/accounts.ts";

const LIST = { name: "Letters", subtype: "CUSTOM", customer_file_source: "BOTH_USER_AND_PARTNER_PROVIDED" };
const CARLA = "+15550100003";

type Json = Record<string, unknown>;

async function call(town: Town, method: string, path: string, init: RequestInit = {}) {
	const response = await fetch(town.graphUrl + path, { method, ...init });
	assert.equal(response.headers.get("content-type"), "application/json; charset=UTF-8");
	return { status: response.status, body: (await response.json()) as Json };
}

const errorOf = ({ body }: { body: Json }) => body["error"] as Json;

test("the same call in every encoding (section 0, a to e)", async () => {
	await using town = await openTown();
	const token = town.advertiser.accessToken;
	const edge = "/v24.0/act_1001/customaudiences";
	const text = (value: object) =>
		Object.entries(value).map(([name, part]): [string, string] => [
			name,
			typeof part === "string" ? part : JSON.stringify(part),
		]);
	// a) Node SDK: JSON body with a stray id, token in the query.
	const json = { "content-type": "application/json" };
	const body = JSON.stringify({ ...LIST, id: "act_1001", fields: ["id"] });
	const ids = [idOf2(await call(town, "POST", `${edge}?access_token=${token}`, { headers: json, body }))];
	// b) Python SDK: a form, everything in it.
	const form = new URLSearchParams([...text(LIST), ["access_token", token]]);
	ids.push(idOf2(await call(town, "POST", "/v25.0/act_1001/customaudiences", { body: form })));
	// e) curl -F
	const parts = new FormData();
	for (const [name, value] of [...text(LIST), ["access_token", token] as const]) parts.set(name, value);
	ids.push(idOf2(await call(town, "POST", edge, { body: parts })));
	// Without a version, with a trailing slash, with a bearer token.
	const bearer = { authorization: `Bearer ${token}` };
	const segment = { headers: { ...json, ...bearer }, body: JSON.stringify(LIST) };
	ids.push(idOf2(await call(town, "POST", "/act_1001/customaudiences/", segment)));
	assert.equal(new Set(ids).size, 4);
	for (const id of ids) assert.match(id, /^1\d{18}$/);

	const payload = { schema: ["PHONE"], data: [[uploaded(CARLA)]], is_raw: true };
	const users = `/v24.0/${ids[0]}/users`;
	const received = async (method: string, path: string, init?: RequestInit) => {
		const { body } = await call(town, method, path, init);
		assert.equal(body["num_received"], 1, JSON.stringify(body));
		assert.deepEqual(body["invalid_entry_samples"], {});
		assert.match(String(body["session_id"]), /^\d+$/);
	};
	const rows = async () => (await town.context.records.selectFrom("audience_row").selectAll().execute()).length;
	await received("POST", `${users}?access_token=${token}`, { headers: json, body: JSON.stringify({ payload }) });
	assert.equal(await rows(), 1);
	// c) DELETE with everything in the query, and a two-byte body.
	const query = new URLSearchParams([...text({ payload }), ["access_token", token]]);
	await received("DELETE", `${users}?${query}`, { headers: json, body: "{}" });
	assert.equal(await rows(), 0);
	await received("POST", users, { body: new URLSearchParams([...text({ payload }), ["access_token", token]]) });
	assert.equal(await rows(), 1);
	// d) Segment and Rudder: DELETE with a JSON body.
	await received("DELETE", users, { headers: { ...json, ...bearer }, body: JSON.stringify({ payload }) });
	assert.equal(await rows(), 0);
	await received("POST", users, { headers: { ...json, ...bearer }, body: JSON.stringify({ payload }) });
	const override = new URLSearchParams([...text({ payload }), ["access_token", token], ["method", "delete"]]);
	await received("POST", users, { body: override });
	assert.equal(await rows(), 0);
});

function idOf2({ status, body }: { status: number; body: Json }): string {
	return idOf({ status, body, text: JSON.stringify(body) });
}

test("a DELETE of 10 000 hashes in its URL works, one row more is refused", async () => {
	await using town = await openTown();
	const audience = await makeAudience(town, [CARLA]);
	const data = Array.from({ length: 10_000 }, (_, index) => [uploaded(`+1555010${String(index).padStart(4, "0")}`)]);
	const payload = { schema: ["PHONE"], is_raw: true, data };
	const removed = await town.graph("DELETE", `/${audience}/users`, { payload });
	assert.deepEqual([removed.status, removed.body["num_received"]], [200, 10_000]);
	assert.deepEqual(await town.context.records.selectFrom("audience_row").selectAll().execute(), []);
	const more = await town.graph("POST", `/${audience}/users`, { payload: { ...payload, data: [...data, data[0]] } });
	assert.deepEqual([more.status, errorOf(more)["code"]], [400, 2650]);
	const added = await town.graph("POST", `/${audience}/users`, { payload });
	assert.equal(added.body["num_received"], 10_000);
});

test("rows of any shape: counted when they are wrong, sampled without being repeated", async () => {
	await using town = await openTown();
	const audience = await makeAudience(town, []);
	const send = async (payload: object) => (await town.graph("POST", `/${audience}/users`, { payload })).body;
	const hash = uploaded(CARLA);
	const answer = await send({ schema: "PHONE", data: [hash.toUpperCase(), CARLA, [hash], "", 5, null, "x", "y"] });
	assert.deepEqual([answer["num_received"], answer["num_invalid_entries"]], [8, 6]);
	const samples = answer["invalid_entry_samples"] as Json;
	assert.deepEqual(Object.keys(samples), ["1", "3", "4", "5", "6"]);
	assert.ok(!JSON.stringify(samples).includes(CARLA.slice(1)));
	// Segment's fixed columns with gaps; only one of them is a key.
	const segment = ["EMAIL", "PHONE", "GEN", "FN", "ZIP", "MADID", "COUNTRY", "EXTERN_ID"];
	const row = ["", hash, "", uploaded("+1"), "", "", "", "customer-7"];
	assert.equal((await send({ schema: segment, data: [row] }))["num_invalid_entries"], 0);
	assert.equal((await town.context.records.selectFrom("audience_row").selectAll().execute()).length, 1);
	for (const payload of [
		{ schema: "SHOE_SIZE", data: [hash] },
		{ schema: ["PHONE", "EMAIL"], data: [[hash]] },
		{ schema: [], data: [] },
		{ data: [hash] },
		{ schema: "PHONE" },
	]) {
		assert.equal((errorOf({ body: await send(payload) }) as Json)["code"], 100, JSON.stringify(payload));
	}
});

test("a repeated batch changes nothing; the same numbers with other rows are no repeat", async () => {
	await using town = await openTown();
	const audience = await makeAudience(town, []);
	const session = { session_id: "9223372036854775807", batch_seq: 1, last_batch_flag: false };
	const send = async (method: string, phone: string) => {
		const payload = { schema: "PHONE", data: [uploaded(phone)] };
		return (await town.graph(method, `/${audience}/users`, { payload, session })).body;
	};
	const rows = async () => (await town.context.records.selectFrom("audience_row").selectAll().execute()).length;
	const first = await send("POST", CARLA);
	assert.equal(first["session_id"], "9223372036854775807");
	await town.graph("DELETE", `/${audience}/users`, { payload: { schema: "PHONE", data: [uploaded(CARLA)] } });
	assert.equal(await rows(), 0);
	assert.deepEqual(await send("POST", CARLA), first);
	assert.equal(await rows(), 0);
	await send("POST", "+15550100098");
	assert.equal(await rows(), 1);
});

test("tokens, proofs and other people's objects", async () => {
	await using town = await openTown();
	const { accessToken, appSecret, appId } = town.advertiser;
	const other = await createAdAccount(town.context, { id: "1002", name: "Other", audienceTerms: false });
	const audience = await makeAudience(town, []);
	const get = (query: string, path = `/${audience}`) => call(town, "GET", `/v24.0${path}?${query}`);
	const proof = createHmac("sha256", appSecret).update(accessToken).digest("hex");
	assert.equal((await get(`access_token=${accessToken}&appsecret_proof=${proof}`)).status, 200);
	const forged = await get(`access_token=${accessToken}&appsecret_proof=${"0".repeat(64)}`);
	assert.deepEqual([forged.status, errorOf(forged)["code"]], [400, 100]);
	for (const token of ["", "x", accessToken.replace("1001", "1002"), `${accessToken}0`, `TROTH9Z${"0".repeat(64)}`]) {
		const refused = await get(`access_token=${token}`);
		assert.deepEqual([refused.status, errorOf(refused)["code"]], [401, 190], token);
		assert.match(String(errorOf(refused)["fbtrace_id"]), /^A[\w-]+$/);
	}
	const foreign = await get(`access_token=${other.accessToken}`);
	const none = await get(`access_token=${other.accessToken}`, "/1000000000000000000");
	const same = ({ body }: { body: Json }) => ({ ...errorOf({ body }), fbtrace_id: "" });
	assert.deepEqual(same(foreign), same(none));
	assert.deepEqual([errorOf(none)["code"], errorOf(none)["error_subcode"]], [100, 33]);
	assert.equal((await get(`access_token=${other.accessToken}`, "/act_1001/customaudiences")).status, 403);
	const unagreed = await town.graph("POST", "/act_1002/customaudiences", LIST, other);
	assert.deepEqual([unagreed.status, errorOf(unagreed)["code"]], [400, 2655]);
	const again = await createAdAccount(town.context, { id: "1001", name: "Old Boots Ltd", audienceTerms: true });
	assert.deepEqual(again, town.advertiser);
	const debug = await get(`access_token=${accessToken}&input_token=x`, "/debug_token");
	assert.equal((debug.body["data"] as Json)["app_id"], appId);
	const crash = await call(town, "POST", `/v24.0/${appId}/instruments`, { body: "{}" });
	assert.deepEqual(crash.body, { success: true });
});

test("reading: the id alone, chosen fields, error 100 for others, pages with links that work", async () => {
	await using town = await openTown();
	const ids: string[] = [];
	for (let index = 0; index < 5; index++) {
		const list = { ...LIST, name: `List ${index}` };
		ids.unshift(idOf(await town.graph("POST", "/act_1001/customaudiences", list)));
	}
	assert.deepEqual((await town.graph("GET", `/${ids[0]}`)).body, { id: ids[0] });
	const fields = ["name", "subtype", "approximate_count_lower_bound", "delivery_status", "operation_status"];
	assert.deepEqual((await town.graph("GET", `/${ids[0]}/`, { fields: fields.join(",") })).body, {
		id: ids[0],
		name: "List 4",
		subtype: "CUSTOM",
		approximate_count_lower_bound: 1000,
		delivery_status: { code: 300, description: "This audience is too small to deliver ads to." },
		operation_status: { code: 410, description: "No people have been added yet." },
	});
	assert.equal(errorOf(await town.graph("GET", `/${ids[0]}`, { fields: "name,members" }))["code"], 100);
	const seen: string[] = [];
	let page = (await town.graph("GET", "/act_1001/customaudiences", { fields: "name", limit: "2" })).body;
	for (;;) {
		seen.push(...(page["data"] as { id: string }[]).map(({ id }) => id));
		const next = (page["paging"] as { next?: string }).next;
		if (next === undefined) break;
		assert.ok(next.startsWith(`${town.graphUrl}/v24.0/act_1001/customaudiences?`));
		page = (await (await fetch(next)).json()) as Json;
	}
	assert.deepEqual(seen, ids);
	const previous = (page["paging"] as { previous: string }).previous;
	const back = (await (await fetch(previous)).json()) as { data: { id: string }[] };
	assert.deepEqual(
		back.data.map(({ id }) => id),
		ids.slice(2, 4),
	);
	const filtering = [{ field: "name", operator: "CONTAIN", value: "list 3" }];
	const found = (await town.graph("GET", "/act_1001/customaudiences", { filtering, summary: "true" })).body;
	assert.deepEqual(found["data"], [{ id: ids[1] }]);
	assert.deepEqual(found["summary"], { total_count: 1 });
	const bad = [{ field: "1=1", operator: "EQUAL", value: "" }];
	assert.equal(errorOf(await town.graph("GET", "/act_1001/customaudiences", { filtering: bad }))["code"], 100);
});

test("a batch answers each call by itself", async () => {
	await using town = await openTown();
	const audience = await makeAudience(town, []);
	const batch = [
		{
			method: "POST",
			relative_url: "v24.0/act_1001/campaigns",
			body: "name=A & B&objective=OUTCOME_SALES&special_ad_categories=[]",
		},
		{ method: "GET", relative_url: `${audience}?fields=name` },
		{ method: "GET", relative_url: "nobody" },
		{ method: "DELETE", relative_url: `v24.0/${audience}` },
		{ method: "POST", relative_url: "", body: "batch=[]" },
	];
	const body = new URLSearchParams({ access_token: town.advertiser.accessToken, batch: JSON.stringify(batch) });
	const response = await fetch(`${town.graphUrl}/v24.0`, { method: "POST", body });
	const answers = (await response.json()) as { code: number; headers: unknown[]; body: string }[];
	assert.deepEqual(
		answers.map(({ code }) => code),
		[200, 200, 400, 200, 400],
	);
	const [made, read] = answers.map((answer) => JSON.parse(answer.body) as Json);
	assert.equal(read?.["name"], "Spring letters");
	const campaign = await town.graph("GET", `/${made?.["id"]}`, { fields: "name,status" });
	assert.deepEqual(campaign.body, { id: made?.["id"], name: "A & B", status: "PAUSED" });
	assert.equal((await town.graph("GET", `/${audience}`)).status, 400);
});

test("money, statuses and review of what is made", async () => {
	await using town = await openTown();
	const post = (edge: string, parameters: object) => town.graph("POST", `/act_1001/${edge}`, parameters);
	const campaign = { name: "Spring", objective: "OUTCOME_SALES", special_ad_categories: ["HOUSING"] };
	assert.equal(errorOf(await post("campaigns", { ...campaign, special_ad_categories: undefined }))["code"], 100);
	assert.equal(errorOf(await post("campaigns", { ...campaign, daily_budget: 12.5 }))["code"], 100);
	const id = idOf(await post("campaigns", { ...campaign, daily_budget: 1200 }));
	const adSet = {
		name: "Set",
		campaign_id: id,
		billing_event: "IMPRESSIONS",
		optimization_goal: "REACH",
		status: "ACTIVE",
		targeting: { geo_locations: { countries: ["US"] } },
	};
	for (const wrong of [
		{ targeting: { age_min: 30 } },
		{ targeting: { genders: [1] } },
		{ targeting: { custom_audiences: [{ id: "1000000000000000000" }] } },
		{ campaign_id: "2000000000000000000" },
		{ lifetime_budget: 10 },
		{ bid_amount: 0 },
	]) {
		assert.equal(errorOf(await post("adsets", { ...adSet, ...wrong }))["code"], 100, JSON.stringify(wrong));
	}
	const set = idOf(await post("adsets", { ...adSet, end_time: "2026-12-24T00:00:00+0000" }));
	const read = await town.graph("GET", `/${set}`, { fields: "effective_status,end_time,targeting,dsa_payor" });
	assert.equal(read.body["effective_status"], "CAMPAIGN_PAUSED");
	assert.equal(read.body["end_time"], "2026-12-24T00:00:00.000Z");
	assert.equal(read.body["dsa_payor"], "Old Boots Ltd");
	const creative = async (link: string) => {
		const story = { page_id: "1", link_data: { link, message: "Houses", name: "Look" } };
		return idOf(await post("adcreatives", { object_story_spec: story }));
	};
	const ad = async (link: string) => {
		const creative_id = await creative(link);
		const made = idOf(await post("ads", { name: "Ad", adset_id: set, creative: { creative_id }, status: "ACTIVE" }));
		return (await town.graph("GET", `/${made}`, { fields: "effective_status,ad_review_feedback" })).body;
	};
	const refused = await ad("http://houses.example/");
	assert.equal(refused["effective_status"], "DISAPPROVED");
	assert.match(JSON.stringify(refused["ad_review_feedback"]), /https/);
	await town.graph("POST", `/${id}`, { status: "ACTIVE" });
	assert.equal((await ad("https://houses.example/"))["effective_status"], "ACTIVE");
	assert.equal(((await town.graph("GET", `/${set}/ads`)).body["data"] as Json[]).length, 2);
	assert.deepEqual((await town.graph("DELETE", `/${set}`)).body, { success: true });
});

test("a list that an active ad set uses is not deleted under it", async () => {
	await using town = await openTown();
	const audience = await makeAudience(town, []);
	const campaign = idOf(
		await town.graph("POST", "/act_1001/campaigns", {
			name: "Spring",
			objective: "OUTCOME_SALES",
			special_ad_categories: [],
			daily_budget: 100,
		}),
	);
	const adSet = idOf(
		await town.graph("POST", "/act_1001/adsets", {
			name: "Set",
			campaign_id: campaign,
			billing_event: "IMPRESSIONS",
			optimization_goal: "REACH",
			status: "ACTIVE",
			targeting: { custom_audiences: [{ id: audience }] },
		}),
	);
	const targeting = (await town.graph("GET", `/${adSet}`, { fields: "targeting" })).body["targeting"] as Json;
	assert.deepEqual(targeting["custom_audiences"], [{ id: audience }]);
	assert.equal(errorOf(await town.graph("DELETE", `/${audience}`))["code"], 100);
	await town.graph("POST", `/${adSet}`, { status: "PAUSED" });
	assert.deepEqual((await town.graph("DELETE", `/${audience}`)).body, { success: true });
});

test("what is no call is refused in the envelope, and quotes nothing", async () => {
	await using town = await openTown();
	const query = `access_token=${town.advertiser.accessToken}`;
	for (const [method, path, init] of [
		["GET", `/v24.0/a/b/c/d?${query}`, {}],
		["GET", `/v24.0/act_1001/unknown?${query}`, {}],
		["PUT", `/v24.0/act_1001/ads?${query}`, {}],
		["POST", `/v24.0/act_1001/ads?${query}`, { body: CARLA, headers: { "content-type": "application/json" } }],
		["POST", `/v24.0/act_1001/ads?${query}`, { body: CARLA, headers: { "content-type": "x/y; z" } }],
		["POST", `/v24.0/act_1001/ads?${query}`, { body: CARLA, headers: { "content-type": "multipart/form-data" } }],
		["GET", `/v24.0/act_1001/ads?limit=${CARLA}&${query}`, {}],
		["GET", `/%ff?${query}`, {}],
	] as const) {
		const { status, body } = await call(town, method, path, init);
		assert.ok(status >= 400 && status < 500, `${method} ${path}: ${status} ${town.log}`);
		assert.equal(errorOf({ body })["code"], 100, path);
		assert.ok(!JSON.stringify(body).includes(CARLA.slice(1)));
	}
	assert.equal(town.log.length, 0, town.log.join("\n"));
});

test("a body over the cap is 413, a header over it ends the connection", async () => {
	await using town = await openTown();
	const path = `/v24.0/act_1001/ads?access_token=${town.advertiser.accessToken}`;
	const announced = await new Promise<string>((resolve, reject) => {
		const socket = connect(Number(new URL(town.graphUrl).port), "127.0.0.1", () =>
			socket.write(
				`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n`,
			),
		);
		socket.once("data", (data) => {
			resolve(data.toString().split("\r\n")[0] ?? "");
			socket.destroy();
		});
		socket.once("error", reject);
	});
	assert.match(announced, /^HTTP\/1\.1 413 /);
	const long = await fetch(`${town.graphUrl}${path}&x=${"y".repeat(5 << 20)}`).then(
		({ status }) => status,
		() => 431,
	);
	assert.equal(long, 431);
});

test("one address may not hold many connections", async () => {
	await using town = await openTown();
	const path = `/v24.0/act_1001?access_token=${town.advertiser.accessToken}`;
	const port = Number(new URL(town.graphUrl).port);
	const sockets = Array.from({ length: 40 }, () => connect(port, "127.0.0.1").on("error", () => {}));
	try {
		const answers = await Promise.all(
			sockets.map(
				(socket) =>
					new Promise<string>((resolve) => {
						socket.once("data", (data) => resolve(data.toString().slice(0, 12)));
						socket.once("close", () => resolve("closed"));
						socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
					}),
			),
		);
		assert.deepEqual(answers, [...Array(32).fill("HTTP/1.1 200"), ...Array(8).fill("closed")]);
	} finally {
		for (const socket of sockets) socket.destroy();
	}
	// The server learns of each end in its own time; every try is a round trip.
	for (let tries = 100; ; tries--) {
		const after = await call(town, "GET", path).catch(() => undefined);
		if (after === undefined && tries > 0) continue;
		assert.deepEqual(after?.body, { id: "act_1001" });
		break;
	}
});
