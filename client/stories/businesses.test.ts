/** A business that lies about its messages, and people who pretend to be one. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ConversationId, isRefusal, type RefusalCode } from "@troth/protocol";
import type { BusinessMessage, TemplateView } from "../device/api.ts";
import { type Person, startWorld, type TestWorld, until } from "./_people.ts";

const UPDATE: TemplateView = {
	...{ id: "1001", version: 1, name: "order_update", language: "en_US", purpose: "utility" },
	body: "Your order {{1}} is on its way.",
};
const OFFER: TemplateView = {
	...{ id: "1002", version: 1, name: "spring_offer", language: "en_US", purpose: "marketing" },
	body: "Only today: {{1}}",
};

let world: TestWorld;
let shop: Person;
let alice: Person;
let chat: ConversationId;

before(async () => {
	world = await startWorld({ operatorToken: "operator" });
	shop = await world.person("Shop");
	alice = await world.person("Alice");
	const approved = await fetch(`${world.url}/operator/businesses`, {
		method: "POST",
		headers: { authorization: "Bearer operator", "content-type": "application/json" },
		body: JSON.stringify({ phone: shop.phone, name: "Corner Shop" }),
	});
	assert.equal(approved.status, 201);
	for (const template of [UPDATE, OFFER]) await shop.device.putTemplate(template);
	chat = await alice.device.openDirect(shop.account);
	await alice.say(chat, "Hello");
	await until("the shop has it", async () => (await shop.texts(chat)).length === 1);
});

after(async () => world[Symbol.asyncDispose]());

const sentFrom = (template: TemplateView, ...variables: readonly string[]): BusinessMessage => ({
	...{ kind: "template", template, variables, consentId: undefined },
});

async function deliver(message: BusinessMessage): Promise<void> {
	const { id } = await shop.device.send(chat, message);
	assert.ok(id !== undefined);
	await shop.device.stored(chat, id);
}

/** What alice's device shows for the newest message of the shop. */
async function lastShown(): Promise<string> {
	const shown = (await shop.rows(chat)).at(-1)?.seq ?? 0;
	const row = await until("alice's device has it", async () =>
		(await alice.rows(chat)).find(({ seq }) => seq === shown),
	);
	return row.body.kind === "text" ? row.body.text : row.body.kind === "unreadable" ? row.body.code : row.body.kind;
}

async function refused(code: RefusalCode, work: Promise<unknown>): Promise<void> {
	await assert.rejects(work, (error) => isRefusal(error, code));
}

async function send(who: Person, message: string | BusinessMessage): Promise<void> {
	const { id } = await who.device.send(chat, message);
	assert.ok(id !== undefined);
	await who.device.stored(chat, id);
}

test("what the shop registered is what alice sees", async () => {
	await deliver(sentFrom(UPDATE, "17"));
	assert.equal(await lastShown(), "Your order 17 is on its way.");
});

test("another text under a registered template's name is not shown", async () => {
	await deliver(sentFrom({ ...UPDATE, body: "Buy {{1}} now!" }, "shoes"));
	assert.equal(await lastShown(), "TemplateMismatch");
});

test("an offer that says it is an order update passes the server, which can not read it, and not alice's device", async () => {
	await deliver(sentFrom({ ...OFFER, purpose: "utility" }, "all shoes"));
	assert.equal(await lastShown(), "TemplateMismatch");
});

test("a template that nobody registered is not shown", async () => {
	await deliver(sentFrom({ ...UPDATE, id: "9999" }, "17"));
	assert.equal(await lastShown(), "TemplateMismatch");
	await deliver({ kind: "service", text: "Sorry about that" });
	assert.equal(await lastShown(), "Sorry about that");
});

test("a version never changes its text; a higher one may have another", async () => {
	await shop.device.putTemplate(UPDATE);
	await refused("MALFORMED", shop.device.putTemplate({ ...UPDATE, body: "Buy {{1}} now!" }));
	await shop.device.putTemplate({ ...UPDATE, version: 2, body: "Order {{1}}: on its way." });
	await deliver(sentFrom({ ...UPDATE, version: 2, body: "Order {{1}}: on its way." }, "18"));
	assert.equal(await lastShown(), "Order 18: on its way.");
	await refused("MALFORMED", shop.device.putTemplate({ ...UPDATE, id: "1003", body: "{{1}} and {{3}}" }));
});

test("a refused message takes no number: what follows is stored", async () => {
	await refused("CATEGORY_INVALID", send(shop, "without a category"));
	await refused("CATEGORY_NOT_ALLOWED", send(shop, sentFrom(OFFER, "all shoes")));
	await refused("CATEGORY_INVALID", send(alice, { kind: "service", text: "I am a shop" }));
	await refused("CATEGORY_INVALID", send(alice, sentFrom(UPDATE, "1")));
	await send(shop, { kind: "service", text: "with one" });
	await send(alice, "just alice");
	assert.equal((await alice.rows(chat)).filter(({ delivery }) => delivery?.state === "failed").length, 2);
});

test("a receipt that alice replaced is worth nothing, and stopping reaches a shop that names it", async () => {
	const first = await alice.device.setBusinessPreference(shop.account, "marketing", "allowed");
	world.clock.advance(1000);
	const second = await alice.device.setBusinessPreference(shop.account, "marketing", "allowed");
	const offer = (consentId: string | undefined): BusinessMessage =>
		({ ...sentFrom(OFFER, "shoes"), consentId }) as BusinessMessage;
	await refused("CATEGORY_NOT_ALLOWED", send(shop, offer(first.consentId)));
	await send(shop, offer(second.consentId));
	assert.equal(await lastShown(), "Only today: shoes");
	world.clock.advance(1000);
	await alice.device.setBusinessPreference(shop.account, "marketing", "stopped");
	await refused("CATEGORY_STOPPED", send(shop, offer(second.consentId)));
	await alice.device.setBusinessPreference(shop.account, "utility", "stopped");
	await refused("CATEGORY_STOPPED", send(shop, sentFrom(UPDATE, "19")));
	await send(shop, { kind: "service", text: "You may still ask us" });
	world.clock.advance(1000);
	await alice.device.setBusinessPreference(shop.account, "utility", "unset");
	await send(shop, sentFrom(UPDATE, "20"));
});
