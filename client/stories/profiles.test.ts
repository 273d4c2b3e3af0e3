/** Alice shows a picture and her number to some, changes her number, and tells whom she likes; the server sees none of it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { type ConversationId, isRefusal, LIMITS } from "@troth/protocol";
import { KEYS } from "../state/keys.ts";
import { Companion } from "./_companion.ts";
import { type Person, startWorld, type TestWorld, until } from "./_people.ts";

const NEW = "+15550106702";
const THIRD = "+15550106703";
const FOURTH = "+15550106704";

/** A JPEG as far as its form goes: quantised nothing, with a place in its metadata. */
function jpeg(text = "a picture"): Uint8Array {
	const segment = (marker: number, body: Uint8Array) => [
		...[0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff],
		...body,
	];
	const bytes = new TextEncoder();
	return new Uint8Array([
		...[0xff, 0xd8],
		...segment(0xe0, bytes.encode("JFIF\0")),
		...segment(0xe1, bytes.encode("Exif\0\0taken at home")),
		...segment(0xda, new Uint8Array(1)),
		...bytes.encode(text),
		...[0xff, 0xd9],
	]);
}

let world: TestWorld;
let alice: Person;
let bob: Person;
let carla: Person;
let chat: ConversationId;
let withCarla: ConversationId;

before(async () => {
	world = await startWorld();
	alice = await world.person("Alice");
	bob = await world.person("Bob");
	carla = await world.person("Carla");
	chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "hello bob");
	withCarla = await carla.device.openDirect((await carla.device.find(alice.phone)).account);
	await carla.say(withCarla, "hello alice");
	await until("both have it", async () => (await bob.texts(chat)).length + (await alice.texts(withCarla)).length === 2);
});

after(async () => {
	await world[Symbol.asyncDispose]();
});

const seenBy = async (person: Person, conversation: ConversationId) =>
	(await person.device.conversation(conversation))?.members.find(({ account }) => account === alice.account);
const pictureSeenBy = async (person: Person) => {
	const picture = await person.device.photo(alice.account);
	return picture === undefined ? undefined : Buffer.from(picture).toString("latin1");
};

test("a picture goes to everyone she writes to, without what her camera wrote into it", async () => {
	const { photo, audiences } = await alice.device.setPhoto(jpeg());
	assert.ok(photo !== undefined);
	assert.deepEqual(audiences, { photo: "everyone", number: "nobody" });
	for (const [person, conversation] of [
		[bob, chat],
		[carla, withCarla],
	] as const) {
		await until("it is shown", async () => (await seenBy(person, conversation))?.photo === photo);
		const seen = await pictureSeenBy(person);
		assert.ok(seen?.includes("a picture") && !seen.includes("home"));
	}
	assert.deepEqual(
		(await bob.rows(chat)).length,
		(await bob.rows(chat)).filter(({ body }) => body.kind !== "unreadable").length,
	);
});

test("for contacts only: carla, to whom she never wrote, is shown none, and can fetch none", async () => {
	const before = (await alice.device.profile()).photo;
	const { photo } = await alice.device.setProfileAudiences({ photo: "contacts" });
	assert.notEqual(photo, before);
	await until("bob has the new one", async () => (await seenBy(bob, chat))?.photo === photo);
	await until("carla has none", async () => (await seenBy(carla, withCarla))?.photo === undefined);
	assert.equal(await pictureSeenBy(carla), undefined);
	assert.ok((await pictureSeenBy(bob))?.includes("a picture"));
	// In a group that carla is in it is not shown; what bob knows from elsewhere stays.
	const group = await bob.device.createGroup("Three", [alice.account, carla.account]);
	await until("alice is in", async () => (await alice.device.conversation(group)) !== undefined);
	await alice.say(group, "hello both");
	await until("both have it", async () => (await carla.texts(group)).length + (await bob.texts(group)).length === 2);
	assert.equal((await seenBy(bob, group))?.photo, photo);
	assert.equal((await seenBy(carla, group))?.photo, undefined);
});

test("her number is told nobody who has not found her by it, until she shows it", async () => {
	assert.equal((await seenBy(bob, chat))?.phone, undefined);
	await alice.device.setProfileAudiences({ number: "contacts" });
	await until("bob knows it", async () => (await seenBy(bob, chat))?.phone === alice.phone);
});

test("she changes it: her contacts are told, with the new one, and carla sees nothing of it", async () => {
	const { attempt } = await alice.device.requestNumberCode(NEW);
	await alice.device.verifyNumberCode(attempt, world.code(NEW));
	await alice.device.changeNumber(attempt, "buttons", { to: "contacts" });
	const row = await until("bob is told", async () =>
		(await bob.rows(chat)).find(({ body }) => body.kind === "number-changed"),
	);
	assert.ok(row.body.kind === "number-changed");
	assert.deepEqual([row.sender?.name, row.body.phone], ["Alice", NEW]);
	assert.equal((await seenBy(bob, chat))?.phone, NEW);
	assert.equal((await bob.device.conversation(chat))?.unread, 1, "it is no message");
	await alice.say(withCarla, "hello carla");
	await until("carla has the message", async () => (await carla.texts(withCarla)).length === 2);
	assert.ok((await carla.rows(withCarla)).every(({ body }) => body.kind !== "number-changed"));
});

test("not again for a week, except back; told to one, and without the number where she does not show it", async () => {
	const { changedAtMs, changeableFromMs } = await alice.device.numberRule();
	assert.equal((changeableFromMs ?? 0) - (changedAtMs ?? 0), LIMITS.numberChangeWaitMs);
	const { attempt } = await alice.device.requestNumberCode(THIRD);
	await alice.device.verifyNumberCode(attempt, world.code(THIRD));
	await assert.rejects(alice.device.changeNumber(attempt, "buttons"), (error) =>
		isRefusal(error, "NUMBER_CHANGED_RECENTLY"),
	);
	await alice.device.setProfileAudiences({ number: "nobody" });
	world.clock.advance(LIMITS.numberChangeWaitMs);
	const later = await alice.device.requestNumberCode(THIRD);
	await alice.device.verifyNumberCode(later.attempt, world.code(THIRD));
	await alice.device.changeNumber(later.attempt, "buttons", { to: "chosen", accounts: [carla.account] });
	const row = await until("carla is told", async () =>
		(await carla.rows(withCarla)).find(({ body }) => body.kind === "number-changed"),
	);
	assert.ok(row.body.kind === "number-changed" && row.body.phone === undefined);
	assert.equal((await seenBy(carla, withCarla))?.phone, undefined, "the one she was found by is not hers any more");
	assert.equal((await bob.rows(chat)).filter(({ body }) => body.kind === "number-changed").length, 1);
});

test("what is no picture, or too large, is refused before it leaves; without one everybody sees none", async () => {
	await assert.rejects(alice.device.setPhoto(randomBytes(100)), (error) => isRefusal(error, "MALFORMED"));
	const large = jpeg("x".repeat(LIMITS.profilePhotoBytes));
	await assert.rejects(alice.device.setPhoto(large), (error) => isRefusal(error, "TOO_LARGE"));
	await alice.device.removePhoto();
	await until("bob sees none", async () => (await seenBy(bob, chat))?.photo === undefined);
	assert.equal(await pictureSeenBy(bob), undefined);
	assert.equal(await alice.device.photo(alice.account), undefined);
});

test("what the server knows about her is all there, with words, and no name and no picture in it", async () => {
	await alice.device.setPhoto(jpeg());
	const { sections } = await alice.device.aboutMe();
	const kinds = sections.map(({ kind }) => kind);
	for (const kind of ["account", "device", "conversation", "terms_acceptance", "number_given_up", "profile_photo"])
		assert.ok(kinds.includes(kind as (typeof kinds)[number]), kind);
	const text = JSON.stringify(sections);
	assert.ok(text.includes(THIRD) && !text.includes("Alice") && !text.includes(NEW));
	assert.ok(sections.every(({ title, text, rows }) => title !== "" && text !== "" && rows.length > 0));
});

test("with a laptop, picture, number and whom they are for are the same on both", async () => {
	const his = await bob.device.setPhoto(jpeg("Bob on a hill"));
	await until("his is shown", async () => {
		const seen = (await alice.device.conversation(chat))?.members.find(({ account }) => account === bob.account);
		return seen?.photo === his.photo;
	});
	await alice.device.photo(bob.account);
	const laptop = await Companion.link(alice, "Laptop");
	for (const { account } of [alice, bob])
		await until("the pictures are there without asking for them", () => laptop.data.has(KEYS.picture(account)));
	assert.ok(Buffer.from((await laptop.device.photo(bob.account)) ?? "").includes("Bob on a hill"));
	const { audiences } = await alice.device.profile();
	await until("the laptop knows", async () => (await laptop.device.profile()).photo !== undefined);
	assert.deepEqual((await laptop.device.profile()).audiences, audiences);
	assert.ok(Buffer.from((await laptop.device.photo(alice.account)) ?? "").includes("a picture"));
	await until("the laptop is in", async () => (await laptop.device.conversation(chat)) !== undefined);
	await laptop.say(chat, "from my desk");
	const { photo } = await laptop.device.setPhoto(jpeg("another one"));
	await until("the phone has it", async () => (await alice.device.profile()).photo === photo);
	assert.ok((await pictureSeenBy(alice))?.includes("another one"));
	await until("bob sees it", async () => (await seenBy(bob, chat))?.photo === photo);
	world.clock.advance(LIMITS.numberChangeWaitMs);
	const { attempt } = await laptop.device.requestNumberCode(FOURTH);
	await laptop.device.verifyNumberCode(attempt, world.code(FOURTH));
	await laptop.device.changeNumber(attempt, "buttons");
	await until("the phone knows the number", async () => (await alice.device.self()).phone === FOURTH);
	await alice.device.removePhoto();
	await until("the laptop has none", async () => (await laptop.device.profile()).photo === undefined);
	assert.equal(await laptop.device.photo(alice.account), undefined);
	await laptop.say(chat, "from the laptop");
	await until("bob has it", async () => (await bob.texts(chat)).includes("Alice: from the laptop"));
	assert.equal((await seenBy(bob, chat))?.photo, undefined, "what is gone does not come back from another device");
});

test("who is blocked sees no picture any more, and no new name; all others do; taken back, they see both again", async () => {
	const dora = await world.person("Dora");
	const withDora = await alice.device.openDirect((await alice.device.find(dora.phone)).account);
	await alice.say(withDora, "hello dora");
	const { photo } = await alice.device.setPhoto(jpeg());
	const everyone = [
		[bob, chat],
		[carla, withCarla],
		[dora, withDora],
	] as const;
	for (const [person, conversation] of everyone)
		await until("it is seen", async () => (await seenBy(person, conversation))?.photo === photo);
	assert.ok((await pictureSeenBy(dora))?.includes("a picture"));
	// Carla is in a group with bob, too.
	for (const person of [carla, dora]) await alice.device.block(person.account);
	for (const [person, conversation] of everyone.slice(1)) {
		await until("they see none", async () => (await seenBy(person, conversation))?.photo === undefined);
		assert.equal(await pictureSeenBy(person), undefined);
	}
	await until("bob has it under another key", async () => {
		const [seen, shown] = [await seenBy(bob, chat), await alice.device.profile()];
		return seen?.photo !== photo && seen?.photo === shown.photo;
	});
	assert.ok((await pictureSeenBy(bob))?.includes("a picture"));
	await alice.device.rename("Alicia");
	const later = await alice.device.setPhoto(jpeg("a later one"));
	await until("bob is told", async () => (await seenBy(bob, chat))?.photo === later.photo);
	assert.equal((await seenBy(bob, chat))?.name, "Alicia");
	const { name, photo: none } = (await seenBy(dora, withDora)) ?? {};
	assert.deepEqual([name, none], ["Alice", undefined]);
	assert.equal(await pictureSeenBy(carla), undefined);
	await alice.device.unblock(dora.account);
	await until("dora sees it again", async () => (await seenBy(dora, withDora))?.photo === later.photo);
	assert.equal((await seenBy(dora, withDora))?.name, "Alicia");
	assert.ok((await pictureSeenBy(dora))?.includes("a later one"));
});
