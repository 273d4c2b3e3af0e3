/**
 * What a shop's bridge says without anybody's yes: use once a week, under a name or in sums, delivery in sums about nobody,
 * and whom the shop acted upon, for as long as it says so. An objection ends what it may end.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CATALOGUE, dayText, type ResidualPurpose, utcDayOf } from "@troth/protocol";
import type { EmbeddedPerson } from "../../client/beside/embedded-person.ts";
import { type BesideWorld, newBrowser, startBesideWorld } from "./_beside.ts";
import { tracesBelow } from "./_traces.ts";

const DAY_MS = 24 * 3600 * 1000;

let world: BesideWorld;

before(async () => {
	world = await startBesideWorld();
});

after(() => world?.[Symbol.asyncDispose]());

test("what asks nobody goes under other names: use once a week, what the shop acted upon while it says so, and an objection ends it", async () => {
	const [FAY, FAYS] = ["customer/9", "+15550100009"];
	const policy = await withResidual(["usage_metrics", "infrastructure", "spam_and_abuse"]);
	const more = await withResidual(["usage_metrics", "security"]);
	assert.equal(await world.operate(more), 422, "the shop has no such facts");
	assert.equal(await world.operate(policy), 201);
	for (const [id, phone, region] of [
		[FAY, FAYS, "US"],
		["customer/10", "+15550100010", "DE"],
	] as const) {
		world.shop.phones.set(id, phone);
		await (await world.visit(id, newBrowser(), { region })).accept("en");
	}
	const fay = await world.visit(FAY, newBrowser());
	const isTold = async () =>
		(await world.family.counted()).length > 0 && (await world.family.counted("trothSums")).length > 0;
	const counted = utcDayOf(world.clock.now());
	const cell = (os: string, times: number) => ({ os, app_version: "1.2", outcome: "delivered", times });
	world.shop.sent.set(dayText(counted), [cell("iOS", 40), cell("fay's phone", 2)]);
	for (let days = 0; days < 16 && !(await isTold()); days++) {
		world.clock.advance(DAY_MS);
		const lastSeen = dayText(utcDayOf(world.clock.now()));
		for (const id of [FAY, "customer/10"]) world.shop.remarks.set(id, { lastSeen, howOften: "daily" });
		await world.beside.sweep();
		for (let seconds = 0; seconds < 3; seconds++) {
			world.clock.advance(1_000);
			await world.door.tick();
		}
	}
	for (const how of ["troth", "trothSums"] as const) {
		const weeks = await world.family.counted(how);
		assert.ok(
			weeks.length > 0 && weeks.every(({ daily }) => daily === 1),
			"one by name, one in a sum: by where they live",
		);
	}
	assert.deepEqual(await world.family.delivered(), [
		{ os: "iOS", appVersion: "1.2", delivered: 40, left: 0 },
		{ os: "other", appVersion: "1.2", delivered: 2, left: 0 },
	]);
	assert.deepEqual(await world.family.holds(FAYS), [], "and not under her number");

	world.shop.remarks.set(FAY, { ...world.shop.remarks.get(FAY), mark: "bulk_messages", grade: "high" });
	await world.beside.sweep();
	const labelled = async () => (await world.family.holds(FAYS)).includes("spam_and_abuse label");
	await world.until("the label", labelled);
	const before = (await fay.shares("en")).shares;
	assert.ok(before.every(({ alarms, fields }) => alarms.length === 0 && !fields.includes("phone_number")));
	await world.beside.sweep();
	await world.door.tick();
	assert.equal((await fay.shares("en")).shares.length, before.length, "nothing is said twice");
	await objects(fay, FAY, labelled);
	world.shop.remarks.delete(FAY);
	assert.equal(await world.tell("changed", FAY), 200);
	await world.until("the label to be gone", async () => !(await labelled()));

	const objection = { control: "switch", initiallyOn: true, place: "settings" } as const;
	await fay.decide("en", [{ purpose: "usage_metrics", granted: false }], objection);
	await world.until("the count to be gone", async () => (await world.family.counted()).length === 0);
	assert.deepEqual(tracesBelow(join(world.directory, "beside"), [FAYS.slice(1), "bulk_messages"]), []);
});

/** Fay objects to her label: nobody is told of it until the shop has looked at it, and the shop hears of it. */
async function objects(fay: EmbeddedPerson, id: string, labelled: () => Promise<boolean>): Promise<void> {
	const shown = async () =>
		(await fay.labels()).map(({ purpose, label, scoreClass, canObject, objectedAtMs }) => {
			return [purpose, label, scoreClass, canObject, objectedAtMs !== undefined];
		});
	const label = ["spam_and_abuse", "bulk_messages", "high"];
	assert.deepEqual(await shown(), [[...label, true, false]]);
	await assert.rejects(fay.objectTo("security"), { code: "NOT_FOUND" });
	world.shop.deaf = true;
	const [{ objectedAtMs = 0 } = {}] = await fay.objectTo("spam_and_abuse");
	assert.deepEqual(await shown(), [[...label, false, true]]);
	await world.until("nobody to be told of it", async () => !(await labelled()));
	await world.beside.sweep();
	assert.deepEqual([world.shop.told, await labelled()], [[], false], "said of her still, and not told on");
	world.shop.deaf = false;
	await fay.objectTo("spam_and_abuse");
	await world.beside.sweep();
	await world.beside.sweep();
	const heard = { type: "objected", id, purpose: "spam_and_abuse", atMs: objectedAtMs };
	assert.deepEqual(world.shop.told, [heard], "once it takes it, and then no more");
	assert.equal(await world.tell("kept", id, { more: { purpose: "usage_metrics" } }), 400);
	assert.equal(await world.tell("kept", id, { more: { purpose: "spam_and_abuse" } }), 200);
	await world.until("it stands, and is told again", labelled);
	assert.deepEqual(await shown(), [[...label, false, false]]);
	await assert.rejects(fay.objectTo("spam_and_abuse"), { code: "FORBIDDEN" }, "it was decided");
	// Another label is another matter.
	world.shop.remarks.set(id, { ...world.shop.remarks.get(id), grade: "low" });
	assert.deepEqual(await shown(), [["spam_and_abuse", "bulk_messages", "low", true, false]]);
}

/** The shop's policy as version 2, with purposes that ask nobody. */
async function withResidual(purposes: readonly ResidualPurpose[]): Promise<unknown> {
	const policy = JSON.parse(await readFile(new URL("../../policies/beside-a-host.json", import.meta.url), "utf8"));
	for (const id of purposes) {
		const { fields } = CATALOGUE[id];
		const row = {
			basis: "legitimate_interest",
			retentionDays: 180,
			initial: "off",
			objection: id !== "infrastructure",
		};
		policy.purposes.push({ ...row, id, fields, recipients: ["family"] });
		for (const locale of ["en", "de"]) {
			policy.locales[locale].purposes[id] = { title: `The purpose ${id}`, body: "Without your yes." };
			policy.locales[locale].documents[1].body += `\n\nThe purpose ${id}: Family, 180.`;
		}
	}
	return { ...policy, version: 2 };
}
