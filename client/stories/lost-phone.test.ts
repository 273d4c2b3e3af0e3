/** Bob loses his phone, registers anew on another one, and takes his backup back: history and settings, nothing to send with. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ConversationId } from "@troth/protocol";
import type { Device } from "../device/api.ts";
import { KEYS } from "../state/keys.ts";
import { type Person, startWorld, type TestWorld, until } from "./_people.ts";

const BOB = "+15550106801";

let world: TestWorld;
let alice: Person;
let carla: Person;
let mallory: Person;
let lost: Person;
let bob: Person;
let chat: ConversationId;
let group: ConversationId;
let code: string;
let file: Blob;

async function collected(device: Device, job: string): Promise<Blob> {
	const pieces: Uint8Array<ArrayBuffer>[] = [];
	for (;;) {
		const piece = await device.nextPiece(job);
		if (piece === undefined) return new Blob(pieces);
		pieces.push(piece);
	}
}

/** A JPEG as far as its form goes. */
const picture = (text: string) =>
	Buffer.concat([
		Buffer.from("ffd8ffe000074a46494600ffda0003", "hex"),
		Buffer.from(`\0${text}`),
		Buffer.from("ffd9", "hex"),
	]);

const backupOf = async (device: Device, under: string) => collected(device, await device.startBackup(under));

before(async () => {
	world = await startWorld();
	[alice, carla, mallory] = [await world.person("Alice"), await world.person("Carla"), await world.person("Mallory")];
	lost = await world.person("Bob", { phone: BOB });
	chat = await lost.device.openDirect((await lost.device.find(alice.phone)).account);
	await until("alice is in", () => alice.device.conversation(chat));
	for (let n = 1; n <= 40; n++) await (n % 2 === 0 ? alice : lost).say(chat, `no. ${n}`);
	group = await lost.device.createGroup("Choir", [alice.account, carla.account]);
	await lost.say(group, "Practice at eight");
	await until("carla is in", () => carla.device.conversation(group));
	await carla.say(group, "I bring cake");
	await lost.device.find(mallory.phone);
	await lost.device.block(mallory.account);
	await lost.device.changeSettings({ typingIndicators: false });
	await lost.device.confirmSafetyNumber(alice.account, true);
	await until("the cake is noted", async () => (await lost.texts(group)).length === 2);
	await lost.device.markRead(chat, (await lost.device.messages(chat, { limit: 1 })).at(-1)?.seq ?? 0);
	await alice.device.setPhoto(picture("Alice at the sea"));
	await until("alice is seen", () => lost.device.photo(alice.account));
	await lost.device.setProfileAudiences({ photo: "contacts" });
	await lost.device.setPhoto(picture("Bob on a hill"));
	code = await lost.device.newRecoveryCode();
	file = await backupOf(lost.device, code);
	await lost.say(chat, "after the backup");
	await lost.close();
	// From here on nobody can fetch it: what bob sees of it he has from his backup.
	await alice.device.removePhoto();
	bob = await world.person("Bob", { phone: BOB });
});

after(async () => {
	await world[Symbol.asyncDispose]();
});

test("a wrong code, another file and half a file are refused by name, and take nothing", async () => {
	const before = bob.copy();
	const codes = { shorter: code.slice(0, -1), other: await lostCode(), long: await longCode() };
	await assert.rejects(bob.device.takeBackup(file, codes.shorter), { name: "ArchiveError", code: "CodeMalformed" });
	await assert.rejects(bob.device.takeBackup(file, codes.other), { name: "ArchiveError", code: "WrongCode" });
	await assert.rejects(bob.device.takeBackup(file, codes.long), { name: "ArchiveError", code: "WrongCode" });
	await assert.rejects(bob.device.takeBackup(new Blob(["a letter"]), code), { code: "NotAnArchive" });
	await assert.rejects(bob.device.takeBackup(file.slice(0, 200), code), { code: "Truncated" });
	await assert.rejects(bob.device.startBackup("12345"), { code: "CodeMalformed" });
	await assert.rejects(bob.device.nextPiece("00".repeat(16)), { code: "JobGone" });
	assert.deepEqual([...bob.copy().keys()].sort(), [...before.keys()].sort());
});

const lostCode = () => bob.device.newRecoveryCode("code");
const longCode = () => bob.device.newRecoveryCode("key");

test("the backup brings back what was said, who is blocked and what was set", async () => {
	assert.match(code, /^(\d{5} ){5}\d{5}$/);
	const restored = await bob.device.takeBackup(file, code.replaceAll(" ", "-"));
	assert.deepEqual(restored, { people: 3, conversations: 2, messages: 42, ofAnother: true });
	const texts = await bob.texts(chat);
	assert.deepEqual(
		texts,
		Array.from({ length: 40 }, (_, n) => `${n % 2 === 0 ? "Bob" : "Alice"}: no. ${n + 1}`),
	);
	const own = (await bob.rows(chat)).find(({ sender, body }) => sender?.self === true && body.kind === "text");
	assert.notEqual(own?.delivery?.state, "waiting", "what he said then is his, and was sent");
	assert.deepEqual(await bob.texts(group), ["Bob: Practice at eight", "Carla: I bring cake"]);
	const view = await bob.device.conversation(chat);
	assert.deepEqual([view?.title, view?.ended, view?.onlyHistory, view?.unread], ["Alice", true, true, 0]);
	assert.deepEqual(
		(await bob.device.blocked()).map(({ account }) => account),
		[mallory.account],
	);
	assert.equal((await bob.device.settings()).typingIndicators, false);
	assert.equal((await bob.device.safetyNumber(alice.account)).verified, true, "whom he had compared he need not again");
	assert.ok(bob.events.some((event) => event.type === "restoring" && event.messages === 42));
	assert.deepEqual(await bob.device.takeBackup(file, code), restored, "again, and nothing is there twice");
	assert.equal((await bob.texts(chat)).length, 40);
});

test("he sees himself and alice as before, and shows his picture to whom he showed it", async () => {
	for (const [person, words] of [
		[bob, "Bob on a hill"],
		[alice, "Alice at the sea"],
	] as const)
		assert.ok(Buffer.from((await bob.device.photo(person.account)) ?? "").includes(words), words);
	const seen = (await bob.device.conversation(chat))?.members.find(({ account }) => account === alice.account);
	assert.ok(seen?.photo !== undefined, "and the app knows of it");
	const { photo, audiences } = await bob.device.profile();
	assert.ok(photo !== undefined);
	assert.equal(audiences.photo, "contacts");
	assert.ok(bob.events.some(({ type }) => type === "self"));
});

test("nothing to send with came back: the old conversations are history, and nobody has to link anew", async () => {
	await assert.rejects(bob.device.send(chat, "still me?"), { code: "NOT_A_MEMBER" });
	for (const id of [chat, group])
		for (const key of [KEYS.groupState(id), KEYS.groupTree(id), KEYS.exporters(id), KEYS.log(id)])
			assert.equal(bob.data.has(key), false, key);
	await bob.close();
	await bob.comeBack();
	assert.equal((await bob.device.connection()).state, "online");
	await bob.close();
	await lost.open();
	await until("the lost phone knows", async () => (await lost.device.connection()).state === "removed");
	await lost.close();
	await bob.comeBack();
});

test("new messages go on in a new conversation, which begins with the old history", async () => {
	const anew = await bob.device.openDirect(alice.account);
	assert.notEqual(anew, chat);
	await bob.say(anew, "I have a new phone");
	const here = await until("alice has it", async () =>
		(await alice.device.conversations()).find(
			({ last }) => last?.body.kind === "text" && last.body.text.includes("new phone"),
		),
	);
	await alice.say(here.id, "Good to read you");
	await until("bob reads on", async () => (await bob.texts(anew)).length === 42);
	assert.equal(await bob.device.photo(alice.account), undefined, "she shows none any more, and says so");
	assert.ok(Buffer.from((await alice.device.photo(bob.account)) ?? "").includes("Bob on a hill"));
	assert.deepEqual((await bob.texts(anew)).slice(-4), [
		"Bob: no. 39",
		"Alice: no. 40",
		"Bob: I have a new phone",
		"Alice: Good to read you",
	]);
	const keys = (await bob.rows(anew)).map(({ key }) => key);
	assert.deepEqual(keys, [...keys].sort());
	assert.equal((await bob.device.conversations()).filter(({ title }) => title === "Alice").length, 1);
	const second = await backupOf(bob.device, await longCode());
	assert.ok(second.size > 0);
});

test("a backup of a restored device restores as well, under 64 digits", async () => {
	const key = await longCode();
	assert.match(key, /^(\d{4} ){15}\d{4}$/);
	const second = await backupOf(bob.device, key);
	await bob.close();
	const again = await world.person("Bob", { phone: BOB });
	const restored = await again.device.takeBackup(second, key);
	assert.deepEqual([restored.messages, restored.conversations], [44, 3]);
	const [withAlice] = (await again.device.conversations()).filter(({ title }) => title === "Alice");
	assert.equal((await again.texts(withAlice?.id ?? chat)).length, 42, "both parts of it, as one history");
});
