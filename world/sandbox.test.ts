/** The sandbox's contract, from outside: every key of its line of JSON has one assertion here. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { startTroth } from "@troth/client/troth/_troth.ts";
import { missingFrom, runGuide } from "./_guide.ts";
import { answerHook, type Hook } from "./_hook.ts";
import { json, post, ROOT, Sandbox, until } from "./_sandbox.ts";
import type { BusinessFacts, FamilyFacts } from "./sandbox-facts.ts";

const DAY_MS = 24 * 3600_000;
const OPT_IN = join(ROOT, "policies", "opt-in.json");

let hook: Hook;
let sandbox: Sandbox;
let family: FamilyFacts;
let business: BusinessFacts;

before(async () => {
	hook = await answerHook();
	sandbox = await Sandbox.start("--people", "7", "--webhook", hook.url);
	const { facts } = sandbox;
	assert.ok(facts.family !== undefined && facts.business !== undefined);
	family = facts.family;
	business = facts.business;
	hook.verifyToken = business.verifyToken;
});

after(async () => {
	await sandbox?.stop();
	await hook?.[Symbol.asyncDispose]();
});

/** The Cloud API of the sample business. */
function send(message: object, token = business.accessToken) {
	const { url, graphVersion, phoneNumberId } = business;
	return post(`${url}/${graphVersion}/${phoneNumberId}/messages`, token, {
		messaging_product: "whatsapp",
		recipient_type: "individual",
		...message,
	});
}

function template(name: "utility" | "marketing" | "paused", to: string) {
	const { name: called, language, bodyVariables } = business.templates[name];
	const parameters = Array.from({ length: bodyVariables }, (_, n) => ({ type: "text", text: `value ${n + 1}` }));
	const components = bodyVariables === 0 ? [] : [{ type: "body", parameters }];
	return { to, type: "template", template: { name: called, language: { code: language }, components } };
}

/** The code of the Cloud API's error envelope. */
function errorCode(body: Record<string, unknown>): number | undefined {
	return (body["error"] as { code?: number } | undefined)?.code;
}

test("exactly one line of JSON, and the messenger answers at its address", async () => {
	const { messenger } = sandbox.facts;
	assert.equal(sandbox.lines.length, 1);
	assert.equal((await fetch(messenger.url)).status, 200);
	assert.ok(existsSync(join(messenger.dataDir, "logs.sqlite")));
	assert.equal(messenger.nodes[0]?.url, messenger.url);
});

test("the operator's token opens the operator API, and no other does: version 1 in force, version 2 ready", async () => {
	const { url, operatorToken } = sandbox.facts.messenger;
	const terms = (token: string) => json(`${url}/operator/terms`, { headers: { authorization: `Bearer ${token}` } });
	assert.equal((await terms("wrong")).status, 401);
	const { status, body } = await terms(operatorToken);
	assert.equal(status, 200);
	assert.equal((body["current"] as { version: number }).version, 1);
	assert.equal((body["next"] as { version: number }).version, 2);
});

test("the people are there, and one writes to another with the command", async () => {
	assert.equal(sandbox.facts.people.length, 7);
	const bob = sandbox.person("Bob");
	assert.match(bob.phone, /^\+1555010\d{4}$/);
	const alice = ["--profile", sandbox.person("Alice").profile, "--json"];
	// In a process of its own, as outside programs do it.
	const { lines, stderr } = await startTroth(["send", "--to", bob.phone, "hello from the sandbox", ...alice]).done;
	const [sent] = lines;
	assert.deepEqual(Object.keys(sent ?? {}), ["id", "conversation", "seq", "time"], stderr);
	const heard = await sandbox.troth("Bob", "listen", "--count", "3", "--timeout", "3");
	const message = heard.find(({ type }) => type === "message");
	assert.deepEqual([message?.["text"], message?.["id"]], ["hello from the sandbox", sent?.["id"]]);
});

test("the last code sent to a number can be asked for, and no other", async () => {
	const phone = "+15550109999";
	const { sms, messenger } = sandbox.facts;
	assert.equal((await json(`${sms.url}?phone=${phone}`)).status, 404);
	await post(`${messenger.url}/troth.v1.RegistrationService/RequestCode`, undefined, { phone });
	const { body } = await until("the code", async () => {
		const answer = await json(`${sms.url}?phone=${phone}`);
		return answer.status === 200 ? answer : undefined;
	});
	assert.match(String(body["code"]), /^\d{6}$/);
	assert.equal((await json(`${sms.url}?phone=${encodeURIComponent(phone)}`)).body["code"], body["code"]);
});

test("the parent has its own site, and the logins work there", async () => {
	const page = await fetch(family.url, { headers: { accept: "text/html" } });
	assert.equal(page.status, 200);
	assert.match(await page.text(), /Family/);
	for (const { name, email, password, phoneVerified } of family.logins) {
		const { status, body } = await post(`${family.url}/api/log-in`, undefined, { email, password });
		assert.equal(status, 200, name);
		const me = await json(`${family.url}/api/phone`, { headers: { authorization: `Bearer ${body["token"]}` } });
		assert.equal(me.body["phone"] !== null, phoneVerified, name);
	}
	assert.equal(family.logins.find(({ name }) => name === "Carla")?.phoneVerified, false);
});

test("the advertiser's token reads its account at the graph, with the proof its secret makes", async () => {
	const read = (token: string) =>
		json(`${family.graphUrl}/v24.0/${family.adAccountId}?fields=name&access_token=${token}`);
	const { status, body } = await read(family.accessToken);
	assert.deepEqual([status, body["id"], body["name"]], [200, family.adAccountId, "Corner Shop"]);
	assert.equal((await read("wrong")).status >= 400, true);
	assert.match(family.appSecret, /^[0-9a-f]{32}$/);
	assert.equal(family.listFloor, 5);
});

test("the probe tells what the companies know about a number, and where from", async () => {
	const knows = async (name: string) =>
		(await json(`${family.probeUrl}?phone=${encodeURIComponent(sandbox.person(name).phone)}`)).body;
	assert.deepEqual(await knows("Carla"), { known: false, items: [] });
	const alice = (await knows("Alice"))["items"] as {
		recipient: string;
		field: string;
		source: string;
		value: string;
	}[];
	assert.ok(alice.length > 0);
	for (const item of alice)
		assert.deepEqual(
			[item.recipient, item.field, item.source, item.value],
			["family", "phone_number", "self", sandbox.person("Alice").phone],
		);
	const probe = await json(`${family.url}/operator/knows?phone=%2B15550100001`, {
		headers: { authorization: `Bearer ${family.operatorToken}` },
	});
	assert.equal(probe.status, 200, "the parent's operator can ask it, too");
	assert.equal((await json(`${family.url}/operator/knows?phone=%2B15550100001`)).status, 401);
});

test("the business is who its ids say", async () => {
	const { url, graphVersion, phoneNumberId, accessToken, wabaId } = business;
	const read = (path: string) =>
		json(`${url}/${graphVersion}/${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
	assert.equal((await read(phoneNumberId)).body["id"], phoneNumberId);
	const templates = (await read(`${wabaId}/message_templates`)).body["data"] as { name: string; status: string }[];
	const names = new Map(templates.map(({ name, status }) => [name, status]));
	assert.equal(names.get(business.templates.utility.name), "APPROVED");
	assert.equal(names.get(business.templates.marketing.name), "APPROVED");
	assert.equal(names.get(business.templates.paused.name), "PAUSED");
	assert.match(business.businessId, /^\d+$/);
	assert.match(business.appId, /^\d+$/);
	assert.equal(
		errorCode((await send({ to: business.users.open, type: "text", text: { body: "hi" } }, "wrong")).body),
		190,
	);
});

test("who wrote less than a day ago gets text; who never wrote gets a template, and no text", async () => {
	const text = (to: string) => send({ to, type: "text", text: { body: "We have rye bread." } });
	assert.equal((await text(business.users.open)).status, 200);
	assert.equal(errorCode((await text(business.users.closed)).body), 131047);
	assert.equal((await send(template("utility", business.users.closed))).status, 200);
});

test("who stopped marketing gets none of it, and order updates all the same", async () => {
	assert.equal(errorCode((await send(template("marketing", business.users.stopped))).body), 131050);
	assert.equal((await send(template("utility", business.users.stopped))).status, 200);
	assert.equal((await send(template("marketing", business.users.open))).status, 200);
});

test("a paused template is not sent", async () => {
	assert.equal(errorCode((await send(template("paused", business.users.open))).body), 132015);
});

test("who blocked the business gets nothing, and the business can not tell that from a number that nobody has", async () => {
	const failureOf = async (user: "blocked" | "none") => {
		const { status, body } = await send(template("utility", business.users[user]));
		assert.equal(status, 200, user);
		const [{ id } = { id: "" }] = body["messages"] as { id: string }[];
		const { errors } = await until(`the failure of the message to ${user}`, async () =>
			hook.statuses("failed").find((told) => told.id === id),
		);
		return errors?.map(({ code }) => code);
	};
	assert.deepEqual(await failureOf("none"), [131026]);
	assert.deepEqual(await failureOf("blocked"), [131026]);
});

test("the inbound message can be marked read, and came as a signed webhook", async () => {
	const { inboundWamid } = business;
	assert.deepEqual((await send({ status: "read", message_id: inboundWamid })).body, { success: true });
	const [inbound] = await until("the inbound message", async () => {
		const found = hook.messages().filter(({ id }) => id === inboundWamid);
		return found.length > 0 ? found : undefined;
	});
	assert.match(String(inbound?.text?.body), /rye bread/);
	assert.equal(business.webhookUrl, hook.url);
	assert.ok(hook.verified, "the handshake came first");
	assert.ok(hook.signedBy(business.appSecret), "every body is signed with the app secret");
});

test("the logs answer with checkpoints of their keys, and the witness knows them", async () => {
	const { transparency, messenger } = sandbox.facts;
	assert.ok(transparency !== undefined);
	for (const { name, url, vkey } of transparency.logs) {
		const checkpoint = await fetch(`${url}/checkpoint`);
		assert.equal(checkpoint.status, 200, name);
		assert.equal((await checkpoint.text()).split("\n")[0], vkey.split("+")[0], name);
	}
	const [witness] = transparency.witnesses;
	const answer = await fetch(`${witness?.url}/add-checkpoint`, { method: "POST", body: "old 0\n\nnobody\n0\n\n" });
	assert.ok([400, 404].includes(answer.status), "the witness refuses what is no checkpoint of a log it knows");
	assert.ok(messenger.url.length > 0);
});

test("the guide that follows one fact prints what it promises, command by command", async () => {
	const steps = await runGuide("following-one-fact.md", sandbox.facts);
	assert.ok(steps.length > 10);
	for (const step of steps) assert.deepEqual(missingFrom(step), [], `${step.commands}printed:\n${step.printed}`);
});

test("the clock moves every component, and only forward", async () => {
	const { clock, messenger } = sandbox.facts;
	const before = (await json(clock.url)).body["now"] as number;
	const moved = await json(clock.url, { method: "POST", body: JSON.stringify({ advanceMs: DAY_MS }) });
	assert.equal(moved.status, 200);
	assert.ok((moved.body["now"] as number) >= before + DAY_MS);
	const info = await post(`${messenger.url}/troth.v1.ServerService/GetServerInfo`, undefined, {});
	assert.ok(Number(info.body["serverTimeMs"]) >= before + DAY_MS, "the node's clock went along");
	assert.equal(
		errorCode((await send({ to: business.users.open, type: "text", text: { body: "still there?" } })).body),
		131047,
		"the business's clock went along: the window is closed",
	);
	for (const body of ['{"advanceMs":-1}', '{"advanceMs":"day"}', "{}", "no json"])
		assert.equal((await json(clock.url, { method: "POST", body })).status, 400, body);
	assert.equal((await json(new URL("/sandbox/nothing", clock.url).href)).status, 404);
});

test("a week later the parent knows how often its messenger is used, and nobody's number by it", async () => {
	const { messenger, clock } = sandbox.facts;
	const operate = (...args: string[]) =>
		startTroth(["operator", ...args, "--server", messenger.url, "--token", messenger.operatorToken]).done;
	await operate("terms", "publish", OPT_IN);
	await sandbox.troth("Alice", "accept", "2");
	await sandbox.troth("Alice", "listen", "--timeout", "1");
	const metrics = async () =>
		(await json(`${family.url}/operator/metrics`, { headers: { authorization: `Bearer ${family.operatorToken}` } }))
			.body as { usage: { troth: Record<"none" | "light" | "daily" | "heavy", number>[] }; delivery: unknown[] };
	const move = (advanceMs: number) => json(clock.url, { method: "POST", body: JSON.stringify({ advanceMs }) });
	const said = async () =>
		(await sandbox.troth("Alice", "shares")).filter(({ purpose }) => purpose === "usage_metrics");
	const counted = async () =>
		(await metrics()).usage.troth.reduce((sum, { none, light, daily, heavy }) => sum + none + light + daily + heavy, 0);
	// Carla accepted in the guide; with her objection nobody is counted.
	await sandbox.troth("Carla", "consent", "withdraw", "usage_metrics");
	await until("nobody is counted", async () => ((await counted()) === 0 ? true : undefined));
	// First it is noted that she was here, then days pass until it is her turn in the week.
	await move(60_000);
	let looks = 0;
	const shares = await until(
		"her own share",
		async () => {
			if (looks++ % 5 === 0) await move(DAY_MS);
			const own = await said();
			const there = own.length > 0 && own.every(({ state }) => state === "shared");
			return there && (await metrics()).delivery.length > 0 ? own : undefined;
		},
		90_000,
	);
	const page = await (await fetch(`${family.url}/how-often`)).text();
	assert.ok(!page.includes(sandbox.person("Alice").phone));
	assert.deepEqual(new Set(shares.map(({ field }) => field)), new Set(["last_used_day", "usage_class"]));
	assert.ok(shares.every(({ verified }) => verified === true));
	assert.ok((await counted()) > 0);
	await sandbox.troth("Alice", "consent", "withdraw", "usage_metrics");
	await until("the end of the count", async () => ((await counted()) === 0 ? true : undefined));
	await until("the acknowledgement", async () =>
		(await said()).every(({ state }) => state === "acknowledged") ? true : undefined,
	);
});

// How soon it is back, `npm run bench:start` measures.
test("a killed node comes back by itself, with its clock and everything it had", async () => {
	const { messenger, clock } = sandbox.facts;
	process.kill(messenger.nodes[0]?.pid ?? 0, "SIGKILL");
	await until("the node", async () => {
		const answer = await fetch(`${messenger.url}/healthz`).catch(() => undefined);
		return answer?.status === 200 ? true : undefined;
	});
	const info = await post(`${messenger.url}/troth.v1.ServerService/GetServerInfo`, undefined, {});
	assert.ok(Number(info.body["serverTimeMs"]) > ((await json(clock.url)).body["now"] as number) - DAY_MS / 2);
	const history = await sandbox.troth("Alice", "history", sandbox.person("Bob").phone);
	assert.match(JSON.stringify(history), /hello from the sandbox/);
});

test("it ends at SIGTERM and leaves nothing behind", async () => {
	assert.deepEqual(await sandbox.stop(), [0, null]);
	const { messenger } = sandbox.facts;
	assert.ok(!existsSync(dirname(messenger.dataDir)), "the directory is gone");
	for (const { url } of [messenger, family, business]) await assert.rejects(fetch(url), "the port is free");
});

test("it ends in order when its reader is gone, too", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-unread-"));
	const child = spawn(
		process.execPath,
		["launch.mjs", "world/sandbox.ts", "--json", "--profile", "messenger", "--people", "1"],
		{ cwd: ROOT, env: { ...process.env, TMPDIR: directory }, stdio: ["ignore", "pipe", "pipe"] },
	);
	try {
		child.stdout.destroy();
		child.stderr.resume();
		assert.deepEqual(await once(child, "exit"), [0, null]);
		assert.deepEqual(await readdir(directory), [], "nothing is left behind");
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
});
