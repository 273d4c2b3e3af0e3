/** Alice let her 30 days pass. Everything that still works then works, and what does not says why. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ConversationId, isRefusal } from "@troth/protocol";
import type { Device } from "../device/api.ts";
import { openProfile, registerProfile } from "../device/open.node.ts";
import { troth } from "../troth/_troth.ts";
import { type Person, until } from "./_people.ts";
import { DAY, type SharingWorld, startSharingWorld } from "./_sharing.ts";

const ALICE = "+15550106801";
const NEXT = "+15550106802";
const DANA = "+15550106803";
const NOTICE = { control: "buttons", initiallyOn: false, place: "notice" } as const;

let town: SharingWorld;
let dir: string;
let alice: Device;
let bob: Person;
let chat: ConversationId;

before(async () => {
	town = await startSharingWorld({ members: [ALICE, NEXT, DANA] });
	await town.publish("opt-in");
	dir = await mkdtemp(join(tmpdir(), "troth-suspended-"));
	const server = town.world.url;
	const code = async () => town.world.code(ALICE);
	await registerProfile({ dir, server, phone: ALICE, name: "Alice", code, acceptTerms: true });
	bob = await town.world.person("Bob");
	await open();
	const yes = ["friend_suggestions", "relevant_ads"].map((purpose) => ({ purpose, granted: true }));
	await alice.decide(yes, NOTICE);
	chat = await bob.device.openDirect((await bob.device.find(ALICE)).account);
	await bob.say(chat, "before");
	await held(3);
	await danaComes();
	await town.publish("opt-in", 3);
	await until("the notice comes", () => alice.notice());
	await alice.confirmNotice(3);
	await bob.device.acceptTerms(3);
	await alice[Symbol.asyncDispose]();
	await danaGoes();
	town.clock.advance(30 * DAY);
});

after(async () => {
	await alice?.[Symbol.asyncDispose]();
	await town?.[Symbol.asyncDispose]();
	await rm(dir, { recursive: true, force: true });
});

async function open(): Promise<void> {
	alice = await openProfile({ dir });
	await alice.caughtUp();
}

/** Dana says yes to ads, sees the notice of version 3, and stays away from then on. */
async function danaComes(): Promise<void> {
	const code = async () => town.world.code(DANA);
	await registerProfile({
		dir: join(dir, "dana"),
		server: town.world.url,
		phone: DANA,
		name: "Dana",
		code,
		acceptTerms: true,
	});
	await using dana = await openProfile({ dir: join(dir, "dana") });
	await dana.decide([{ purpose: "relevant_ads", granted: true }], NOTICE);
	await until("hers is held", async () => {
		await town.door.tick();
		return numbersHeld(DANA).length > 0;
	});
}

async function danaGoes(): Promise<void> {
	await using dana = await openProfile({ dir: join(dir, "dana") });
	await until("the notice comes", () => dana.notice());
	await dana.confirmNotice(3);
}

const numbersHeld = (of?: string) =>
	[town.family, town.photos]
		.flatMap(({ kept }) => [...kept.values()].flatMap((one) => one["phone_number"] ?? []))
		.filter((number) => (of === undefined ? number !== DANA : number === of));

const held = (count: number) =>
	until(
		`${count} at the recipients`,
		async () => {
			await town.door.tick();
			return numbersHeld().length === count;
		},
		200,
	);

const texts = async () =>
	(await alice.messages(chat, { limit: 100 })).flatMap(({ body }) => (body.kind === "text" ? [body.text] : []));

async function command(...args: readonly string[]) {
	await alice[Symbol.asyncDispose]();
	const ran = await troth([...args, "--profile", dir, "--json"]);
	await open();
	return ran;
}

const suspended = (error: unknown) => isRefusal(error, "SUSPENDED");

test("what others send arrives, also what waited for her while she was away", async () => {
	await bob.say(chat, "are you there?");
	await open();
	assert.equal((await alice.sharing()).phase, "suspended");
	await until("it is there", async () => (await texts()).includes("are you there?"));
	await bob.say(chat, "and now?");
	await until("it is there", async () => (await texts()).includes("and now?"));
	assert.deepEqual(await texts(), ["before", "are you there?", "and now?"]);
});

test("she can not send, nor begin a conversation, and is told why", async () => {
	const message = await alice.send(chat, "no");
	assert.ok(message.id !== undefined);
	await assert.rejects(alice.stored(chat, message.id), suspended);
	const carla = await town.world.person("Carla");
	await assert.rejects(async () => alice.openDirect((await alice.find(carla.phone)).account), suspended);
	const failed = await command("send", "--to", chat, "no");
	assert.deepEqual([failed.code, failed.error?.code], [1, "SUSPENDED"]);
});

test("she reads, lists and exports everything that is hers", async () => {
	assert.ok((await command("history", chat)).lines.some(({ text }) => text === "and now?"));
	assert.equal((await command("conversations")).lines.length, 1);
	assert.equal((await alice.devices()).length, 1);
	const out = join(dir, "out");
	const exported = await command("export", "--out", out);
	assert.equal(exported.code, 0, exported.stderr);
	assert.ok((await readdir(out)).length > 0);
	assert.equal((await command("terms")).lines[0]?.["phase"], "suspended");
	assert.ok((await command("shares")).lines.length >= 3);
});

test("she blocks, keeps her number current, and takes a yes back, which is recalled", async () => {
	await alice.block(bob.account);
	await alice.unblock(bob.account);
	const { attempt } = await alice.requestNumberCode(NEXT);
	await alice.verifyNumberCode(attempt, town.world.code(NEXT));
	assert.deepEqual((await alice.changeNumber(attempt, "buttons")).renewed, ["friend_suggestions", "relevant_ads"]);
	// The old number is called back; the new one does not leave while she is suspended.
	await held(0);
	const [{ state } = {}] = (await command("consent", "withdraw", "relevant_ads")).lines;
	assert.equal(state, "withdrawn");
});

test("accepting brings all of it back, and what still stands is shared: with the number of today", async () => {
	const accepted = await command("accept", "3");
	assert.equal(accepted.code, 0, accepted.stderr);
	assert.equal((await alice.sharing()).phase, "active");
	const { id } = await alice.send(chat, "back");
	assert.ok(id !== undefined);
	await alice.stored(chat, id);
	await until("bob has it", async () => (await bob.texts(chat)).includes("Alice: back"));
	await held(2);
	assert.deepEqual(numbersHeld(), [NEXT, NEXT]);
});

/** The job may be running still when the clock is moved, and then comes once more some hours later. */
const inTime = (what: string, happened: () => boolean) =>
	until(what, () => {
		if (happened()) return true;
		town.clock.advance(DAY / 8);
		return false;
	});

const said = (event: string) => town.world.log.filter((line) => line.includes(`"event":"${event}"`)).length;

test("suspended once more she stays away, is warned, comes back, and is told what she came before", async () => {
	await town.publish("opt-in", 4);
	await until("the notice comes", () => alice.notice());
	await alice.confirmNotice(4);
	await alice[Symbol.asyncDispose]();
	// A server that was started anew has nobody left who is just going.
	await town.world.stop();
	await town.world.start();
	const awaySince = town.clock.now();
	town.clock.advance(90 * DAY);
	await inTime("she and Dana are warned", () => said("absence-warned") === 2);
	await open();
	assert.deepEqual((await command("terms")).lines[0]?.["absenceDays"], 120);
	const ending = await alice.accountEnding();
	assert.equal(ending?.warning, 1);
	assert.ok(Math.abs(ending.awaySinceMs - awaySince) < DAY && ending.endsAtMs >= ending.awaySinceMs + 120 * DAY);
	const heard = await command("listen", "--count", "1");
	assert.deepEqual(heard.lines[0], {
		...{ type: "account-ending", warning: 1, endsAt: ending.endsAtMs, awaySince: ending.awaySinceMs },
	});
	assert.equal(await alice.accountEnding(), undefined, "it was printed");
});

test("Dana does not come back: after a second warning her account ends, and nothing of her stays anywhere", async () => {
	assert.ok(numbersHeld(DANA).length > 0);
	town.clock.advance(23 * DAY);
	await inTime("she is warned once more", () => said("absence-warned") === 3);
	assert.equal(said("account-absent"), 0);
	town.clock.advance(7 * DAY);
	await inTime("her account ends", () => said("account-absent") === 1);
	await until(
		"all of hers is recalled",
		async () => {
			await town.door.tick();
			return numbersHeld(DANA).length === 0;
		},
		200,
	);
	await assert.rejects(bob.device.find(DANA), (error) => isRefusal(error, "NOT_FOUND"));
	await using dana = await openProfile({ dir: join(dir, "dana") });
	await until("her device is told", async () => (await dana.connection()).state === "removed");
	assert.equal((await alice.sharing()).phase, "suspended", "Alice came, and is kept");
});

test("suspended as she is she deletes her account, and nothing of her stays anywhere", async () => {
	const deleted = await command("delete-account", "--yes").catch(() => undefined);
	assert.equal(deleted, undefined, "the profile is empty afterwards, and can not be opened");
	await held(0);
	await assert.rejects(bob.device.find(NEXT), (error) => isRefusal(error, "NOT_FOUND"));
});
