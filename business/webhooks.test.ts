/** Webhooks reach a receiver that proved itself, however long it fails, and whatever happens to the gateway. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startWorld, until } from "@troth/client/stories/_people.ts";
import { startGatewayChild } from "./_gateway-child.ts";
import { approve, call, idOf, openShop, Receiver, SHOP, type Shop, TEMPLATE, TEXT, writeTo } from "./_shop.ts";
import { startGateway } from "./gateway.ts";
import { SAMPLE_TEMPLATES } from "./templates/samples.ts";
import { WebhookError } from "./webhooks/handshake.ts";

const SUBSCRIBED_APPS = `/v23.0/${SHOP.wabaId}/subscribed_apps`;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

async function inShop(tell: (shop: Shop) => Promise<void>): Promise<void> {
	await using shop = await openShop();
	await tell(shop);
}

test("a receiver that fails is asked again, later each time, and gets everything once it recovers", () =>
	inShop(async ({ world, receiver, ...shop }) => {
		const alice = await world.person("Alice");
		await writeTo({ world, receiver, ...shop }, alice, "Hello");
		receiver.status = 500;
		const before = receiver.posts;
		const conversation = await alice.device.openDirect(shop.gateway.account);
		await alice.say(conversation, "Anybody there?");
		await until("a first try", () => receiver.posts > before);
		for (let tries = receiver.posts; tries < before + 4; tries = receiver.posts) {
			world.clock.advance(10 * MINUTE_MS);
			await until("another try", () => receiver.posts > tries);
		}
		assert.ok(!receiver.inbound.some(({ text }) => text.body === "Anybody there?"));
		receiver.status = 200;
		world.clock.advance(60 * MINUTE_MS);
		await until("it arrives", () => receiver.inbound.some(({ text }) => text.body === "Anybody there?"));
		assert.equal(receiver.inbound.filter(({ text }) => text.body === "Anybody there?").length, 1);
	}));

test("what nobody took for seven days is given up, what came later is not", () =>
	inShop(async (shop) => {
		const { world, receiver } = shop;
		const alice = await world.person("Alice");
		await writeTo(shop, alice, "Hello");
		const conversation = await alice.device.openDirect(shop.gateway.account);
		receiver.status = 503;
		const before = receiver.posts;
		await alice.say(conversation, "Old");
		await until("a try", () => receiver.posts > before);
		world.clock.advance(7 * DAY_MS + MINUTE_MS);
		receiver.status = 200;
		await alice.say(conversation, "New");
		await until("the new one", () => receiver.inbound.some(({ text }) => text.body === "New"));
		assert.ok(!receiver.inbound.some(({ text }) => text.body === "Old"));
	}));

test("a webhook goes nowhere before its receiver has answered the challenge", async () => {
	await using shop = await openShop({ webhook: false });
	const { receiver } = shop;
	const subscribe = (verifyToken: string | undefined, uri = receiver.url) =>
		shop.call("POST", SUBSCRIBED_APPS, { override_callback_uri: uri, verify_token: verifyToken });
	assert.deepEqual((await shop.call("GET", SUBSCRIBED_APPS)).body, { data: [] });
	assert.equal((await subscribe("wrong")).body.error?.code, 100);
	assert.equal((await subscribe(SHOP.verifyToken, "ftp://127.0.0.1/hook")).body.error?.code, 100);
	assert.equal((await subscribe(SHOP.verifyToken, "http://127.0.0.1:9/hook")).body.error?.code, 100);
	const alice = await shop.world.person("Alice");
	const conversation = await alice.device.openDirect(shop.gateway.account);
	await alice.say(conversation, "Too early");
	await until("the gateway heard it", async () => (await shop.gateway.lastInbound()) !== undefined);

	assert.deepEqual((await subscribe(undefined)).body, { success: true });
	const listed = (await shop.call("GET", SUBSCRIBED_APPS)).body["data"] as { override_callback_uri: string }[];
	assert.equal(listed[0]?.override_callback_uri, receiver.url);
	await alice.say(conversation, "In time");
	await until("the receiver hears", () => receiver.inbound.length > 0);
	assert.deepEqual(
		receiver.inbound.map(({ text }) => text.body),
		["In time"],
	);
	assert.deepEqual((await shop.call("DELETE", SUBSCRIBED_APPS, "")).body, { success: true });
	assert.deepEqual((await shop.call("GET", SUBSCRIBED_APPS)).body, { data: [] });
});

test("a gateway does not start with a webhook whose receiver refuses the handshake", async () => {
	await using shop = await openShop({ webhook: false });
	await shop.gateway[Symbol.asyncDispose]();
	shop.receiver.verifyToken = "another";
	const refused = startGateway({ ...shop.options, webhookUrl: shop.receiver.url });
	await assert.rejects(refused, (error) => error instanceof WebhookError && error.code === "HANDSHAKE_REFUSED");
	shop.gateway = await startGateway(shop.options);
});

test("a gateway that is killed after it accepted a message owes every webhook still", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-killed-shop-"));
	await using world = await startWorld({ operatorToken: "operator-token" });
	await using receiver = await Receiver.start();
	const settings = { ...SHOP, directory, host: "127.0.0.1", port: 0, server: world.url, webhookUrl: receiver.url };
	try {
		const first = await startGatewayChild(settings, () => world.code(SHOP.phone));
		assert.equal(await approve(world.url), 201);
		await first.putTemplate(SAMPLE_TEMPLATES.utility);
		const alice = await world.person("Alice");
		receiver.status = 500;
		const path = `/v23.0/${SHOP.phoneNumberId}/messages`;
		const accepted = await call(first.url, "POST", path, {
			...{ messaging_product: "whatsapp", to: alice.phone },
			...TEMPLATE("order_update", "17", "today"),
		});
		const wamid = idOf(accepted);
		first.child.kill("SIGKILL");
		await once(first.child, "exit");
		assert.deepEqual(receiver.statuses(wamid), []);

		const conversation = await until("alice has it", async () => (await alice.device.conversations())[0]);
		await until("its text", async () => (await alice.texts(conversation.id)).length === 1);
		await alice.say(conversation.id, "Thank you");
		receiver.status = 200;
		const second = await startGatewayChild(settings, () => "");
		try {
			await until("delivered", () => receiver.statuses(wamid).includes("delivered"));
			await until("her answer", () => receiver.inbound.some(({ text }) => text.body === "Thank you"));
			assert.deepEqual(receiver.statuses(wamid), ["sent", "delivered"]);
			const reply = await call(second.url, "POST", path, {
				...{ messaging_product: "whatsapp", to: alice.phone },
				...TEXT("You are welcome"),
			});
			assert.equal(reply.status, 200);
			await until("the reply", async () => (await alice.texts(conversation.id)).length === 3);
		} finally {
			second.child.kill("SIGTERM");
			await once(second.child, "exit");
		}
	} finally {
		await rm(directory, { recursive: true });
	}
});
