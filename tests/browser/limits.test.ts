/** What was done about an account, on its person's screen: why, until when, and how to object. And telling on somebody. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { startWorld, type TestWorld } from "../../client/stories/_people.ts";
import { buildWeb } from "../../web/build.ts";
import { assertAccessible } from "./_axe.ts";
import { Profile, withBrowser } from "./_browser.ts";
import { join, startChat } from "./_person.ts";
import { step } from "./_story.ts";

const MALLORY = { phone: "+15550100901", name: "Mallory" };
const OPERATOR = "operator";

let world: TestWorld;
let browser: Browser & AsyncDisposable;
let profile: Profile;
let mallory: Page;

before(async () => {
	const { root } = await buildWeb();
	[world, browser] = await withBrowser(startWorld({ operatorToken: OPERATOR, webRoot: root }));
	profile = await Profile.open(browser);
	mallory = await profile.tab(`${world.url}/`);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await world?.[Symbol.asyncDispose]();
});

async function operate(path: string, body?: object): Promise<Record<string, unknown>> {
	const response = await fetch(new URL(`/operator/${path}`, world.url), {
		method: body === undefined ? "GET" : "POST",
		headers: { authorization: `Bearer ${OPERATOR}`, ...(body && { "content-type": "application/json" }) },
		...(body && { body: JSON.stringify(body) }),
	});
	return (await response.json()) as Record<string, unknown>;
}

step(
	"from the chat's page one reports a person, with a reason, and with their messages where one says so",
	async () => {
		const alice = await world.person("Alice", { phone: "+15550100902" });
		await join(mallory, world, MALLORY);
		await startChat(mallory, alice.phone);
		await mallory.getByRole("button", { name: "Chat info" }).first().click();
		await mallory.getByRole("button", { name: /^Report/ }).click();
		assert.equal(
			await mallory.getByRole("button", { name: "Report", exact: true }).isDisabled(),
			true,
			"a reason first",
		);
		await mallory.getByLabel("They try to cheat people").check();
		await mallory.getByLabel("Show the operator their last messages here").check();
		await assertAccessible(mallory, "report");
		await mallory.getByRole("button", { name: "Report", exact: true }).click();
		await mallory.getByRole("status").getByText("Reported. Thank you.").waitFor();
		const [report] = (await operate("reports"))["reports"] as { account: string; reason: string }[];
		assert.deepEqual([report?.account, report?.reason], [alice.account, "scam"]);
	},
);

step("settings say nothing of limits while there are none", async () => {
	await mallory.goto(`${world.url}/#/settings`);
	await mallory.getByRole("region", { name: "Privacy" }).waitFor();
	assert.equal(await mallory.getByRole("region", { name: "A limit is on your account" }).count(), 0);
});

step("a limit is shown with its reason, its end and who said so; an objection is one touch", async () => {
	const action = { purpose: "spam_and_abuse", label: "bulk_messages", scoreClass: "high", days: 7 };
	await operate("actions", { ...action, phone: MALLORY.phone });
	await mallory.reload();
	const limit = mallory.getByRole("region", { name: "A limit is on your account" });
	await limit.getByText("Because of messages to many people who did not ask for them.").waitFor();
	await limit.getByText(/Said by the operator of this server\. Since .*, until /).waitFor();
	await assertAccessible(mallory, "limit");
	await limit.getByRole("button", { name: "Object" }).click();
	await limit.getByText(/^You objected on/).waitFor();
	const [listed] = (await operate("actions"))["actions"] as { objectedAt: number | null }[];
	assert.ok(typeof listed?.objectedAt === "number");
});

step("lifted, it is gone", async () => {
	await operate("actions/lift", { phone: MALLORY.phone, purpose: "spam_and_abuse" });
	await mallory.reload();
	await mallory.getByRole("region", { name: "Privacy" }).waitFor();
	await mallory.getByRole("region", { name: "A limit is on your account" }).waitFor({ state: "detached" });
	profile.assertUntroubled();
});
