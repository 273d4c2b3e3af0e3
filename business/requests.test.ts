/** Requests that are refused: one row for each code this gateway answers with, and the forms that clients send. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Person } from "@troth/client/stories/_people.ts";
import { until } from "@troth/client/stories/_people.ts";
import { Refusal } from "@troth/protocol";
import { approve, idOf, openShop, SHOP, type Shop, TEMPLATE, TEXT, textsFrom, writeTo } from "./_shop.ts";
import { toCloudError } from "./cloud/refusals.ts";

let shop: Shop;
let alice: Person;
const MESSAGES = `/v23.0/${SHOP.phoneNumberId}/messages`;
const TO_ALICE = () => ({ messaging_product: "whatsapp", to: alice.phone });

before(async () => {
	shop = await openShop();
	alice = await shop.world.person("Alice");
	await writeTo(shop, alice, "Hello");
	await shop.gateway.putTemplate({
		name: "off",
		language: "en_US",
		purpose: "utility",
		body: "Off.",
		status: "DISABLED",
	});
	await shop.gateway.putTemplate({ name: "long", language: "en_US", purpose: "utility", body: "{{1}}{{2}}" });
});

after(async () => shop[Symbol.asyncDispose]());

interface Row {
	readonly why: string;
	readonly code: number;
	readonly status?: number;
	readonly body?: () => unknown;
	readonly path?: string;
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

const withParameter = (parameter: unknown) => ({
	type: "template",
	template: {
		name: "order_update",
		language: { code: "en_US" },
		components: [{ type: "BODY", parameters: [parameter, parameter] }],
	},
});

const ROWS: readonly Row[] = [
	{ why: "no JSON", code: 100, body: () => "{" },
	{ why: "no body", code: 100 },
	{ why: "another product", code: 100, body: () => ({ ...TO_ALICE(), messaging_product: "telegraph", ...TEXT("x") }) },
	{ why: "no receiver", code: 100, body: () => ({ messaging_product: "whatsapp", ...TEXT("x") }) },
	{
		why: "another business's number",
		code: 100,
		path: "/v23.0/999/messages",
		body: () => ({ ...TO_ALICE(), ...TEXT("x") }),
	},
	{ why: "an unknown object", code: 100, method: "GET", path: "/v23.0/999" },
	{ why: "an unknown field", code: 100, method: "GET", path: `/${SHOP.phoneNumberId}?fields=id,colour` },
	{ why: "an unknown path", code: 100, method: "GET", path: "/v23.0/a/b/c" },
	{ why: "a version that never was", code: 100, method: "GET", path: `/v99.0/${SHOP.phoneNumberId}` },
	{ why: "a wrong token", code: 190, status: 401, headers: { authorization: "Bearer other" }, body: TO_ALICE },
	{ why: "no token", code: 190, status: 401, headers: { authorization: "" }, body: TO_ALICE },
	{ why: "no text object", code: 131008, body: () => ({ ...TO_ALICE(), type: "text" }) },
	{ why: "no text", code: 131008, body: () => ({ ...TO_ALICE(), type: "text", text: {} }) },
	{
		why: "no template name",
		code: 131008,
		body: () => ({ ...TO_ALICE(), type: "template", template: { language: { code: "en_US" } } }),
	},
	{ why: "no message to mark", code: 131008, body: () => ({ messaging_product: "whatsapp", status: "read" }) },
	{ why: "no number", code: 131009, body: () => ({ messaging_product: "whatsapp", to: "alice", ...TEXT("x") }) },
	{ why: "an empty text", code: 131009, body: () => ({ ...TO_ALICE(), ...TEXT("") }) },
	{ why: "a text too long", code: 131009, body: () => ({ ...TO_ALICE(), ...TEXT("x".repeat(4097)) }) },
	{
		why: "a message nobody wrote",
		code: 131009,
		body: () => ({ messaging_product: "whatsapp", status: "read", message_id: "wamid.x" }),
	},
	{
		why: "an answer to nothing",
		code: 131009,
		body: () => ({ ...TO_ALICE(), ...TEXT("x"), context: { message_id: "wamid.x" } }),
	},
	{
		why: "callback data too long",
		code: 131009,
		body: () => ({ ...TO_ALICE(), ...TEXT("x"), biz_opaque_callback_data: "x".repeat(513) }),
	},
	{ why: "itself", code: 131021, body: () => ({ messaging_product: "whatsapp", to: SHOP.phone, ...TEXT("x") }) },
	{
		why: "marketing that was never allowed",
		code: 131050,
		body: () => ({ ...TO_ALICE(), ...TEMPLATE("spring_offer", "x") }),
	},
	{ why: "a sticker", code: 131051, body: () => ({ ...TO_ALICE(), type: "sticker", sticker: { id: "1" } }) },
	{ why: "too few variables", code: 132000, body: () => ({ ...TO_ALICE(), ...TEMPLATE("order_update", "x") }) },
	{
		why: "too many variables",
		code: 132000,
		body: () => ({ ...TO_ALICE(), ...TEMPLATE("order_update", "x", "y", "z") }),
	},
	{ why: "an unknown template", code: 132001, body: () => ({ ...TO_ALICE(), ...TEMPLATE("nothing") }) },
	{
		why: "an unknown language",
		code: 132001,
		body: () => ({ ...TO_ALICE(), type: "template", template: { name: "order_update", language: { code: "fr" } } }),
	},
	{
		why: "a text too long for a template",
		code: 132005,
		body: () => ({ ...TO_ALICE(), ...TEMPLATE("long", "x".repeat(4000), "y".repeat(97)) }),
	},
	{
		why: "a named parameter",
		code: 132012,
		body: () => ({ ...TO_ALICE(), ...withParameter({ type: "text", text: "x", parameter_name: "order" }) }),
	},
	{
		why: "an image as parameter",
		code: 132012,
		body: () => ({ ...TO_ALICE(), ...withParameter({ type: "image", image: { id: "1" } }) }),
	},
	{ why: "a paused template", code: 132015, body: () => ({ ...TO_ALICE(), ...TEMPLATE("paused_notice") }) },
	{ why: "a disabled template", code: 132016, body: () => ({ ...TO_ALICE(), ...TEMPLATE("off") }) },
];

for (const { why, code, status = 400, body, path = MESSAGES, method = "POST", headers } of ROWS) {
	test(`${why} is ${code}`, async () => {
		const answer = await shop.call(method, path, body?.(), headers);
		assert.equal(answer.body.error?.code, code, JSON.stringify(answer.body));
		assert.equal(answer.status, status);
		assert.ok(answer.body.error?.message.startsWith(`(#${code}) `));
		assert.equal(typeof answer.body.error?.error_data.details, "string");
		assert.ok(!JSON.stringify(answer.body).includes(alice.phone.slice(2)), "no number in an error");
	});
}

test("codes that only the messenger's state brings about", () => {
	const codes = [
		["WINDOW_CLOSED", 131047],
		["CATEGORY_STOPPED", 131050],
		["CATEGORY_NOT_ALLOWED", 131050],
		["CATEGORY_INVALID", 131037],
		["SUSPENDED", 131031],
		["NOT_A_MEMBER", 131026],
		["RATE_LIMITED", 130429],
		["UNAVAILABLE", 131016],
		["INTERNAL", 131000],
	] as const;
	for (const [refusal, code] of codes) assert.equal(toCloudError(new Refusal(refusal, "")).code, code);
	assert.equal(toCloudError(new TypeError("a defect")).code, 131000);
	assert.equal(toCloudError(new TypeError("a defect")).status, 500);
});

test("messages in the forms that clients send", async () => {
	const text = { ...TO_ALICE(), ...TEXT("plain") };
	const forms: readonly (readonly [string, string | undefined, Readonly<Record<string, string>>])[] = [
		[MESSAGES, JSON.stringify(text), {}],
		[`/${SHOP.phoneNumberId}/messages`, JSON.stringify(text), {}],
		[`/v13.0/${SHOP.phoneNumberId}/messages/`, JSON.stringify(text), {}],
		[`${MESSAGES}?access_token=${SHOP.accessToken}`, JSON.stringify(text), { authorization: "" }],
		[
			MESSAGES,
			new URLSearchParams({
				messaging_product: "whatsapp",
				to: alice.phone,
				type: "text",
				text: '{"body":"form"}',
			}).toString(),
			{ "content-type": "application/x-www-form-urlencoded" },
		],
	];
	for (const [path, body, headers] of forms)
		assert.equal((await shop.call("POST", path, body, headers)).status, 200, path);
	// The official SDK streams its bodies without a length.
	const streamed = await fetch(shop.gateway.url + MESSAGES, {
		method: "POST",
		headers: { authorization: `Bearer ${SHOP.accessToken}`, "content-type": "application/json" },
		body: new Blob([JSON.stringify({ ...TO_ALICE(), ...TEXT("streamed") })]).stream(),
		duplex: "half",
	} as RequestInit);
	assert.equal(streamed.status, 200);
	const upper = {
		type: "BODY",
		index: 0,
		parameters: [
			{ type: "text", text: "1" },
			{ type: "currency", currency: { fallback_value: "€2", code: "EUR", amount_1000: 2000 } },
		],
	};
	const template = { name: "order_update", language: { code: "en_US", policy: "deterministic" }, components: [upper] };
	assert.equal((await shop.send(alice.phone, { type: "template", template })).status, 200);
	await until("alice has them", async () =>
		(await textsFrom(shop, alice)).includes("Your order 1 is on its way and arrives €2."),
	);
	assert.ok((await textsFrom(shop, alice)).includes("streamed"));
});

test("an Idempotency-Key sends once, whatever the number of requests", async () => {
	const request = { ...TO_ALICE(), ...TEXT("only once") };
	const once = () => shop.call("POST", MESSAGES, request, { "idempotency-key": "order-17" });
	const [first, second] = await Promise.all([once(), once()]);
	const third = await once();
	assert.equal(idOf(first), idOf(second));
	assert.equal(idOf(first), idOf(third));
	const other = await shop.call("POST", MESSAGES, { ...request, ...TEXT("other") }, { "idempotency-key": "order-17" });
	assert.equal(other.body.error?.code, 100);
	await until("alice has it", async () => (await textsFrom(shop, alice)).includes("only once"));
	assert.equal((await textsFrom(shop, alice)).filter((text) => text === "only once").length, 1);
});

test("the number, the account and its templates can be read, in pages", async () => {
	const number = await shop.call("GET", `/v23.0/${SHOP.phoneNumberId}?fields=display_phone_number,throughput{level}`);
	assert.deepEqual(number.body, {
		id: SHOP.phoneNumberId,
		display_phone_number: SHOP.phone,
		throughput: { level: "STANDARD" },
	});
	const named = await shop.call("GET", `/v23.0/${SHOP.wabaId}/message_templates?name=order_update&fields=name,status`);
	assert.deepEqual(
		(named.body["data"] as { name: string }[]).map(({ name }) => name),
		["order_update"],
	);
	const names: string[] = [];
	let next: string | undefined = `${shop.gateway.url}/v23.0/${SHOP.wabaId}/message_templates?limit=2&offset=5`;
	for (let pages = 0; next !== undefined; pages++) {
		assert.ok(pages < 5);
		const url: URL = new URL(next);
		const { body } = await shop.call("GET", url.pathname + url.search);
		names.push(...(body["data"] as { name: string }[]).map(({ name }) => name));
		next = (body["paging"] as { next?: string }).next;
	}
	assert.deepEqual(names.toSorted(), ["long", "off", "order_update", "paused_notice", "spring_offer"]);
});

test("an account that the operator did not approve is told so, and is no business to anybody", async () => {
	const mallory = await shop.world.person("Mallory");
	await assert.rejects(
		mallory.device.putTemplate({ id: "1", version: 1, name: "x", language: "en_US", purpose: "utility", body: "x" }),
		(error) => error instanceof Refusal && error.code === "FORBIDDEN",
	);
	await assert.rejects(
		alice.device.setBusinessPreference(mallory.account, "marketing", "allowed"),
		(error) => error instanceof Refusal && error.code === "NOT_FOUND",
	);
	assert.equal(await approve(shop.world.url, "+15550109997"), 404);
	assert.equal(await approve(shop.world.url, "12"), 422);
});
