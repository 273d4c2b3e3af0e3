/** A business in the app: its message is read like any other, and what it may send is decided in its chat. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { openShop, type Shop, TEMPLATE } from "../../business/_shop.ts";
import { buildWeb } from "../../web/build.ts";
import { assertAccessible } from "./_axe.ts";
import { Profile, withBrowser } from "./_browser.ts";
import { chat, join, message } from "./_person.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100401", name: "Alice" };

let shop: Shop;
let browser: Browser & AsyncDisposable;
let alice: Page;

before(async () => {
	const { root } = await buildWeb();
	[shop, browser] = await withBrowser(openShop({ webRoot: root }));
	alice = await (await Profile.open(browser)).tab(`${shop.world.url}/`);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await shop?.[Symbol.asyncDispose]();
});

const update = (order: string) => shop.send(ALICE.phone, TEMPLATE("order_update", order, "tomorrow"));
const offer = () => shop.send(ALICE.phone, TEMPLATE("spring_offer", "all boots"));
const choice = (name: string) => alice.getByRole("switch", { name });

step("an order update arrives and is read like any message", async () => {
	await join(alice, shop.world, ALICE);
	assert.equal((await update("17")).status, 200);
	await chat(alice, "Corner Shop").click();
	await message(alice, "Your order 17 is on its way and arrives tomorrow").waitFor();
});

step("the chat's page says what the business may send: updates go, offers need a yes", async () => {
	await alice.getByRole("button", { name: "Chat info" }).first().click();
	await alice.getByRole("region", { name: "Messages from this business" }).waitFor();
	assert.equal(await choice("Orders and deliveries").isChecked(), true);
	assert.equal(await choice("Offers").isChecked(), false);
	assert.equal((await offer()).body.error?.code, 131050);
	await assertAccessible(alice, "business-choices");
});

step("a yes lets offers through at once, taking it back stops them at once", async () => {
	await choice("Offers").click();
	await eventually(async () => assert.equal(await choice("Offers").isChecked(), true));
	assert.equal((await offer()).status, 200);
	await message(alice, "Spring is here").waitFor();
	await choice("Offers").click();
	await eventually(async () => assert.equal(await choice("Offers").isChecked(), false));
	assert.equal((await offer()).body.error?.code, 131050);
});

step("updates can be stopped too", async () => {
	await choice("Orders and deliveries").click();
	await eventually(async () => assert.equal(await choice("Orders and deliveries").isChecked(), false));
	await alice
		.getByText(/Your signed decision of/)
		.first()
		.waitFor();
	assert.equal((await update("18")).body.error?.code, 131050);
});
