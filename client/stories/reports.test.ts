/** Bob shows the operator what Mallory wrote to him, and the operator reads it after saying why. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorld, until } from "./_people.ts";

const OPERATOR = "operator";

test("a report takes along what bob reveals and nothing else; the operator reads it and is written down", async () => {
	await using world = await startWorld({ operatorToken: OPERATOR });
	const mallory = await world.person("Mallory");
	const bob = await world.person("Bob");
	const chat = await mallory.device.openDirect((await mallory.device.find(bob.phone)).account);
	const said = ["Hello Bob", "I am from your bank <b>", "Send me the code"];
	for (const text of said) await mallory.say(chat, text);
	await until("bob has them", async () => (await bob.texts(chat)).length === said.length);
	await bob.say(chat, "No, and this is between us");
	assert.equal(await bob.device.report(mallory.account, "scam", { conversation: chat, messages: 2 }), 2);

	const asOperator = { authorization: `Bearer ${OPERATOR}` };
	const listed = await fetch(new URL("/operator/reports", world.url), { headers: asOperator });
	const list = await listed.text();
	assert.match(list, /"revealed":2/);
	for (const text of said) assert.ok(!list.includes(text), "a list is no look");

	const login = await fetch(new URL("/operator/view/login", world.url), {
		...{ method: "POST", redirect: "manual", body: new URLSearchParams({ token: OPERATOR }) },
	});
	const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
	const page = async (path: string, fields?: Readonly<Record<string, string>>) => {
		const answer = await fetch(new URL(`/operator/view/${path}`, world.url), {
			headers: { cookie, origin: world.url },
			...(fields && { method: "POST", body: new URLSearchParams(fields) }),
		});
		return answer.text();
	};
	const form = /name="form" value="([^"]+)"/.exec(await page("people"))?.[1] ?? "";
	const account = await page("people/look", { form, whom: mallory.account, reason: "bob reported it" });
	assert.match(account, /2 messages revealed/);
	for (const text of said) assert.ok(!account.includes(text), "reports are opened one by one");
	const report = /<option value="(\d+)">scam/.exec(account)?.[1] ?? "";
	assert.match(await page("people/report", { form, report, reason: "why" }), /Nothing is shown/);
	const opened = await page("people/report", { form, report, reason: "is it a scam?" });
	assert.ok(opened.includes("Send me the code") && opened.includes("I am from your bank &#60;b&#62;"));
	assert.ok(!opened.includes("Hello Bob") && !opened.includes("between us"), "what was not revealed");
	assert.ok(!opened.includes(bob.account), "who reported is not shown");
	assert.match(await page("audit"), /is it a scam\?/);

	// Again, without: what was revealed before is not kept.
	assert.equal(await bob.device.report(mallory.account, "scam"), 0);
	assert.doesNotMatch(
		await page("people/look", { form, whom: mallory.account, reason: "bob reported it again" }),
		/revealed/,
	);
});
