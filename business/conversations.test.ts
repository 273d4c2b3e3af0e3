/** The shop and its customers: what arrives, what is refused, and what the shop is told. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { until } from "@troth/client/stories/_people.ts";
import { idOf, openShop, SHOP, type Shop, TEMPLATE, TEXT, textsFrom, writeTo } from "./_shop.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
let shop: Shop;

before(async () => {
	shop = await openShop();
});

after(async () => shop[Symbol.asyncDispose]());

test("alice writes, the shop answers her message, and hears that she read it", async () => {
	const { receiver } = shop;
	const alice = await shop.world.person("Alice");
	const conversation = await writeTo(shop, alice, "Is my order ready? 😀");
	const { inbound } = receiver;
	const [heard] = inbound;
	const delivery = receiver.received[0];
	assert.match(heard?.from ?? "", /^999\d{10}$/, "alice never gave her number");
	assert.equal(delivery?.value.contacts?.[0]?.wa_id, heard?.from);
	assert.equal(delivery?.value.contacts?.[0]?.profile.name, "Alice");
	assert.equal(delivery?.value.metadata.phone_number_id, SHOP.phoneNumberId);
	assert.match(heard?.timestamp ?? "", /^\d{10}$/);
	assert.match(delivery?.raw ?? "", /^[\x20-\x7e]*\\ud83d\\ude00[\x20-\x7e]*$/, "ASCII only, escapes in lower case");
	const expected = createHmac("sha256", SHOP.appSecret)
		.update(delivery?.raw ?? "")
		.digest("hex");
	assert.equal(delivery?.signature, `sha256=${expected}`);

	const answer = await shop.send(heard?.from ?? "", {
		...TEXT("Yes, come by!"),
		context: { message_id: heard?.id },
		biz_opaque_callback_data: "order-17",
	});
	assert.equal(answer.status, 200);
	const wamid = idOf(answer);
	assert.match(wamid, /^wamid\./);
	await until("alice has it", async () => (await textsFrom(shop, alice)).includes("Yes, come by!"));
	const row = (await alice.rows(conversation)).at(-1);
	const question = (await alice.rows(conversation)).find(({ sender }) => sender?.self);
	assert.equal(row?.body.kind === "text" && row.body.replyTo, question?.id);
	assert.equal(row?.body.kind === "text" && row.body.business?.purpose, "service");
	await until("delivered", () => receiver.statuses(wamid).includes("delivered"));
	await alice.device.markRead(conversation, row?.seq ?? 0);
	await until("read", () => receiver.statuses(wamid).includes("read"));
	assert.deepEqual(receiver.statuses(wamid), ["sent", "delivered", "read"]);
	const statuses = receiver.received.flatMap(({ value }) => value.statuses ?? []);
	assert.ok(statuses.every((status) => status.biz_opaque_callback_data === "order-17"));

	const marked = await shop.call("POST", `/${SHOP.phoneNumberId}/messages/`, {
		messaging_product: "whatsapp",
		status: "read",
		message_id: heard?.id,
		typing_indicator: { type: "text" },
	});
	assert.deepEqual(marked, { status: 200, body: { success: true } });
	await until("alice sees that it was read", async () =>
		(await alice.rows(conversation)).some(({ delivery }) => delivery?.state === "read"),
	);
	const answered = await alice.device.send(conversation, "On my way", row?.id);
	await until("the shop hears the answer", () => receiver.inbound.some(({ text }) => text.body === "On my way"));
	assert.equal(receiver.inbound.at(-1)?.context?.id, wamid);
	assert.ok(answered.id !== undefined);
});

test("bob never wrote: a free text is refused, a template arrives in his own device's rendering", async () => {
	const { receiver, world } = shop;
	const bob = await world.person("Bob");
	const early = await shop.send(bob.phone, TEXT("Hello?"));
	assert.equal(early.status, 400);
	assert.equal(early.body.error?.code, 131047);
	assert.equal((await bob.device.conversations()).length, 0, "nothing but an empty chat would have come of it");

	const answer = await shop.send(bob.phone, TEMPLATE("order_update", "17", "tomorrow {{1}}"));
	assert.equal(answer.body.contacts?.[0]?.wa_id, bob.phone.slice(1));
	const text = "Your order 17 is on its way and arrives tomorrow {{1}}.";
	await until("bob has it", async () => (await textsFrom(shop, bob)).includes(text));
	await until("delivered", () => receiver.statuses(idOf(answer)).includes("delivered"));

	const still = await shop.send(bob.phone, TEXT("Hello now?"));
	assert.equal(still.body.error?.code, 131047, "a template does not open the window");
	await until("the failure is told too", () => receiver.failures.some(({ errors }) => errors?.[0]?.code === 131047));

	await writeTo(shop, bob, "Thanks");
	assert.equal(receiver.inbound.at(-1)?.from, bob.phone.slice(1), "a chat keeps the number that the shop used");
	assert.equal((await shop.send(bob.phone, TEXT("You are welcome"))).status, 200);
	world.clock.advance(DAY_MS + 60_000);
	assert.equal((await shop.send(bob.phone, TEXT("Still there?"))).body.error?.code, 131047, "a day later it is closed");
	assert.equal((await shop.send(bob.phone, TEMPLATE("order_update", "18", "Friday"))).status, 200);
});

test("carla allows marketing and stops it again: it arrives while she allows it, and order updates go on", async () => {
	const { receiver, world, gateway } = shop;
	const carla = await world.person("Carla");
	const offer = () => shop.send(carla.phone, TEMPLATE("spring_offer", "10 % off"));
	assert.equal((await offer()).body.error?.code, 131050, "she never allowed it");

	const [listed] = await carla.device.businesses();
	assert.equal(listed?.name, SHOP.name);
	assert.equal(listed?.account, gateway.account);
	const allowed = await carla.device.setBusinessPreference(gateway.account, "marketing", "allowed");
	assert.match(allowed.consentId ?? "", /^[0-9a-f]{32}$/);
	assert.equal((await offer()).status, 200);
	await until("carla has it", async () => (await textsFrom(shop, carla)).length === 1);
	const conversation = await carla.device.openDirect(gateway.account);
	const row = (await carla.rows(conversation)).at(-1);
	assert.equal(row?.body.kind === "text" && row.body.business?.consentId, allowed.consentId, "the receipt is named");

	world.clock.advance(1000);
	await carla.device.setBusinessPreference(gateway.account, "marketing", "stopped");
	const told = receiver.failures.length;
	const refused = await offer();
	assert.equal(refused.status, 400);
	assert.equal(refused.body.error?.code, 131050);
	await until("told as a status as well", () => receiver.failures.length > told);
	assert.equal(receiver.failures.at(-1)?.errors?.[0]?.code, 131050);
	assert.equal((await shop.send(carla.phone, TEMPLATE("order_update", "3", "today"))).status, 200);
	await until("the update", async () => (await textsFrom(shop, carla)).length === 2);
	assert.deepEqual((await textsFrom(shop, carla)).at(-1), "Your order 3 is on its way and arrives today.");
});

test("dora blocks the shop: its messages are taken, never reach her, and never count as delivered", async () => {
	const { receiver } = shop;
	const dora = await shop.world.person("Dora");
	const conversation = await writeTo(shop, dora, "Hello shop");
	await dora.device.block(shop.gateway.account);
	const answer = await shop.send(dora.phone, TEXT("Please come back"));
	assert.equal(answer.status, 200);
	const wamid = idOf(answer);
	await until("sent", () => receiver.statuses(wamid).includes("sent"));
	await dora.close();
	await dora.comeBack();
	assert.ok(!(await dora.texts(conversation)).some((text) => text.includes("Please come back")));
	// Whatever her device told of that is at the shop before the marks of somebody else's later message.
	const fred = await shop.world.person("Fred");
	await writeTo(shop, fred, "Good morning");
	const other = idOf(await shop.send(receiver.inbound.at(-1)?.from ?? "", TEXT("Good morning, Fred")));
	await until("fred has it", () => receiver.statuses(other).includes("delivered"));
	assert.deepEqual(receiver.statuses(wamid), ["sent"]);
	await dora.device.unblock(shop.gateway.account);
	assert.equal((await shop.send(dora.phone, TEXT("Welcome back"))).status, 200);
	await until("she takes messages again", async () => (await textsFrom(shop, dora)).includes("Welcome back"));
});

test("nobody has the number: one code, whatever the reason", async () => {
	const { receiver } = shop;
	for (const nobody of ["+1 (555) 010-9999", "9990000000001"]) {
		const answer = await shop.send(nobody, TEXT("Anybody?"));
		assert.equal(answer.status, 200, "accepted, as everywhere in the Cloud API");
		const wamid = idOf(answer);
		await until("the failure", () => receiver.statuses(wamid).includes("failed"));
		assert.deepEqual(receiver.statuses(wamid), ["failed"]);
		const failure = receiver.failures.find(({ id }) => id === wamid);
		assert.deepEqual(
			failure?.errors?.map(({ code }) => code),
			[131026],
		);
	}
});

test("the gateway restarts: it is the same device, and tells what happened meanwhile", async () => {
	const { receiver } = shop;
	const erin = await shop.world.person("Erin");
	const conversation = await writeTo(shop, erin, "First");
	const wamid = idOf(await shop.send(erin.phone, TEXT("Read me later")));
	await until("erin has it", async () => (await textsFrom(shop, erin)).includes("Read me later"));
	const { account } = shop.gateway;
	await shop.gateway[Symbol.asyncDispose]();
	await erin.say(conversation, "While you were closed");
	const row = (await erin.rows(conversation)).find(({ body }) => body.kind === "text" && body.text === "Read me later");
	await erin.device.markRead(conversation, row?.seq ?? 0);
	const { startGateway } = await import("./gateway.ts");
	shop.gateway = await startGateway({
		...shop.options,
		code: () => Promise.reject(new Error("asked for a code again")),
	});
	assert.equal(shop.gateway.account, account);
	await until("what erin wrote", () => receiver.inbound.some(({ text }) => text.body === "While you were closed"));
	await until("that she read it", () => receiver.statuses(wamid).includes("read"));
	assert.equal(await shop.gateway.lastInbound(), receiver.inbound.at(-1)?.id);
	assert.equal(receiver.inbound.filter(({ text }) => text.body === "First").length, 1, "nothing is told twice");
});
