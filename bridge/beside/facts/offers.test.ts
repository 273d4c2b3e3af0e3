/** A policy that promises to share what the host does not offer is refused: in the file at the start, and when published. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CATALOGUE, type PolicyFile, type ResidualPurpose } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { parsePolicy } from "../../policy/policy.ts";
import { startBeside } from "../index.ts";
import { lintOffers, offersOf } from "./offers.ts";
import type { FactsAt } from "./open-facts.ts";

const SHIPPED = new URL("../../../policies/beside-a-host.json", import.meta.url);
const phone = { view: "v", id: "id", fields: { phone_number: "mobile" } };
const SQL = {
	kind: "sql",
	database: { kind: "sqlite", path: "shop.sqlite" },
	people: { view: "p", id: "id" },
	purposes: { friend_suggestions: phone, relevant_ads: phone },
} as const satisfies FactsAt;

/** The shipped policy, and these purposes beside its own. */
async function policyWith(...purposes: readonly ResidualPurpose[]): Promise<string> {
	const file = JSON.parse(await readFile(SHIPPED, "utf8"));
	const words = { title: "Without a yes", body: "Without your yes." };
	for (const id of purposes) {
		const basis = id === "infringement" ? "legal_duty" : "legitimate_interest";
		const row = { id, basis, retentionDays: 180, initial: "off", objection: true, recipients: ["family", "photos"] };
		file.purposes.push({ ...row, fields: CATALOGUE[id].fields });
		for (const locale of ["en", "de"]) {
			file.locales[locale].purposes[id] = words;
			file.locales[locale].documents[1].body += "\n\nWithout a yes.";
		}
	}
	return JSON.stringify(file satisfies PolicyFile);
}

async function findings(facts: FactsAt, numberKeys: readonly string[], ...purposes: readonly ResidualPurpose[]) {
	const policy = parsePolicy(await policyWith(...purposes));
	return lintOffers(policy, offersOf(facts, numberKeys)).map(({ code, path }) => `${code} ${path}`);
}

const withView = (purpose: ResidualPurpose, fields: object) =>
	({ ...SQL, purposes: { ...SQL.purposes, [purpose]: { view: "v", id: "id", fields } } }) as FactsAt;

test("what a host has views for can be promised, and nothing else", async () => {
	assert.deepEqual(await findings(SQL, []), [], "the shipped one; a link is the browser's own word");
	assert.deepEqual(await findings({ ...SQL, purposes: { friend_suggestions: phone } }, []), [
		"PURPOSE_NOT_OFFERED purposes.1.id",
	]);
	assert.deepEqual(await findings(SQL, [], "usage_metrics"), ["PURPOSE_NOT_OFFERED purposes.3.id"]);
	const use = { last_used_day: "day", usage_class: "often" };
	assert.deepEqual(await findings(withView("usage_metrics", use), [], "usage_metrics"), []);
	assert.deepEqual(await findings(withView("usage_metrics", { usage_class: "often" }), [], "usage_metrics"), [
		"FIELD_NOT_OFFERED purposes.3.fields.0",
	]);
	assert.deepEqual(
		await findings(withView("usage_metrics", use), ["family", "photos"], "infrastructure"),
		["PURPOSE_NOT_OFFERED purposes.3.id"],
		"how well its messages are delivered no host has to say",
	);
	const fields = { os: "o", app_version: "v", outcome: "how", times: "often" };
	assert.deepEqual(await findings({ ...SQL, deliveries: { view: "v", day: "day", fields } }, [], "infrastructure"), []);
});

test("a name that follows from the number needs the number, and a key that is agreed on with each who gets it", async () => {
	const action = { label: "mark", score_class: "grade" };
	const both = ["family", "photos"];
	assert.deepEqual(await findings(withView("spam_and_abuse", action), both, "spam_and_abuse"), [
		"FIELD_NOT_OFFERED purposes.3",
	]);
	const whole = withView("spam_and_abuse", { ...action, phone_number: "mobile" });
	assert.deepEqual(await findings(whole, ["family"], "spam_and_abuse"), [
		"RECIPIENT_WITHOUT_KEY purposes.3.recipients.1",
	]);
	assert.deepEqual(await findings(whole, both, "spam_and_abuse"), []);
});

test("over HTTP a host answers what its config names", async () => {
	const http = { kind: "http", url: "http://shop.example", token: "x", fields: { phone_number: "m" } } as const;
	assert.deepEqual(await findings(http, []), []);
	const more = { ...http, fields: { ...http.fields, usage_class: "u", last_used_day: "d" } };
	assert.deepEqual(await findings(more, [], "usage_metrics"), ["PURPOSE_NOT_OFFERED purposes.3.id"]);
	const purposes = ["friend_suggestions", "relevant_ads", "usage_metrics"] as const;
	assert.deepEqual(await findings({ ...more, purposes }, [], "usage_metrics"), []);
	assert.deepEqual(await findings(http, [], "infrastructure"), ["PURPOSE_NOT_OFFERED purposes.3.id"]);
	assert.deepEqual(await findings({ ...http, deliveries: true }, [], "infrastructure"), []);
});

test("the service does not start with such a policy, and says why", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-offers-"));
	const policy = join(directory, "policy.json");
	await writeFile(policy, await policyWith("usage_metrics"));
	const facts = { kind: "http", url: "http://shop.example", token: "x", fields: { phone_number: "m" } } as const;
	const started = startBeside({
		...{ clock: new ManualClock(), directory, policy, facts, title: "Corner Shop", log: () => {} },
		tokens: { audience: "https://consent.shop.example", key: { alg: "HS256", secret: "s".repeat(32) } },
		...{ eventsSecret: "e", operatorToken: "o", door: { url: "http://127.0.0.1:1", token: "d" } },
		sharing: { logs: [], witnesses: [], quorum: 0, recipients: [] },
	}).then((running) => running[Symbol.asyncDispose]());
	await assert.rejects(started, (error: Error) => {
		assert.equal(error.name, "PolicyError");
		assert.match(error.message, /purposes\.3\.id: PURPOSE_NOT_OFFERED, the host offers no facts for usage_metrics/);
		return true;
	});
	await rm(directory, { recursive: true });
});
