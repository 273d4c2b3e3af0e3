/** The operator in a browser: logs in, publishes a version after seeing what it changes, looks at nobody unnoticed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AbuseService } from "@troth/protocol";
import { startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { DAY_MS, fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";

const ALICE = "+15550100001";

/** What a browser does with cookies, forms and redirects, and nothing more. */
class Browser {
	readonly #url: string;
	cookie = "";

	constructor({ url }: TestMessenger) {
		this.#url = url;
	}

	async get(path: string): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
		return this.#ask(path, {});
	}

	/** Sends a form that stands on a page, filled in. */
	async post(path: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
		return this.#ask(path, { method: "POST", body: new URLSearchParams(fields), headers });
	}

	async upload(path: string, form: FormData) {
		return this.#ask(path, { method: "POST", body: form });
	}

	async #ask(path: string, init: RequestInit) {
		const headers = { ...(init.headers as Record<string, string>), ...(this.cookie !== "" && { cookie: this.cookie }) };
		const response = await fetch(this.#url + path, { ...init, headers, redirect: "manual" });
		const set = response.headers.get("set-cookie");
		if (set !== null) this.cookie = set.split(";")[0] ?? "";
		const to = response.headers.get("location");
		if (response.status === 303 && to !== null) return this.get(to) as Promise<Browsed>;
		return { status: response.status, text: await response.text(), headers: response.headers };
	}

	/** Logs in; gives the token that forms need. */
	async logIn(): Promise<string> {
		const { text } = await this.post("/operator/view/login", { token: OPERATOR });
		return formTokenIn(text);
	}
}

type Browsed = { readonly status: number; readonly text: string; readonly headers: Headers };

function formTokenIn(text: string): string {
	const [, token] = /name="form" value="([^"]+)"/.exec(text) ?? [];
	assert.ok(token !== undefined, "the page has no form");
	return token;
}

const settings = { operatorToken: OPERATOR };
const start = () => startTestMessenger({ stores: "sqlite", settings });

test("without the token there is a login and nothing else, and where none is configured not even that", async () => {
	await using messenger = await start();
	const browser = new Browser(messenger);
	for (const path of ["", "/view/terms", "/view/sharing", "/view/businesses", "/view/people", "/view/audit"]) {
		const { status, text, headers } = await browser.get(`/operator${path}`);
		assert.equal(status, 401);
		assert.match(text, /The operator&#39;s token|The operator's token/);
		assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; style-src 'self'/);
		assert.equal(headers.get("cache-control"), "no-store");
	}
	assert.equal((await browser.post("/operator/view/login", { token: "wrong" })).status, 401);
	assert.equal(browser.cookie, "");
	const form = await browser.logIn();
	assert.equal((await browser.get("/operator")).status, 200);
	const kept = browser.cookie;
	await browser.post("/operator/view/logout", { form });
	browser.cookie = kept;
	assert.equal((await browser.get("/operator")).status, 401, "a stolen cookie is worth nothing after logging out");
	await using closed = await startTestMessenger();
	assert.equal((await new Browser(closed).get("/operator")).status, 404);
});

test("the cookie is for this server alone, and a form from elsewhere changes nothing", async () => {
	await using messenger = await start();
	const browser = new Browser(messenger);
	const response = await fetch(`${messenger.url}/operator/view/login`, {
		method: "POST",
		body: new URLSearchParams({ token: OPERATOR }),
		redirect: "manual",
	});
	assert.match(
		response.headers.get("set-cookie") ?? "",
		/^troth-operator=[\w-]{43}; Path=\/operator; HttpOnly; SameSite=Strict; Max-Age=28800$/,
	);
	const form = await browser.logIn();
	const policy = JSON.stringify(await fileOf("opt-in"));
	const publish = (fields: Readonly<Record<string, string>>, headers?: Record<string, string>) =>
		browser.post("/operator/view/terms/publish", fields, headers);
	assert.equal((await publish({ policy })).status, 403);
	assert.equal((await publish({ policy, form: "guessed" })).status, 403);
	assert.equal((await publish({ policy, form }, { origin: "https://evil.example" })).status, 403);
	const other = new Browser(messenger);
	assert.equal((await publish({ policy, form: await other.logIn() })).status, 403, "a token of another session");
	assert.doesNotMatch((await browser.get("/operator/view/terms")).text, /Version 2/);
	messenger.clock.sleep(DAY_MS);
	assert.equal((await browser.get("/operator")).status, 401, "a session ends by itself");
});

test("a version is shown before it is published: findings, or the difference and the button", async () => {
	await using messenger = await start();
	await newDecider(messenger, ALICE);
	const browser = new Browser(messenger);
	const form = await browser.logIn();
	const file = await fileOf("opt-in");
	const preview = (policy: unknown) =>
		browser.post("/operator/view/terms/preview", { form, policy: JSON.stringify(policy) });
	const [first, ...others] = file["purposes"] as { id: string }[];
	const ticked = await preview({ ...file, purposes: [{ ...first, initial: "on" }, ...others] });
	assert.equal(ticked.status, 422);
	assert.match(ticked.text, /<code>[A-Z_]+<\/code>/);
	assert.doesNotMatch(ticked.text, /Publish version/);
	assert.equal((await preview({ version: 1 })).status, 422);
	assert.match((await preview({ ...file, version: 1 })).text, /version 1 is in force/);
	const upload = new FormData();
	upload.set("form", form);
	upload.set("file", new Blob([JSON.stringify(file)], { type: "application/json" }), "opt-in.json");
	upload.set("policy", "");
	const ready = await browser.upload("/operator/view/terms/preview", upload);
	assert.equal(ready.status, 200);
	assert.match(ready.text, /Publish version 2\?/);
	assert.match(ready.text, /In what is shared/);
	assert.match(ready.text, /1 account is told/);
	const [, confirmed] = /name="policy" value="([^"]+)"/.exec(ready.text) ?? [];
	const policy = (confirmed ?? "").replaceAll(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)));
	const published = await browser.post("/operator/view/terms/publish", { form, policy });
	assert.equal(published.status, 200);
	assert.match(published.text, /Version 2<\/a> <span class="chip moss">In force/);
	const again = await browser.post("/operator/view/terms/publish", { form, policy });
	assert.match(again.text, /was published meanwhile/);
});

test("a version that takes away what people said yes to says so, with how many, before it is published", async () => {
	await using messenger = await start();
	await publish(messenger, await fileOf("opt-in"));
	const alice = await newDecider(messenger, ALICE);
	const bob = await newDecider(messenger, "+15550100002");
	await alice.decide({ friend_suggestions: true, relevant_ads: true });
	await bob.decide({ friend_suggestions: true, relevant_ads: false });
	const browser = new Browser(messenger);
	const form = await browser.logIn();
	const file = await fileOf("opt-in", 3);
	const ended = async (change: object) => {
		const policy = JSON.stringify({ ...file, ...change });
		const { status, text } = await browser.post("/operator/view/terms/preview", { form, policy });
		assert.equal(status, 200);
		const [, section = ""] = /<h2 id="ends">What it takes away, at once<\/h2>(.*?)<\/section>/s.exec(text) ?? [];
		return [...section.matchAll(/<tr role="row">(<td.*?)<\/tr>/gs)].map(([, cells = ""]) =>
			cells.replaceAll(/<[^>]*>/g, "|").replaceAll(/\|+/g, "|"),
		);
	};
	const purposes = file["purposes"] as readonly { readonly id: string; readonly retentionDays: number }[];
	const locales = structuredClone(file["locales"]) as Record<string, { purposes: Record<string, unknown> }>;
	for (const { purposes: texts } of Object.values(locales)) delete texts["relevant_ads"];
	const withoutAds = { purposes: purposes.filter(({ id }) => id !== "relevant_ads"), locales };
	assert.deepEqual(await ended({}), [], "the same once more takes nothing");
	assert.deepEqual(await ended(withoutAds), ["|More relevant ads on Family|1|"]);
	await bob.decide({ relevant_ads: true });
	assert.deepEqual(await ended(withoutAds), ["|More relevant ads on Family|2|"]);
	await alice.decide({ relevant_ads: false });
	await bob.decide({ relevant_ads: false });
	assert.deepEqual(await ended(withoutAds), [], "what was taken back does not end once more");
	assert.match((await browser.get("/operator/view/terms")).text, /Version 2<\/a> <span class="chip moss">In force/);
});

test("nobody's data is shown before it is written down who asked why, and the line stays", async () => {
	await using messenger = await start();
	const alice = await newDecider(messenger, ALICE);
	const browser = new Browser(messenger);
	const form = await browser.logIn();
	const look = (whom: string, reason: string) => browser.post("/operator/view/people/look", { form, whom, reason });
	for (const reason of ["", "because", "she rang from +1 555 010 0001"]) {
		const { text } = await look(ALICE, reason);
		assert.match(text, /Nothing is shown/);
		assert.ok(!text.includes(alice.account));
	}
	const page = await look("+1 (555) 010-0001", "she asked us by e-mail why she is limited");
	assert.equal(page.status, 200);
	assert.ok(page.text.includes(alice.account));
	assert.match(page.text, /version 1/);
	assert.ok(!page.text.includes("0100001") && !page.text.includes("010-0001"), "the number is not repeated");
	assert.match((await look("+15550100009", "a report names this number")).text, /there is no such account/);
	const audit = (await browser.get("/operator/view/audit")).text;
	assert.match(audit, /she asked us by e-mail why she is limited/);
	assert.match(audit, /a report names this number/);
	assert.ok(audit.includes(alice.account) && !audit.includes("0100009"));
	await messenger.restart(async ({ records }) => {
		await assert.rejects(records.deleteFrom("operator_audit").execute());
		await assert.rejects(records.updateTable("operator_audit").set({ reason: "nothing" }).execute());
		assert.equal((await records.selectFrom("operator_audit").selectAll().execute()).length, 2);
	});
});

test("an account is limited, kept after an objection and freed from its page, each with a reason that stays", async () => {
	await using messenger = await start();
	const alice = await newDecider(messenger, ALICE);
	const browser = new Browser(messenger);
	const form = await browser.logIn();
	const { account } = alice;
	const looked = await browser.post("/operator/view/people/look", {
		form,
		whom: account,
		reason: "three people reported it",
	});
	assert.match(looked.text, /Limit this account/);
	const limit = (fields: Readonly<Record<string, string>>) =>
		browser.post("/operator/view/people/limit", {
			...{ form, account, label: "spam_and_abuse:bulk_messages", scoreClass: "high", days: "30" },
			...fields,
		});
	for (const [fields, why] of [
		[{ reason: "because" }, /a reason of 8 to 500 characters/],
		[{ reason: "it wrote to +1 555 010 0002" }, /must not hold a phone number/],
		[{ reason: "two hundred messages", days: "0" }, /look at label, days and case/],
		[{ reason: "two hundred messages", label: "security:bulk_messages" }, /a label of account_takeover/],
		[{ reason: "two hundred messages", account: "f".repeat(32) }, /there is no such account/],
	] as const) {
		const { text } = await limit(fields);
		assert.match(text, /Nothing was done/);
		assert.match(text, why);
		assert.doesNotMatch(text, /Choices/, "no account is shown for it");
	}
	assert.equal((await limit({ form: "guessed", reason: "two hundred messages" })).status, 403);
	const done = await limit({ reason: "two hundred messages to strangers" });
	assert.match(done.text, /The account is limited/);
	assert.match(done.text, /bulk messages/);
	const abuse = messenger.client(AbuseService, alice.token);
	assert.equal((await abuse.getLimits({})).limits.length, 1);
	const end = (how: string, reason: string) =>
		browser.post(`/operator/view/people/${how}`, { form, account, purpose: "spam_and_abuse", reason });
	assert.match((await end("keep", "looked at it again")).text, /there is no open objection/);
	await abuse.objectToAction({ purpose: "spam_and_abuse" });
	assert.match(
		(await browser.post("/operator/view/people/look", { form, whom: account, reason: "it objected now" })).text,
		/it stands/,
	);
	assert.match((await end("keep", "looked at it again")).text, /It stands/);
	assert.match((await end("lift", "it was its birthday")).text, /The limit has ended/);
	assert.equal((await abuse.getLimits({})).limits.length, 0);
	const audit = (await browser.get("/operator/view/audit")).text;
	for (const reason of ["two hundred messages to strangers", "looked at it again", "it was its birthday"])
		assert.match(audit, new RegExp(reason));
});

test("every page can be read with one person and with none", async () => {
	await using messenger = await start();
	const browser = new Browser(messenger);
	const form = await browser.logIn();
	const paths = ["", "/view/terms", "/view/sharing", "/view/businesses", "/view/people", "/view/audit"];
	for (const path of paths) assert.equal((await browser.get(`/operator${path}`)).status, 200, path);
	const alice = await newDecider(messenger, ALICE);
	const approved = await browser.post("/operator/view/businesses", { form, phone: ALICE, name: "Alice's <Cakes>" });
	assert.match(approved.text, /Alice&#39;s &#60;Cakes&#62;/);
	assert.match(
		(await browser.post("/operator/view/businesses", { form, phone: "+15550100009", name: "x" })).text,
		/Not approved/,
	);
	for (const path of paths) {
		const { status, text } = await browser.get(`/operator${path}`);
		assert.equal(status, 200, path);
		if (path !== "/view/businesses") assert.ok(!text.includes(alice.account), "counts only");
	}
});
