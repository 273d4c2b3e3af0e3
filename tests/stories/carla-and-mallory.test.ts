/**
 * The story that every demo tells, through the surfaces outside programs have: the operator publishes the new terms, a
 * company uploads its list, carla says yes and takes it back, mallory claims what is not his. In the end nothing of
 * carla is on the parent's disk, and nothing that anybody ever wrote.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { type JsonAnswer, json, post, Sandbox, until } from "@troth/world/_sandbox.ts";
import type { FamilyFacts } from "@troth/world/sandbox-facts.ts";
import { publishNext, runCampaign } from "./_campaign.ts";
import { tracesBelow } from "./_traces.ts";

/** Planted in what people write; none of it may cross. */
const MARKERS = {
	message: "zebra-lantern-4471",
	group: "velvet-anchor-9034",
} as const;

let sandbox: Sandbox;
let family: FamilyFacts;
let carla: Member;

before(async () => {
	sandbox = await Sandbox.start("--people", "7");
	assert.ok(sandbox.facts.family !== undefined);
	family = sandbox.facts.family;
	carla = await logIn("Carla");
});
after(() => sandbox?.stop());

interface Member {
	get(path: string): Promise<JsonAnswer>;
	post(path: string, body: unknown): Promise<JsonAnswer>;
}

function member(token: string): Member {
	return {
		get: (path) => json(`${family.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } }),
		post: (path, body) => post(`${family.url}/api${path}`, token, body),
	};
}

async function logIn(name: string): Promise<Member> {
	const login = family.logins.find((candidate) => candidate.name === name);
	const { body } = await post(`${family.url}/api/log-in`, undefined, login);
	return member(String(body["token"]));
}

const knows = async (name: string) =>
	(await json(`${family.probeUrl}?phone=${encodeURIComponent(sandbox.person(name).phone)}`)).body as {
		known: boolean;
		items: readonly { recipient: string; field: string; value: string; purpose: string; source: string }[];
	};

const namesSuggestedTo = async (who: Member) =>
	((await who.get("/suggestions")).body["suggestions"] as readonly { name: string }[]).map(({ name }) => name);

interface Ad {
	readonly advertiser: string;
	readonly why: string;
}

const adOf = async (who: Member) => (await who.get("/feed/ad")).body["ad"] as Ad | null | undefined;

/** What carla's device says about her shares; every proof is verified there. */
const shares = () => sandbox.troth("Carla", "shares");

test("under the old promise people write, and the parent knows nothing of it", async () => {
	await sandbox.troth("Carla", "send", "--to", sandbox.person("Alice").phone, `hello ${MARKERS.message}`);
	const dan = sandbox.person("Dan").phone;
	await sandbox.troth("Carla", "group", "create", MARKERS.group, sandbox.person("Bob").phone, dan);
	assert.deepEqual(await knows("Carla"), { known: false, items: [] });
	assert.deepEqual(await shares(), []);
});

test("a company uploads a list with carla's number: she sees no ad of it, and nobody is suggested to her", async () => {
	await runCampaign(
		family,
		sandbox.facts.people.map(({ phone }) => phone),
	);
	const alice = await logIn("Alice");
	assert.equal((await adOf(alice))?.advertiser, "Corner Shop", "it serves: alice verified her number at the parent");
	assert.ok(!(await adOf(carla)), "the parent does not know carla's number");
	assert.deepEqual(await namesSuggestedTo(carla), []);
});

test("the new terms are shown, accepted, and refused in every purpose: still nothing", async () => {
	assert.equal(await publishNext(sandbox.facts.messenger), 201);
	assert.equal(await publishNext(sandbox.facts.messenger), 409);
	const heard = await sandbox.troth("Carla", "listen", "--count", "20", "--timeout", "2");
	assert.ok(heard.some(({ type, version }) => type === "terms" && version === 2));
	const [pending] = await sandbox.troth("Carla", "terms");
	assert.equal(pending?.["phase"], "pending", "her device said that it was displayed, and the 30 days run");
	await sandbox.troth("Carla", "accept", "2", "--refuse", "all");
	assert.deepEqual(await knows("Carla"), { known: false, items: [] });
	assert.deepEqual(await shares(), []);
});

test("she says yes and links her account: the number arrives with a proof, the suggestion and the ad with reasons", async () => {
	await sandbox.troth("Carla", "consent", "grant", "friend_suggestions");
	await sandbox.troth("Carla", "consent", "grant", "relevant_ads");
	await until("the parent's answer that it knows nobody with this number", async () => {
		const states = (await shares()).map(({ state }) => state);
		return states.length === 3 && states.every((state) => state === "dropped") ? states : undefined;
	});
	assert.deepEqual(await knows("Carla"), { known: false, items: [] }, "no account there verified the number");

	const { body } = await carla.post("/connect", {});
	await sandbox.troth("Carla", "link-family", String(body["url"]));
	const { items } = await until("carla's number at the parent", async () => {
		const known = await knows("Carla");
		return known.items.some(({ purpose }) => purpose === "relevant_ads") ? known : undefined;
	});
	for (const item of items) assert.deepEqual([item.recipient, item.source], ["family", "share"]);
	assert.ok(items.some(({ field, purpose }) => field === "phone_number" && purpose === "friend_suggestions"));

	const linked = await until("the parent's receipt at her device", async () => {
		const all = await shares();
		return all.some(({ state }) => state === "shared") ? all : undefined;
	});
	for (const share of linked) {
		assert.equal(share["verified"], true, JSON.stringify(share));
		assert.deepEqual(share["alarms"], []);
	}
	assert.deepEqual(await namesSuggestedTo(carla), ["Alice"]);
	const ad = await adOf(carla);
	assert.equal(ad?.advertiser, "Corner Shop");
	const why = (await carla.get(new URL(ad?.why ?? family.url).pathname)).body;
	assert.equal((why["advertiser"] as { name: string }).name, "Corner Shop");
	assert.deepEqual([why["audienceSource"], why["matchedBy"], why["advertiserReceived"]], ["list", "phone", "nothing"]);
	const { body: clock } = await json(sandbox.facts.clock.url);
	assert.equal(why["listUploadedOn"], new Date(clock["now"] as number).toISOString().slice(0, 10));
});

test("mallory claims carla's number without verifying it, and never gets anything", async () => {
	const phone = sandbox.person("Carla").phone;
	const { body } = await post(`${family.url}/api/sign-up`, undefined, {
		name: "Mallory",
		email: "mallory@example.org",
		password: "mallory-means-no-good",
		birthYear: 1990,
	});
	const mallory = member(String(body["token"]));
	assert.equal((await mallory.post("/phone", { phone })).status, 200, "he may claim it");
	assert.equal((await mallory.post("/phone/verify", { code: "000000" })).status >= 400, true);
	await mallory.post("/address-book", { text: sandbox.person("Alice").phone });
	await mallory.post("/phone/choices", { friendSuggestions: true, relevantAds: true });
	assert.deepEqual(await namesSuggestedTo(mallory), []);
	assert.ok(!(await adOf(mallory)));
	assert.deepEqual((await mallory.get("/phone")).body["phone"], null);
	const me = JSON.stringify((await mallory.get("/about-me")).body);
	assert.ok(!me.includes(phone.slice(1)));
	assert.equal((await adOf(carla))?.advertiser, "Corner Shop", "and carla lost nothing by it");
});

test("she takes it back: gone within five seconds, acknowledged, and provable", async () => {
	await sandbox.troth("Carla", "consent", "withdraw", "relevant_ads");
	await sandbox.troth("Carla", "consent", "withdraw", "friend_suggestions");
	const withdrawnAt = performance.now();
	await until("the parent to forget", async () => ((await knows("Carla")).known ? undefined : true));
	const took = performance.now() - withdrawnAt;
	assert.ok(took < 5000, `it took ${Math.round(took)} ms`);
	assert.ok(!(await adOf(carla)));
	assert.deepEqual(await namesSuggestedTo(carla), []);
	assert.deepEqual(await namesSuggestedTo(await logIn("Alice")), []);
	await sandbox.troth("Carla", "link-family", family.url, "--undo");
	const states = await until("every recall to be acknowledged", async () => {
		const all = await shares();
		return all.every(({ state }) => state === "acknowledged") ? all : undefined;
	});
	for (const share of states) {
		assert.equal(share["verified"], true, JSON.stringify(share));
		assert.deepEqual(share["alarms"], []);
	}
	const { body } = await carla.get("/about-me");
	assert.ok(!JSON.stringify(body).includes('"share"'), "her own page there says the same");
});

test("then the parent's disk holds neither her number nor its hash, and nothing that anybody wrote", async () => {
	const root = dirname(sandbox.facts.messenger.dataDir);
	const digits = (name: string) => sandbox.person(name).phone.slice(1);
	const sha256 = (text: string) => createHash("sha256").update(text).digest();
	const chats = await sandbox.troth("Carla", "conversations");
	assert.ok(chats.length >= 2);
	const accounts = chats.flatMap(({ members }) =>
		(members as readonly { account: string }[]).map(({ account }) => account),
	);
	assert.ok(accounts.length >= 5);
	const inHexAndBytes = (ids: readonly string[]) => [...new Set(ids)].flatMap((id) => [id, Buffer.from(id, "hex")]);
	const talks = inHexAndBytes(chats.map(({ conversation }) => String(conversation)));
	const people = inHexAndBytes(accounts);
	const written = Object.values(MARKERS);
	for (const company of ["family", "photos"]) {
		assert.ok(existsSync(join(root, company, "records.sqlite")), company);
		const numbers = [digits("Carla"), sha256(digits("Carla")), sha256(sandbox.person("Carla").phone)];
		assert.deepEqual(tracesBelow(join(root, company), [...numbers, ...written, ...talks, ...people]), [], company);
		// Even a number that the parent verified itself lies there as a keyed tag only.
		assert.deepEqual(tracesBelow(join(root, company), [digits("Alice"), sha256(digits("Alice"))]), [], company);
	}
	// The door knows accounts, because the messenger asks it about them, and nothing of what they do with each other.
	assert.deepEqual(tracesBelow(join(root, "bridge"), [...written, ...talks]), [], "the door");
	assert.deepEqual(tracesBelow(join(root, "witness"), [...written, ...talks, ...people, digits("Carla")]), []);
	assert.notDeepEqual(tracesBelow(join(root, "messenger"), [digits("Carla")]), [], "the walk would have seen it");
});
