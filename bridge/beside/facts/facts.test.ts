/** Both kinds of adapters against the same stories, and what only one of them has. */
import assert from "node:assert/strict";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { openRecords } from "@troth/storage";
import Fastify from "fastify";
import { sql } from "kysely";
import pg from "pg";
import { ALICE, BOB, COUNTED, testAdapter } from "./_conformance.ts";
import { findPostgres, startPostgres, type TestPostgres } from "./_postgres.ts";
import { HttpFacts } from "./http-facts.ts";
import { type FactsConfigErrorCode, SqlFacts, type SqlFactsAt } from "./sql-facts.ts";

const PAUSE_MS = 3_000;
const TOKEN = "host to bridge";

const LAYOUT = {
	people: { view: "troth_people", id: "id" },
	purposes: {
		friend_suggestions: { view: "troth_friend_suggestions", id: "id", fields: { phone_number: "phone" } },
		relevant_ads: { view: "troth_relevant_ads", id: "id", fields: { phone_number: "phone" } },
	},
	deliveries: {
		...{ view: "troth_infrastructure", day: "day" },
		fields: { os: "system", app_version: "version", outcome: "how", times: "often" },
	},
} as const satisfies Omit<SqlFactsAt, "database">;

const counted = COUNTED.map(
	(row) => `('2026-11-22', ${row.map((one) => `'${one.replaceAll("'", "''")}'`).join(", ")})`,
);

const SCHEMA = `
	create table customer (id integer primary key, phone text, diary text);
	insert into customer values (17, '+1 555 010 0001', 'alice loves bob'), (18, null, 'bob does not know');
	create table sent (day text, system text, version text, how text, often integer);
	insert into sent values ${counted.join(", ")};
	create view troth_infrastructure as select * from sent;
	create view troth_people as select id from customer;
	create view troth_friend_suggestions as select id, phone from customer;
	create view troth_relevant_ads as select id, phone from customer;
`;

// ---- HTTP

testAdapter("http", async () => {
	const phones = new Map<string, string | null>([
		[ALICE, "+1 555 010 0001"],
		[BOB, null],
	]);
	const start = async (port: number) => {
		const app = Fastify({ logger: false });
		app.addHook("onRequest", async (request, reply) => {
			if (request.headers.authorization !== `Bearer ${TOKEN}`) return reply.code(401).send();
		});
		app.get<{ Params: { id: string } }>("/internal/people/:id", async ({ params }, reply) => {
			if (!phones.has(params.id)) return reply.code(404).send({ error: "nobody" });
			return { phone: phones.get(params.id), diary: "not for you" };
		});
		app.get<{ Querystring: { day: string } }>("/internal/deliveries", async ({ query }, reply) => {
			if (query.day !== "2026-11-22") return reply.code(404).send();
			return { cells: COUNTED.map(([os, app_version, outcome, times]) => ({ os, app_version, outcome, times })) };
		});
		await app.listen({ host: "127.0.0.1", port });
		return app;
	};
	let app = await start(0);
	const { port } = app.server.address() as { port: number };
	const clock = new ManualClock();
	const url = `http://127.0.0.1:${port}/internal`;
	const facts = new HttpFacts(clock, {
		kind: "http",
		url,
		token: TOKEN,
		fields: { phone_number: "phone" },
		deliveries: true,
	});
	return {
		facts,
		setPhone: async (id, phone) => void phones.set(id, phone),
		remove: async (id) => void phones.delete(id),
		goAway: async () => {
			app.server.closeAllConnections();
			await app.close();
		},
		comeBack: async () => {
			app = await start(port);
		},
		wait: () => clock.advance(PAUSE_MS),
		async [Symbol.asyncDispose]() {
			await facts[Symbol.asyncDispose]();
			app.server.closeAllConnections();
			await app.close();
		},
	};
});

test("what an HTTP host says beside 200 and 404 is no answer, and nobody's absence (http)", async () => {
	const app = Fastify({ logger: false });
	let answer: { code: number; body: string } = { code: 200, body: "" };
	let asked = 0;
	app.get("/people/:id", async (_request, reply) => {
		asked++;
		return reply.code(answer.code).type("application/json").send(answer.body);
	});
	await app.listen({ host: "127.0.0.1", port: 0 });
	const { port } = app.server.address() as { port: number };
	const clock = new ManualClock();
	const at = { kind: "http", url: `http://127.0.0.1:${port}`, token: "x", fields: { phone_number: "phone" } } as const;
	await using facts = new HttpFacts(clock, at);
	for (const [code, body, times] of [
		[401, "{}", 1],
		[403, "{}", 1],
		[410, "{}", 1],
		[302, "{}", 2],
		[500, "{}", 2],
		[200, "no json", 1],
		[200, "[]", 1],
		[200, `{"phone":"${"x".repeat(70_000)}"}`, 1],
	] as const) {
		answer = { code, body };
		asked = 0;
		await assert.rejects(facts.read("friend_suggestions", ALICE), { name: "FieldsUnavailable" }, `${code} ${body}`);
		assert.equal(asked, times, `${code}: tried again only where that may help`);
		clock.advance(PAUSE_MS);
	}
	await app.close();
});

test("a host that never answers is given up, and holds nobody up meanwhile (http)", async () => {
	let asked = 0;
	const app = Fastify({ logger: false });
	app.get("/people/:id", () => {
		asked++;
		return new Promise(() => {});
	});
	await app.listen({ host: "127.0.0.1", port: 0 });
	const { port } = app.server.address() as { port: number };
	const clock = new ManualClock();
	const at = { kind: "http", url: `http://127.0.0.1:${port}`, token: "x", fields: { phone_number: "phone" } } as const;
	await using facts = new HttpFacts(clock, { ...at, timeoutMs: 50, atOnce: 3 });
	const many = await Promise.allSettled(Array.from({ length: 40 }, () => facts.read("friend_suggestions", ALICE)));
	assert.ok(many.every(({ status }) => status === "rejected"));
	assert.ok(asked <= 6, `${asked} requests: three at once, each tried twice, and nobody after them`);
	app.server.closeAllConnections();
	await app.close();
});

// ---- SQLite

async function sqliteHost(schema = SCHEMA) {
	const directory = await mkdtemp(join(tmpdir(), "troth-facts-"));
	const path = join(directory, "host.sqlite");
	const open = () => openRecords<{ customer: { id: number; phone: string | null } }>({ kind: "sqlite", path });
	let db = await open();
	for (const statement of schema.split(";").filter((text) => text.trim() !== "")) await sql.raw(statement).execute(db);
	const clock = new ManualClock();
	const facts = SqlFacts.open(clock, { ...LAYOUT, database: { kind: "sqlite", path } });
	return {
		path,
		facts,
		setPhone: async (id: string, phone: string | null) => {
			await db.updateTable("customer").set({ phone }).where("id", "=", Number(id)).execute();
		},
		remove: async (id: string) => {
			await db.deleteFrom("customer").where("id", "=", Number(id)).execute();
		},
		async goAway() {
			await db.destroy();
			await rename(path, `${path}.away`);
			// As after a restart: an open file stays readable after it was renamed.
			await facts[Symbol.asyncDispose]();
		},
		async comeBack() {
			await rename(`${path}.away`, path);
			db = await open();
		},
		wait: () => clock.advance(PAUSE_MS),
		async [Symbol.asyncDispose]() {
			await facts[Symbol.asyncDispose]();
			await db.destroy();
			await rm(directory, { recursive: true });
		},
	};
}

testAdapter("sqlite", () => sqliteHost());

const refuses = (facts: SqlFacts, code: FactsConfigErrorCode) =>
	assert.rejects(facts.verify(), { name: "FactsConfigError", code });

test("a view with more than its purpose's columns is refused at the start (sqlite)", async () => {
	await using host = await sqliteHost();
	await host.facts.verify();
	for (const [schema, code] of [
		[
			SCHEMA.replace(
				"select id, phone from customer;\n\tcreate view troth_rel",
				"select * from customer;\n\tcreate view troth_rel",
			),
			"VIEW_COLUMNS",
		],
		[SCHEMA.replace("as select id from customer", "as select id, diary from customer"), "VIEW_COLUMNS"],
		[
			SCHEMA.replace(
				"create view troth_relevant_ads as select id, phone",
				"create view troth_relevant_ads as select id, phone as number",
			),
			"VIEW_COLUMNS",
		],
		[SCHEMA.replace("create view troth_relevant_ads", "create view other"), "VIEW_UNREADABLE"],
	] as const) {
		await using other = await sqliteHost(schema);
		await refuses(other.facts, code);
	}
});

test("of what asks nobody there is a whole word or none, in words that a company knows (sqlite)", async () => {
	const columns = "id integer primary key, phone text, mark text, grade text, day text, often text";
	await using host = await sqliteHost(`
		create table customer (${columns});
		insert into customer values (17, '+1 555 010 0001', 'scam', 'high', '2026-11-20', 'daily');
		create view troth_people as select id from customer;
		create view marked as select id, phone, mark, grade from customer;
		create view used as select id, day, often from customer;
	`);
	const { path } = host;
	const spam = { phone_number: "phone", label: "mark", score_class: "grade" };
	await using facts = SqlFacts.open(new ManualClock(), {
		...{ database: { kind: "sqlite", path }, people: LAYOUT.people },
		purposes: {
			spam_and_abuse: { view: "marked", id: "id", fields: spam },
			usage_metrics: { view: "used", id: "id", fields: { last_used_day: "day", usage_class: "often" } },
		},
	});
	await facts.verify();
	const whole = { phone_number: "+15550100001", label: "scam", score_class: "high" };
	assert.deepEqual(await facts.read("spam_and_abuse", ALICE), whole);
	assert.deepEqual(await facts.read("usage_metrics", ALICE), { last_used_day: "2026-11-20", usage_class: "daily" });
	const db = await openRecords<{ customer: Record<string, string | null> }>({ kind: "sqlite", path });
	for (const [change, purpose] of [
		[{ mark: "phishing" }, "spam_and_abuse"],
		[{ mark: "she said no to dan" }, "spam_and_abuse"],
		[{ grade: null }, "spam_and_abuse"],
		[{ phone: "unknown" }, "spam_and_abuse"],
		[{ day: "2026-11-31" }, "usage_metrics"],
		[{ often: "at night" }, "usage_metrics"],
	] as const) {
		const good = { phone: "+15550100001", mark: "scam", grade: "high", day: "2026-11-20", often: "daily" };
		await db
			.updateTable("customer")
			.set({ ...good, ...change })
			.execute();
		const values = Object.values((await facts.read(purpose, ALICE)) ?? { none: "nobody" });
		assert.ok(
			values.every((value) => value === null),
			JSON.stringify(change),
		);
	}
	await db.destroy();
});

test("the names of views come from the config file and are names, nothing else (sqlite)", () => {
	for (const name of ['a"b', "a b", "a;b", "a.b.c", "", "1a", "a--"]) {
		const people = { view: name, id: "id" };
		assert.throws(
			() => SqlFacts.open(new ManualClock(), { ...LAYOUT, people, database: { kind: "sqlite", path: "x" } }),
			{
				code: "NAME_INVALID",
			},
		);
	}
});

// ---- PostgreSQL

const bin = findPostgres();
const skip = bin === undefined && "no PostgreSQL server on this machine (Debian: apt-get install postgresql)";
let server: TestPostgres | undefined;
let databases = 0;

before(async () => {
	if (bin === undefined) return;
	server = await startPostgres(bin);
	await server.run("create role troth_bridge login");
});

after(() => server?.[Symbol.asyncDispose]());

/** As `docs/bridge-profile.md` says. */
const GRANTS = `
	revoke all on schema public from public;
	alter view troth_people set (security_barrier);
	alter view troth_friend_suggestions set (security_barrier);
	alter view troth_relevant_ads set (security_barrier);
	grant usage on schema public to troth_bridge;
	grant select on troth_people, troth_friend_suggestions, troth_relevant_ads, troth_infrastructure to troth_bridge;
`;

async function postgresHost(more = "") {
	if (server === undefined) throw new TypeError("there is no server");
	const database = `host_${++databases}`;
	const { run, url } = server;
	await run(`create database ${database}`);
	await run(SCHEMA + GRANTS + more, database);
	const clock = new ManualClock();
	const facts = SqlFacts.open(clock, { ...LAYOUT, database: { kind: "postgres", url: url("troth_bridge", database) } });
	return {
		database,
		facts,
		setPhone: (id: string, phone: string | null) =>
			run(
				`update customer set phone = ${phone === null ? "null" : pg.escapeLiteral(phone)} where id = ${id}`,
				database,
			),
		remove: (id: string) => run(`delete from customer where id = ${id}`, database),
		goAway: async () => server?.stop(),
		comeBack: async () => server?.start(),
		wait: () => clock.advance(PAUSE_MS),
		[Symbol.asyncDispose]: () => facts[Symbol.asyncDispose](),
	};
}

testAdapter("postgres", () => postgresHost(), skip);

test("the documented role reads its views and nothing else, and writes nowhere (postgres)", { skip }, async () => {
	await using host = await postgresHost();
	await host.facts.verify();
	const role = new pg.Client({ connectionString: server?.url("troth_bridge", host.database) ?? "" });
	await role.connect();
	assert.equal((await role.query("select phone from troth_relevant_ads where id = 17")).rows.length, 1);
	for (const hostile of [
		"select * from customer",
		"select diary from customer",
		"select diary from troth_relevant_ads",
		"update troth_relevant_ads set phone = null",
		"delete from customer",
		"insert into troth_people values (99)",
		"create table mine (id integer)",
		"create view mine as select * from customer",
		"alter view troth_people rename to other",
		"copy customer to stdout",
		"select pg_read_file('/etc/passwd')",
		"set role owner",
	])
		await assert.rejects(role.query(hostile), `${hostile} was not refused`);
	await role.end();
});

test("a role that may read more is refused at the start (postgres)", { skip }, async () => {
	for (const more of [
		"grant select on customer to troth_bridge;",
		"grant select (diary) on customer to troth_bridge;",
		"grant update on customer to public;",
		"create table other (x text); grant select on other to troth_bridge;",
	]) {
		await using host = await postgresHost(more);
		await refuses(host.facts, "ROLE_TOO_WIDE");
	}
	await using wide = await postgresHost();
	if (server === undefined) return;
	const url = server.url("owner", wide.database);
	await using facts = SqlFacts.open(new ManualClock(), { ...LAYOUT, database: { kind: "postgres", url } });
	await refuses(facts, "ROLE_TOO_WIDE");
});

test("a view with a column too many is refused there as well (postgres)", { skip }, async () => {
	await using host = await postgresHost(
		"drop view troth_people; create view troth_people as select * from customer; grant select on troth_people to troth_bridge;",
	);
	await refuses(host.facts, "VIEW_COLUMNS");
	await using gone = await postgresHost("drop view troth_relevant_ads;");
	await refuses(gone.facts, "VIEW_UNREADABLE");
});
