/** People who move, and who are not of age: what they are shown, and what the companies have to give back (B11). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { decisionsAsShown } from "../consent/as-shown.ts";
import type { SharingView } from "../device/api.ts";
import { type Person, until } from "./_people.ts";
import { DAY, type SharingWorld, startSharingWorld } from "./_sharing.ts";

const ALICE = "+15550108001";
const BOB = "+15550108002";
const SETTINGS = { control: "switch", initiallyOn: false, place: "settings" } as const;
const NOTICE = { control: "buttons", initiallyOn: true, place: "notice" } as const;

let town: SharingWorld;
let alice: Person;
let bob: Person;

before(async () => {
	town = await startSharingWorld({ members: [ALICE, BOB] });
	alice = await town.world.person("Alice", { phone: ALICE });
	bob = await town.world.person("Bob", { phone: BOB });
	await town.publish("opt-out");
	for (const { device } of [alice, bob]) await device.acceptTerms(2);
});

after(async () => {
	await town[Symbol.asyncDispose]();
});

const stateOf = ({ choices }: SharingView, purpose: string) =>
	choices.find((choice) => choice.purpose === purpose)?.state;

const on = async ({ device }: Person) =>
	(await device.terms()).purposes.filter(({ initiallyOn }) => initiallyOn).map(({ id }) => id);

/** The door does its work until the companies have as many things about people as this. */
async function held(expected: { readonly family: number; readonly photos: number }): Promise<void> {
	await until("the companies have what they are to have", async () => {
		await town.door.tick();
		return town.family.kept.size === expected.family && town.photos.kept.size === expected.photos;
	});
}

test("the boxes stand on for who lives where an opt-out may hold, and for nobody else", async () => {
	assert.deepEqual(await on(alice), ["friend_suggestions", "relevant_ads"]);
	const moved = await bob.device.describePerson({ declaredRegion: "DE" });
	assert.deepEqual(moved.person, { numberRegion: "US", declaredRegion: "DE", minor: false });
	assert.deepEqual(await on(bob), []);
	// Going on without an answer decides nothing for him.
	assert.deepEqual(decisionsAsShown((await bob.device.terms()).purposes, new Map()), []);
	const ticked = bob.device.decide([{ purpose: "relevant_ads", granted: true }], NOTICE);
	await assert.rejects(ticked, (error) => isRefusal(error, "PURPOSE_NOT_ALLOWED"));
	assert.equal(stateOf(await bob.device.sharing(), "relevant_ads"), "unset");
});

test("who moves away takes along what they said themselves, and what was left on goes back", async () => {
	await alice.device.decide([{ purpose: "friend_suggestions", granted: true }], NOTICE);
	await alice.device.decide([{ purpose: "relevant_ads", granted: true }], SETTINGS);
	town.clock.advance(31 * DAY);
	await held({ family: 2, photos: 1 });
	const moved = await alice.device.describePerson({ declaredRegion: "DE" });
	assert.deepEqual(
		["friend_suggestions", "relevant_ads"].map((purpose) => stateOf(moved, purpose)),
		["withdrawn", "granted"],
	);
	await held({ family: 1, photos: 0 });
	const back = await alice.device.describePerson({ declaredRegion: null });
	assert.equal(stateOf(back, "friend_suggestions"), "withdrawn", "nothing comes back by itself");
	assert.deepEqual(await on(alice), ["friend_suggestions", "relevant_ads"]);
	await held({ family: 1, photos: 0 });
});

test("who is a minor is shown no ads by a profile: the choice is gone, and what was shared for it goes back", async () => {
	const minor = await alice.device.describePerson({ minor: true });
	assert.equal(stateOf(minor, "relevant_ads"), "withdrawn");
	assert.equal(minor.choices.find(({ purpose }) => purpose === "relevant_ads")?.denied, "MINOR");
	const { purposes, minorBelow } = await alice.device.terms();
	assert.equal(minorBelow, 18);
	assert.deepEqual(
		purposes.filter(({ barred }) => barred).map(({ id }) => id),
		["relevant_ads"],
	);
	assert.deepEqual(await on(alice), []);
	await assert.rejects(alice.device.decide([{ purpose: "relevant_ads", granted: true }], SETTINGS), (error) =>
		isRefusal(error, "PURPOSE_NOT_ALLOWED"),
	);
	await held({ family: 0, photos: 0 });
	const { shares } = await until("every recall is answered", async () => {
		await town.door.tick();
		const view = await alice.device.shares();
		return view.shares.every(({ kind, state }) => kind !== "share" || state === "acknowledged") && view;
	});
	assert.deepEqual(
		shares.flatMap(({ alarms }) => alarms),
		[],
	);
});

test("a grown-up of eighteen is one of age in Germany and a minor in Korea", async () => {
	await bob.device.describePerson({ declaredRegion: "KR" });
	assert.equal((await bob.device.terms()).minorBelow, 19);
	await bob.device.describePerson({ declaredRegion: "DE" });
	assert.equal((await bob.device.terms()).minorBelow, 18);
});
