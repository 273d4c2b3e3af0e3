/**
 * The bridge beside a shop that has its own customers: carla says yes in the page that the shop embeds, her number
 * arrives at the parent with a proof and does there what it is for; she takes it back, changes it, carries her secret to
 * another browser, loses them all, and leaves. The shop is away for a while, and nothing is lost.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ListSharesResponseSchema } from "@troth/protocol";
import { codeOf } from "../../client/beside/consent-secret.ts";
import type { EmbeddedPerson } from "../../client/beside/embedded-person.ts";
import type { KeyStore } from "../../client/beside/keys.ts";
import { readConnectAddress } from "../../client/consent/connect-address.ts";
import { type BesideWorld, hostToken, newBrowser, startBesideWorld } from "./_beside.ts";
import type { Member } from "./_parent.ts";
import { tracesBelow } from "./_traces.ts";

const CARLA = "customer/17";
const PHONE = "+15550100003";
const NEW_PHONE = "+15550100033";
const SETTINGS = { control: "buttons", initiallyOn: false, place: "settings" } as const;
const BOTH = [
	{ purpose: "friend_suggestions", granted: true },
	{ purpose: "relevant_ads", granted: true },
];

let world: BesideWorld;
let laptop: KeyStore;
let carla: EmbeddedPerson;
let alice: Member;

before(async () => {
	world = await startBesideWorld();
	world.shop.phones.set(CARLA, PHONE);
	laptop = newBrowser();
	// Both are at the parent as well; carla's address book has alice, and alice's has carla.
	alice = await world.family.signUp("Alice", "+15550100001");
	await alice.post("/address-book", { text: PHONE });
	await alice.post("/phone/choices", { friendSuggestions: true, relevantAds: true });
	const there = await world.family.signUp("Carla", PHONE);
	await there.post("/address-book", { text: "+15550100001" });
	await there.post("/phone/choices", { friendSuggestions: false, relevantAds: false });
});

after(() => world?.[Symbol.asyncDispose]());

const held = () => world.family.holds(PHONE);
const holds =
	(...items: readonly string[]) =>
	async () =>
		(await held()).join() === items.join();

test("carla reads the terms in her language, accepts them, and nothing is shared: it is another decision", async () => {
	carla = await world.visit(CARLA, laptop, { locale: "de-AT" });
	assert.equal(carla.title, "Corner Shop");
	const terms = await carla.terms(carla.locale ?? "en");
	assert.match(terms.summary[0] ?? "", /Corner Shop gehört/);
	assert.deepEqual(
		terms.purposes.map(({ title, initiallyOn, fields }) => [title, initiallyOn, fields.join()]),
		[
			["Freunde bei Family und Photos vorschlagen", false, "phone_number"],
			["Passendere Werbung bei Family", false, "phone_number,device_type,os"],
			["Dein Konto bei Family verbinden", false, "link_assertion,device_type,os,app_version"],
		],
	);
	await assert.rejects(carla.decide("de", BOTH, SETTINGS), { code: "TERMS_NOT_ACCEPTED" });
	await carla.accept("de");
	assert.equal((await carla.sharing()).acceptedVersion, 1);
	assert.deepEqual(await held(), []);
	assert.deepEqual(world.shop.asked, [], "and nobody asked the shop for anything");
});

test("she says yes: the number is read now, arrives with a proof, and the suggestion appears", async () => {
	const sharing = await carla.decide("de", BOTH, SETTINGS);
	const state = (purpose: string) => sharing.choices.find((choice) => choice.purpose === purpose)?.state;
	assert.deepEqual(
		BOTH.map(({ purpose }) => state(purpose)),
		["granted", "granted"],
	);
	assert.equal(state("account_linking"), "unset", "that is an act of its own");
	await world.until("both at the parent", holds("friend_suggestions phone_number", "relevant_ads phone_number"));
	assert.ok(world.shop.asked.includes("GET friend_suggestions") && world.shop.asked.includes("GET relevant_ads"));
	const { suggestions } = (await alice.get("/suggestions")) as { suggestions: readonly { name: string }[] };
	assert.deepEqual(
		suggestions.map(({ name }) => name),
		["Carla"],
	);
	const { shares, holes } = await carla.shares("de");
	assert.deepEqual(holes, []);
	assert.deepEqual(shares.map(({ purpose, recipient, state }) => [purpose, recipient, state]).sort(), [
		["friend_suggestions", "family", "shared"],
		["friend_suggestions", "photos", "dropped"],
		["relevant_ads", "family", "shared"],
	]);
	for (const share of shares) {
		assert.deepEqual(share.alarms, [], "her browser verified proof, policy, grant and receipt");
		assert.ok(share.proof.verified && share.proof.witnesses.includes("witness.example"));
		assert.match(share.words?.title ?? "", /Family/);
	}
});

test("her browser asks the public logs: whether everybody is shown these words, and whether an entry was kept from her", async () => {
	const { man } = world;
	const policyLog = async () => (await carla.terms("en")).policyLog;
	assert.deepEqual(await policyLog(), {
		kind: "logged",
		log: "shop.example/policy",
		index: 0,
		witnesses: ["witness.example"],
	});
	await world.until("the index to have her shares", async () => {
		const { end } = await carla.shares("en");
		return end.kind === "complete" && end.size >= 16;
	});
	const all = await carla.shares("en");
	assert.deepEqual(all.end.kind === "complete" && all.end.witnesses, ["witness.example"]);
	man.lie("ListShares", ListSharesResponseSchema, (answer) => {
		answer.shares = answer.shares.filter(({ n }) => n < all.shares.length);
	});
	const { holes, end } = await carla.shares("en").finally(() => man.answers.clear());
	assert.deepEqual([holes, end.kind === "hidden" && end.n], [[], all.shares.length]);
	// The entry of the only version, changed for this browser alone.
	man.answers.set("1", (bytes) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
	assert.deepEqual(await policyLog(), { kind: "contradicted", reason: "NOT_INCLUDED" });
	const stranger = await world.visit("customer/4");
	await assert.rejects(stranger.accept("en"), { code: "POLICY_LOG_CONTRADICTS" });
	man.answers.clear();
	await stranger.accept("en");
});

test("the number is nowhere but with the shop and, as tags, with the parent", async () => {
	for (const part of ["beside", "door", "photos", "family"])
		assert.deepEqual(tracesBelow(join(world.directory, part), [PHONE, PHONE.slice(1)]), [], part);
	assert.deepEqual(
		world.log.filter((line) => line.includes(PHONE.slice(1)) || line.includes(CARLA)),
		[],
	);
});

test("one touch takes it back, from a browser that could not allow anything: deleted there, and acknowledged", async () => {
	const phone = await world.visit(CARLA, newBrowser());
	assert.equal(phone.canAllow, false, "another browser has the secret");
	assert.equal(phone.secret, undefined);
	await phone.decide("en", [{ purpose: "relevant_ads", granted: false }], SETTINGS);
	await world.until("the ads' share to be gone", holds("friend_suggestions phone_number"));
	await world.until("the acknowledgement", async () =>
		(await carla.shares("en")).shares.some(
			({ purpose, state }) => purpose === "relevant_ads" && state === "acknowledged",
		),
	);
	await assert.rejects(phone.decide("en", [{ purpose: "relevant_ads", granted: true }], SETTINGS), {
		code: "FORBIDDEN",
	});
});

test("she carries her secret over, and the second browser's yes is believed by who pinned the first one's", async () => {
	const tablet = await world.visit(CARLA, newBrowser());
	const code = codeOf(carla.secret ?? "");
	assert.match(code, /^([0-9A-Z]{5}-){5}[0-9A-Z]{5}$/);
	for (const wrong of ["", "hello", code.slice(0, -1), `${code.slice(0, -1)}${code.endsWith("A") ? "B" : "A"}`])
		assert.equal(await tablet.carryOver(wrong), false, wrong);
	assert.equal(await tablet.carryOver(` ${code.toLowerCase().replaceAll("-", " ")}`), true);
	assert.equal(tablet.canAllow, true);
	await tablet.decide("en", [{ purpose: "relevant_ads", granted: true }], SETTINGS);
	await world.until("the second yes", holds("friend_suggestions phone_number", "relevant_ads phone_number"));
});

test("the shop is away: yes and no are recorded all the same, taking back is not held up, and nothing is lost", async () => {
	await world.shop.close();
	await carla.decide("en", [{ purpose: "relevant_ads", granted: false }], SETTINGS);
	await world.until("the recall in spite of it", holds("friend_suggestions phone_number"));
	await carla.decide("en", [{ purpose: "relevant_ads", granted: true }], SETTINGS);
	for (let seconds = 0; seconds < 20; seconds++) {
		world.clock.advance(1_000);
		await world.door.tick();
	}
	assert.deepEqual(await held(), ["friend_suggestions phone_number"]);
	await world.beside.sweep();
	assert.ok(world.log.some((line) => line.includes("host-unavailable")));
	await world.restart();
	await world.shop.open();
	await world.until("what waited", holds("friend_suggestions phone_number", "relevant_ads phone_number"));
	assert.ok((await carla.shares("en")).shares.every(({ alarms }) => alarms.length === 0));
});

test("her number changes at the shop: told or swept, the new one replaces the old", async () => {
	world.shop.phones.set(CARLA, NEW_PHONE);
	assert.equal(await world.tell("changed", CARLA), 200);
	await world.until("the old one to go", holds());
	assert.deepEqual(await world.family.holds(NEW_PHONE), [], "nobody there verified the new one yet");
	await world.beside.sweep();
	const before = (await carla.shares("en")).shares.length;
	await world.beside.sweep();
	for (let seconds = 0; seconds < 3; seconds++) await world.door.tick();
	assert.equal((await carla.shares("en")).shares.length, before, "a sweep that finds nothing new shares nothing");

	world.shop.phones.set(CARLA, PHONE);
	await world.beside.sweep();
	await world.until("the old one again", holds("friend_suggestions phone_number", "relevant_ads phone_number"));
});

test("all browsers are lost: she begins anew, everything is taken back, and her next yes counts", async () => {
	const found = await world.visit(CARLA, newBrowser());
	assert.equal(found.canAllow, false);
	await found.beginAnew();
	assert.equal(found.canAllow, true);
	await world.until("everything to be taken back", holds());
	assert.equal((await found.sharing()).acceptedVersion, 0, "she is somebody new here");
	await found.accept("en");
	await found.decide("en", BOTH, SETTINGS);
	await world.until("her yes", holds("friend_suggestions phone_number", "relevant_ads phone_number"));
	const { shares } = await found.shares("en");
	assert.deepEqual(
		shares.map(({ n }) => n),
		[1, 2, 3],
		"with a chain of her own",
	);
	const again = await world.visit(CARLA, laptop);
	assert.equal(again.canAllow, false, "the old laptop's secret is over");
	carla = found;
});

test("nobody else ends her account, and a broken view ends nobody's", async () => {
	assert.equal(await world.tell("deleted", CARLA, { secret: "mallory's" }), 401);
	assert.equal(await world.tell("deleted", CARLA, { lateMs: 6 * 60_000 }), 401);
	assert.equal(await world.tell("erased", CARLA), 400);
	assert.equal(await world.tell("deleted", "nobody"), 200, "who was never here has nothing here");
	for (let n = 0; n < 12; n++) await world.visit(`visitor/${n}`);
	world.shop.phones.clear();
	await world.beside.sweep();
	assert.ok(world.log.some((line) => line.includes("sweep-implausible")));
	assert.equal((await held()).length, 2);
});

test("the shop deletes her: recalled, acknowledged, and no byte of her is left", async () => {
	assert.equal(await world.tell("deleted", CARLA), 200);
	await world.until("the recalls", holds());
	await world.until("the door to forget her", () => world.log.some((line) => line.includes("chain-forgotten")));
	for (const part of ["beside", "door"])
		assert.deepEqual(tracesBelow(join(world.directory, part), [CARLA, PHONE.slice(1)]), [], part);
});

test("frank comes from the parent, which has no number of his: what he allowed finds his account, and goes with the link", async () => {
	const [FRANK, FRANKS] = ["customer/7", "+15550100007"];
	world.shop.phones.set(FRANK, FRANKS);
	const there = await world.family.signUp("Frank");
	const linked = async () => (await there.get("/connect"))["linkedAtMs"] !== null;
	const franks = async () => (await world.family.holds(FRANKS)).join(", ");
	const frank = await world.visit(FRANK, newBrowser());
	await frank.accept("en");
	await frank.decide("en", BOTH, SETTINGS);
	await world.until("the parent to drop it", async () => {
		const { shares } = await frank.shares("en");
		return shares.length === 3 && shares.every(({ state }) => state === "dropped");
	});
	const { url, nonce } = await there.connect();
	const { recipients } = await frank.sharing();
	assert.equal(readConnectAddress(url, recipients)?.recipient.id, "family");
	assert.equal(readConnectAddress(url.replace("/connect/", "/elsewhere/"), recipients), undefined);
	const other = await world.visit(FRANK, newBrowser());
	await assert.rejects(other.link("en", nonce, "family"), { code: "FORBIDDEN" }, "it is not the browser that signs");
	await assert.rejects(frank.link("en", nonce, "photos"), { code: "PURPOSE_UNKNOWN" }, "the policy names one company");
	await frank.link("en", nonce, "family");
	const all = "friend_suggestions phone_number, relevant_ads device_type, relevant_ads os, relevant_ads phone_number";
	await world.until("all of it", async () => (await linked()) && (await franks()) === all);
	assert.ok((await frank.shares("en")).shares.every(({ alarms }) => alarms.length === 0));

	const mallory = await world.visit("customer/8", newBrowser());
	await mallory.accept("en");
	await mallory.link("en", nonce, "family");
	await world.until("the used nonce to be dropped", async () =>
		(await mallory.shares("en")).shares.some(({ state }) => state === "dropped"),
	);
	assert.ok(await linked(), "and it is still frank's");

	// Any browser ends it, and what only the link had found goes with it.
	await other.decide("en", [{ purpose: "account_linking", granted: false }], SETTINGS);
	await world.until("nothing to be left", async () => !(await linked()) && (await franks()) === "");
	const { choices } = await frank.sharing();
	assert.equal(choices.find(({ purpose }) => purpose === "account_linking")?.state, "withdrawn");
	assert.equal(await world.tell("deleted", FRANK), 200);
});

test("a version 2 has its 30 days from the notice on, and an old yes to other words is none", async () => {
	const policy = JSON.parse(await readFile(new URL("../../policies/beside-a-host.json", import.meta.url), "utf8"));
	world.shop.phones.set("customer/5", "+15550100005");
	const dan = await world.visit("customer/5");
	await dan.accept("en");
	for (const locale of ["en", "de"]) policy.locales[locale].purposes.relevant_ads.body += " Family may keep count.";
	assert.equal(await world.operate({ ...policy, version: 2 }), 201);
	assert.equal((await dan.sharing()).pendingVersion, 2);
	const { deadlineMs = 0, serverTimeMs } = await dan.confirmNotice("en");
	assert.ok(Math.abs(deadlineMs - serverTimeMs - 30 * 24 * 3600_000) < 60_000);
	await assert.rejects(dan.decide("en", [{ purpose: "relevant_ads", granted: true }], SETTINGS), {
		code: "PURPOSE_UNKNOWN",
	});
	await dan.accept("en");
	await dan.decide("en", [{ purpose: "relevant_ads", granted: true }], SETTINGS);
	assert.equal(await world.operate({ ...policy, version: 2 }), 409);
	assert.equal(
		await world.operate({ ...policy, version: 3, purposes: [{ ...policy.purposes[0], initial: "on" }] }),
		422,
	);
});

test("only the shop says who somebody is, for five minutes and once", async () => {
	const open = (token: string) =>
		fetch(`${world.beside.url}/session`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ token, publicKey: "ab".repeat(32), root: "cd".repeat(16) }),
		}).then(({ status }) => status);
	const nowS = Math.floor(world.clock.now() / 1000);
	const good = hostToken(world.claims("customer/5"));
	assert.equal(await open(good), 200);
	assert.equal(await open(good), 401, "once");
	for (const [why, token] of [
		["another secret", hostToken(world.claims("customer/5"), { secret: "x".repeat(40) })],
		["no signature", `${good.split(".").slice(0, 2).join(".")}.`],
		["alg none", hostToken(world.claims("customer/5"), { header: { alg: "none" } })],
		["another algorithm", hostToken(world.claims("customer/5"), { header: { alg: "HS512" } })],
		["for somebody else", hostToken(world.claims("customer/5", { aud: "https://other.example" }))],
		["over", hostToken(world.claims("customer/5", { iat: nowS - 400, exp: nowS - 300 }))],
		["from the future", hostToken(world.claims("customer/5", { iat: nowS + 400, exp: nowS + 500 }))],
		["for too long", hostToken(world.claims("customer/5", { exp: nowS + 3600 }))],
		["for nobody", hostToken(world.claims("", {}))],
		["for a number", hostToken(world.claims("x", { sub: 5 }))],
		["no region", hostToken(world.claims("customer/5", { region: "Atlantis" }))],
		["no token", "hello"],
	] as const)
		assert.equal(await open(token), 401, why);
});

test("who the shop says is a minor gets no profiled ads", async () => {
	world.shop.phones.set("customer/6", "+15550100006");
	const eve = await world.visit("customer/6", newBrowser(), { region: "DE", minor: true });
	await eve.accept("en");
	await assert.rejects(eve.decide("en", [{ purpose: "relevant_ads", granted: true }], SETTINGS), {
		code: "PURPOSE_NOT_ALLOWED",
	});
	await eve.decide("en", [{ purpose: "friend_suggestions", granted: true }], SETTINGS);
});
