/** New terms, choices, and what was shared: with a real messenger, door, log, witness and recipients. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GetStandingResponseSchema, isRefusal, Refusal } from "@troth/protocol";
import type { ShareView, SharingView } from "../device/api.ts";
import { Middleman } from "./_lying.ts";
import { type Person, until } from "./_people.ts";
import { DAY, type SharingWorld, startSharingWorld } from "./_sharing.ts";

const ALICE = "+15550106001";
const SETTINGS = { control: "switch", initiallyOn: false, place: "settings" } as const;

let town: SharingWorld;
let alice: Person;

before(async () => {
	town = await startSharingWorld({ members: [ALICE] });
	alice = await town.world.person("Alice", { phone: ALICE });
});

after(async () => {
	await town[Symbol.asyncDispose]();
});

const choice = ({ choices }: SharingView, purpose: string) => choices.find((one) => one.purpose === purpose);

/** The door does its work until what this person sees is so. */
async function shares(person: Person, settled: (shares: readonly ShareView[]) => boolean) {
	return until("the shares settle", async () => {
		await town.door.tick();
		const view = await person.device.shares();
		return settled(view.shares) && view;
	});
}

test("under the old promise there is nothing to choose and nothing was shared", async () => {
	const { purposes, version, acceptedVersion } = await alice.device.terms();
	assert.deepEqual([version, acceptedVersion, purposes], [1, 1, []]);
	const standing = await alice.device.sharing();
	assert.deepEqual([standing.phase, standing.deadlineMs, standing.choices], ["active", undefined, []]);
	assert.deepEqual(
		standing.recipients.map(({ id }) => id),
		["family", "photos"],
	);
	const { shares: none, holes } = await alice.device.shares();
	assert.deepEqual([none, holes], [[], []]);
	await assert.rejects(alice.device.decide([{ purpose: "relevant_ads", granted: true }], SETTINGS), (error) =>
		isRefusal(error, "PURPOSE_UNKNOWN"),
	);
});

test("version 2 comes as a notice; the 30 days run from when it was displayed, not from when it came", async () => {
	await town.publish("opt-in");
	await until("the notice comes", () => alice.events.some(({ type }) => type === "terms"));
	assert.equal(await alice.device.notice(), 2);
	const told = await alice.device.sharing();
	assert.deepEqual([told.phase, told.pendingVersion, told.deadlineMs], ["active", 2, undefined]);
	town.clock.advance(3 * DAY);
	const shown = await alice.device.confirmNotice(2);
	assert.equal(shown.phase, "pending");
	const { noticeDisplayedAtMs = 0, deadlineMs = 0 } = shown;
	assert.equal(deadlineMs - noticeDisplayedAtMs, 30 * DAY);
	assert.ok(Math.abs(noticeDisplayedAtMs - town.clock.now()) < DAY / 24);
	assert.equal(await alice.device.notice(), undefined);
});

test("who does not answer is reminded after a day, once, and not any more when the version is accepted", async () => {
	assert.equal(await alice.device.reminder(), undefined);
	town.clock.advance(DAY);
	let looks = 0;
	await until("the reminder comes", () => {
		// The job looks each minute, and may have been in the middle of looking when the day passed.
		if (looks++ % 150 === 0) town.clock.advance(61_000);
		return alice.events.some((event) => event.type === "terms" && event.reminderDay === 1);
	});
	assert.deepEqual(await alice.device.reminder(), { version: 2, day: 1 });
	assert.equal(await alice.device.notice(), undefined, "it is no new notice");
	await alice.device.reminderShown(2);
	assert.equal(await alice.device.reminder(), undefined);
});

test("accepting is not consenting", async () => {
	await alice.device.acceptTerms(2);
	const standing = await alice.device.sharing();
	assert.deepEqual([standing.phase, standing.acceptedVersion, standing.deadlineMs], ["active", 2, undefined]);
	assert.equal((standing.promptUntilMs ?? 0) - (standing.acceptedAtMs ?? 0), 30 * DAY);
	assert.deepEqual(new Set(standing.choices.map(({ state }) => state)), new Set(["unset"]));
	await town.door.tick();
	const { shares: none, holes } = await alice.device.shares();
	assert.deepEqual([none, holes], [[], []]);
});

test("a yes reaches both recipients, and every entry verifies on the device", async () => {
	const standing = await alice.device.decide([{ purpose: "friend_suggestions", granted: true }], SETTINGS);
	assert.deepEqual(
		[choice(standing, "friend_suggestions")?.state, choice(standing, "friend_suggestions")?.generation],
		["granted", 1],
	);
	const { shares: all, holes } = await shares(
		alice,
		(list) => list.filter(({ state }) => state === "shared").length === 2,
	);
	assert.deepEqual(holes, []);
	assert.deepEqual(
		all.map(({ n, kind, recipient, fields, alarms, basis }) => ({ n, kind, recipient, fields, alarms, basis })),
		["family", "photos"].map((recipient, at) => ({
			n: at + 1,
			kind: "share",
			recipient,
			fields: ["phone_number"],
			alarms: [],
			basis: "consent",
		})),
	);
	const [first] = all;
	const [receipt] = await alice.device.receipts();
	assert.equal(first?.event, receipt?.event);
	assert.equal(first?.words?.version, 2);
	assert.ok(first?.proof.verified && first.proof.witnesses.includes("witness.example"));
	assert.ok(first?.receipt?.verified && first.receipt.log === "family.example/receipts");
	assert.equal(JSON.stringify(await alice.device.shares()).includes(ALICE), false, "the log never holds the number");
});

test("a link goes to the one recipient that asked, with what the device honestly is", async () => {
	await assert.rejects(alice.device.linkRecipient("zz", "family"), (error) => isRefusal(error, "MALFORMED"));
	await assert.rejects(alice.device.linkRecipient("00".repeat(16), "photos"), (error) =>
		isRefusal(error, "PURPOSE_UNKNOWN"),
	);
	await assert.rejects(alice.device.decide([{ purpose: "account_linking", granted: true }], SETTINGS), (error) =>
		isRefusal(error, "MALFORMED"),
	);
	const nonce = "ab".repeat(32);
	const standing = await alice.device.linkRecipient(nonce, "family");
	assert.equal(choice(standing, "account_linking")?.state, "granted");
	await until("the link arrives", async () => {
		await town.door.tick();
		return town.family.taken.some(({ purpose }) => purpose === "account_linking");
	});
	const values = town.family.taken.find(({ purpose }) => purpose === "account_linking")?.values;
	assert.deepEqual(values, {
		link_assertion: nonce,
		device_type: "computer",
		os: "Linux",
		app_version: "0.1.0",
	});
	assert.ok(town.photos.taken.every(({ purpose }) => purpose !== "account_linking"));
});

test("taking back is as easy, and what became of it is seen: recalled, then acknowledged", async () => {
	const standing = await alice.device.decide([{ purpose: "friend_suggestions", granted: false }], SETTINGS);
	assert.equal(choice(standing, "friend_suggestions")?.state, "withdrawn");
	const { shares: all } = await shares(
		alice,
		(list) =>
			list.filter(({ purpose, kind }) => purpose === "friend_suggestions" && kind === "share").length >= 2 &&
			list.every(({ purpose, state }) => purpose !== "friend_suggestions" || state === "acknowledged"),
	);
	assert.deepEqual(
		all.flatMap(({ alarms }) => alarms),
		[],
	);
	assert.ok(
		all.every(
			({ kind, purpose, recalledBy }) =>
				(kind === "share" && purpose === "friend_suggestions") === (recalledBy !== undefined),
		),
	);
	assert.equal([...town.photos.kept].length, 0);
});

test("each decision leaves a receipt that both sides signed, kept through a restart", async () => {
	await alice.close();
	await alice.comeBack();
	const receipts = await alice.device.receipts();
	assert.deepEqual(
		receipts.map(({ decisions }) => decisions.map(({ purpose, granted }) => `${purpose} ${granted}`).join()),
		["friend_suggestions true", "account_linking true", "friend_suggestions false"],
	);
	const [first] = receipts;
	const document = JSON.parse(first?.document ?? "") as Record<string, unknown>;
	assert.equal(document["@type"], "dpv:ConsentRecord");
	assert.equal(document["dct:identifier"], first?.event);
	assert.ok((first?.recordedAtMs ?? 0) > 0);
	assert.match(JSON.stringify(document["troth:receipt"]), /consent-receipt/);
});

test("two devices of different minds: the second one's yes is a conflict, its no always counts", async () => {
	const man = new Middleman();
	const carla = await town.world.person("Carla", { ports: man.between });
	const yes = [{ purpose: "relevant_ads", granted: true }];
	// The answer to the first yes gets lost: this device does not know that it was recorded.
	man.deaf.add("DecidePurposes");
	await assert.rejects(carla.device.decide(yes, SETTINGS), (error) => isRefusal(error, "UNAVAILABLE"));
	man.deaf.clear();
	const stale = await carla.device.sharing();
	assert.equal(choice(stale, "relevant_ads")?.state, "granted");
	// What another device would believe that had not heard of it.
	man.lie("GetStanding", GetStandingResponseSchema, ({ standing }) => {
		for (const one of standing?.choices ?? []) one.generation = 0;
	});
	const heard = carla.events.length;
	await assert.rejects(carla.device.decide(yes, SETTINGS), (error) => isRefusal(error, "CONSENT_CONFLICT"));
	assert.ok(carla.events.slice(heard).some(({ type }) => type === "sharing"));
	const no = await carla.device.decide([{ purpose: "relevant_ads", granted: false }], SETTINGS);
	assert.equal(choice(no, "relevant_ads")?.state, "withdrawn");
	man.answers.clear();
	const receipts = await carla.device.receipts();
	assert.deepEqual(
		receipts.map(({ recordedAtMs }) => recordedAtMs !== undefined),
		[false, true],
		"the one that was refused for good is forgotten, the one whose answer got lost is not",
	);
});

test("who does not answer in 30 days is suspended, reads on, and is back at once on accepting", async () => {
	await using quiet = await startSharingWorld();
	const dan = await quiet.world.person("Dan");
	const eve = await quiet.world.person("Eve");
	const chat = await dan.device.openDirect((await dan.device.find(eve.phone)).account);
	await dan.say(chat, "before");
	await quiet.publish("opt-in");
	await until("the notice comes", () => dan.events.some(({ type }) => type === "terms"));
	await dan.device.confirmNotice(2);
	quiet.clock.advance(30 * DAY);
	assert.equal((await dan.device.sharing()).phase, "suspended");
	const message = await dan.device.send(chat, "after");
	await assert.rejects(dan.device.stored(chat, message.id ?? fail()), (error) => isRefusal(error, "SUSPENDED"));
	assert.deepEqual((await dan.texts(chat)).slice(0, 1), ["Dan: before"]);
	await dan.device.acceptTerms(2);
	assert.equal((await dan.device.sharing()).phase, "active");
	await dan.say(chat, "back");
});

function fail(): never {
	throw new Refusal("INTERNAL", "a message without an id");
}
