/** The config file of the profile `bridge`: what the guide shows is read, what is wrong is named. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readBesideConfig } from "./config.ts";

let directory: string;
let guide: Record<string, unknown>;

before(async () => {
	directory = await mkdtemp(join(tmpdir(), "troth-config-"));
	const text = await readFile(new URL("../../docs/bridge-profile.md", import.meta.url), "utf8");
	guide = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "") as Record<string, unknown>;
	for (const name of ["shop-token", "shop-events", "operator", "database", "family"])
		await writeFile(join(directory, `${name}.secret`), `${name} `.repeat(8));
	await writeFile(join(directory, "empty.secret"), "\n");
});

after(() => rm(directory, { recursive: true, force: true }));

async function read(change: object = {}) {
	const path = join(directory, "bridge.json");
	await writeFile(path, JSON.stringify({ ...guide, ...change }));
	return readBesideConfig(path, async () => "between the two");
}

test("the guide's file is read: paths beside it, secrets from their files, one token between the processes", async () => {
	const { beside, door, keys, embedIn } = await read();
	assert.equal(beside.policy, join(directory, "policy.json"));
	assert.equal(beside.directory, join(directory, "troth-data/beside"));
	assert.deepEqual(beside.tokens, {
		audience: "https://consent.shop.example",
		key: { alg: "HS256", secret: "shop-token ".repeat(8).trim() },
	});
	assert.deepEqual(beside.door, { url: "http://127.0.0.1:7081", token: "between the two" });
	assert.equal(door.token, "between the two");
	assert.deepEqual(door.facts, beside.facts);
	assert.ok(beside.facts.kind === "sql" && beside.facts.database.kind === "postgres");
	assert.equal(beside.facts.database.url, "database ".repeat(8).trim());
	assert.equal(door.recipients[0]?.token, "family ".repeat(8).trim());
	assert.deepEqual(embedIn, ["https://www.shop.example"]);
	assert.match(keys.shareLog, /^shop\.example\/shares\+/);
	assert.equal((await read()).keys.policyKey, keys.policyKey, "the keys stay");
});

test("facts over HTTP, a SQLite file and a public key are read, too", async () => {
	const http = {
		kind: "http",
		url: "http://shop.internal/facts",
		tokenFile: "family.secret",
		fields: { phone_number: "m" },
	};
	const { beside } = await read({ facts: http, hostKey: { alg: "EdDSA", publicKeyFile: "operator.secret" } });
	assert.ok(beside.facts.kind === "http" && beside.facts.token.startsWith("family"));
	assert.equal(beside.tokens.key.alg, "EdDSA");
	const sql = { ...(guide["facts"] as object), database: { kind: "sqlite", path: "shop.sqlite" } };
	const { door } = await read({ facts: sql });
	assert.ok(door.facts.kind === "sql" && door.facts.database.kind === "sqlite");
	assert.equal(door.facts.database.path, join(directory, "shop.sqlite"));
});

test("views of what needs no yes, and the key that numbers are named with, are read", async () => {
	await writeFile(join(directory, "pair.secret"), `${Buffer.alloc(32, 7).toString("base64")}\n`);
	const facts = guide["facts"] as { purposes: object };
	const use = { view: "troth_use", id: "id", fields: { last_used_day: "day", usage_class: "often" } };
	const spam = {
		view: "troth_spam",
		id: "id",
		fields: { phone_number: "mobile", label: "mark", score_class: "grade" },
	};
	const purposes = { ...facts.purposes, usage_metrics: use, spam_and_abuse: spam };
	const columns = { os: "os", app_version: "version", outcome: "outcome", times: "times" };
	const infrastructure = { view: "troth_deliveries", day: "day", fields: columns };
	const [recipient] = guide["recipients"] as readonly object[];
	const recipients = [{ ...recipient, numberKeyFile: "pair.secret" }];
	const { beside, door } = await read({ facts: { ...facts, purposes: { ...purposes, infrastructure } }, recipients });
	assert.ok(beside.facts.kind === "sql");
	assert.deepEqual([beside.facts.purposes, beside.facts.deliveries], [purposes, infrastructure]);
	const http = {
		kind: "http",
		url: "http://shop.internal/facts",
		tokenFile: "family.secret",
		fields: { phone_number: "m" },
	};
	const asked = (await read({ facts: { ...http, purposes: ["relevant_ads", "infrastructure"] } })).beside.facts;
	assert.ok(asked.kind === "http" && asked.deliveries === true);
	assert.deepEqual(asked.purposes, ["relevant_ads"]);
	assert.deepEqual(beside.numberKeys, ["family"]);
	assert.deepEqual(door.recipients[0]?.abusePseudonymKey, new Uint8Array(32).fill(7));
	assert.deepEqual((await read()).beside.numberKeys, []);
	const wide = { ...use, fields: { ...use.fields, phone_number: "mobile" } };
	await assert.rejects(read({ facts: { ...facts, purposes: { usage_metrics: wide } } }), /usage_metrics/);
	const short = [{ ...recipient, numberKeyFile: "operator.secret" }];
	await assert.rejects(read({ recipients: short }), /operator\.secret is not 32 bytes/);
});

test("what is wrong is named by its place, and no secret stands in the message", async () => {
	for (const [change, where] of [
		[{ title: "" }, /title/],
		[{ origin: "https://consent.shop.example/path" }, /origin/],
		[{ origin: "ftp://shop.example" }, /origin/],
		[{ port: 70_000 }, /port/],
		[{ recipients: [] }, /recipients/],
		[{ quorum: 1 }, /quorum/],
		[{ surprise: true }, /surprise/],
		[{ operatorTokenFile: "empty.secret" }, /empty\.secret is empty/],
		[{ eventsSecretFile: "nothing.secret" }, /nothing\.secret can not be read/],
		[{ hostKey: { alg: "none" } }, /hostKey/],
		[{ facts: { kind: "ldap" } }, /facts/],
		[{ embedIn: ["*"] }, /embedIn/],
	] as const)
		await assert.rejects(read(change), (error: Error) => {
			assert.equal(error.name, "BesideConfigError");
			assert.match(error.message, where);
			return !/shop-token shop/.test(error.message);
		});
	await writeFile(join(directory, "broken.json"), "{");
	await assert.rejects(
		readBesideConfig(join(directory, "broken.json"), async () => ""),
		{ name: "BesideConfigError" },
	);
});
