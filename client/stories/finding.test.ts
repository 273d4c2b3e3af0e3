/** How people find each other: what they have to know for it, who has to agree, and what the server learns. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
	idBytes,
	isRefusal,
	LookUpContactLinkResponseSchema,
	LookUpUsernameResponseSchema,
	type Signed,
} from "@troth/protocol";
import { tracesBelow, tracesIn } from "../../tests/stories/_traces.ts";
import { nameLink } from "../finding/contact-link.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, until } from "./_people.ts";

const refused = (code: string) => (error: unknown) => isRefusal(error) && error.code === code;
const bytes = (text: string) => new TextEncoder().encode(text);

/** A vCard file with these people. */
const cards = (people: Readonly<Record<string, string>>) =>
	bytes(
		Object.entries(people)
			.map(([name, tel]) => `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${name}\r\nTEL;TYPE=CELL:${tel}\r\nEND:VCARD\r\n`)
			.join(""),
	);

const canFind = (person: Person, other: Person) =>
	person.device.find(other.phone).then(
		() => true,
		(error: unknown) => {
			if (!isRefusal(error, "NOT_FOUND")) throw error;
			return false;
		},
	);

async function linkOf(person: Person): Promise<string> {
	const { link } = await person.device.makeContactLink();
	assert.ok(link.state === "here");
	return link.address;
}

test("only alice's contacts find her by number: whom she wrote to and whom she imported, not whoever wrote to her", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const [bob, carla, mallory] = [await world.person("Bob"), await world.person("Carla"), await world.person("Mallory")];
	const spam = await mallory.device.openDirect((await mallory.device.find(alice.phone)).account);
	await mallory.say(spam, "Dear customer");
	await until("alice has it", async () => (await alice.texts(spam)).length === 1);
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);

	assert.equal((await alice.device.setFindable("contacts")).byNumber, "contacts");
	for (const other of [bob, carla, mallory]) assert.equal(await canFind(other, alice), false, other.name);
	await alice.say(chat, "Hello Bob");
	await until("bob is a contact", () => canFind(bob, alice));
	assert.equal((await alice.device.importVcards(cards({ Carla: carla.phone }), true)).state, "imported");
	assert.equal(await canFind(carla, alice), false, "the server was not asked who she is");
	await alice.device.checkContacts();
	await until("carla is a contact", () => canFind(carla, alice));
	assert.equal(await canFind(mallory, alice), false);

	await alice.device.block(bob.account);
	await until("bob is none any more", async () => !(await canFind(bob, alice)));
	// Told while the server could not be reached, it is told again with the next connection.
	man.cut.add("SetFindable");
	await alice.device.forgetContacts();
	man.cut.delete("SetFindable");
	assert.equal(await canFind(carla, alice), true);
	man.disconnect();
	alice.device.reconnect();
	await until("carla is none any more", async () => !(await canFind(carla, alice)));

	await alice.device.setFindable("everyone");
	for (const other of [bob, carla, mallory]) assert.equal(await canFind(other, alice), true, other.name);
});

test("bob writes to alice by her username, and never learns her number", async () => {
	await using world = await startWorld();
	const [alice, man] = [await world.person("Alice"), new Middleman()];
	const bob = await world.person("Bob", { ports: man.between });
	await alice.device.setFindable("nobody");
	assert.equal((await alice.device.setUsername("Alice.L")).username, "alice.l");
	await assert.rejects(bob.device.setUsername("alice.l"), refused("USERNAME_TAKEN"));
	await assert.rejects(bob.device.findByUsername("alice"), refused("NOT_FOUND"));
	await assert.rejects(bob.device.findByUsername("a l"), refused("USERNAME_INVALID"));

	const found = await bob.device.findByUsername("@ALICE.L");
	assert.deepEqual(found, { account: alice.account, name: "@alice.l", phone: undefined, self: false });
	const chat = await bob.device.openDirect(found.account);
	await bob.say(chat, "Hello");
	assert.equal((await bob.device.conversation(chat))?.title, "@alice.l");
	await until("alice has it", async () => (await alice.texts(chat)).length === 1);
	await alice.say(chat, "Hello back");
	await until("her name came", async () => (await bob.device.conversation(chat))?.title === "Alice");
	const [{ phone } = { phone: "" }] = (await bob.device.conversation(chat))?.members.filter(({ self }) => !self) ?? [];
	assert.equal(phone, undefined);

	// A server that names somebody else under her name: the list it gives has to be the one of that account.
	man.lie("LookUpUsername", LookUpUsernameResponseSchema, (answer) => {
		answer.accountId = idBytes(bob.account);
	});
	await assert.rejects(bob.device.findByUsername("alice.l"), refused("DEVICE_LIST_INVALID"));
	assert.equal((await alice.device.removeUsername()).username, undefined);
});

test("whoever opens alice's link knows her key without the server's word", async () => {
	await using world = await startWorld();
	const [alice, carla, man] = [await world.person("Alice"), await world.person("Carla"), new Middleman()];
	const bob = await world.person("Bob", { ports: man.between });
	await alice.device.setFindable("nobody");
	assert.deepEqual((await alice.device.finding()).link, { state: "none" });
	const address = await linkOf(alice);
	assert.ok(address.startsWith(`${world.url}/#/add/`) && !address.includes(alice.phone));

	// The server says that it is Carla's.
	let carlas: Signed | undefined;
	man.lie("LookUpContactLink", LookUpContactLinkResponseSchema, (answer) => {
		carlas = answer.deviceList;
	});
	await bob.device.openContactLink(await linkOf(carla));
	man.lie("LookUpContactLink", LookUpContactLinkResponseSchema, (answer) => {
		answer.accountId = idBytes(carla.account);
		if (carlas !== undefined) answer.deviceList = carlas;
	});
	const wrong = (error: unknown) => error instanceof Untrusted && error.code === "LINK_KEY_WRONG";
	await assert.rejects(bob.device.openContactLink(address), wrong);
	await assert.rejects(bob.device.acceptContactLink(address), wrong);
	man.answers.clear();

	const { person, conversation } = await bob.device.openContactLink(nameLink(address, "Alice from the choir"));
	assert.deepEqual(person, { account: alice.account, name: "Alice from the choir", phone: undefined, self: false });
	assert.equal(conversation, undefined);
	assert.equal((await bob.device.safetyNumber(alice.account)).verified, false, "looking is not trusting");
	await bob.device.acceptContactLink(address);
	assert.equal((await bob.device.safetyNumber(alice.account)).verified, true);
	const chat = await bob.device.openDirect(person.account);
	await bob.say(chat, "Hello");
	await until("alice has it", async () => (await alice.texts(chat)).length === 1);
	assert.equal((await bob.device.openContactLink(address.slice(address.indexOf("#")))).conversation, chat);
	assert.equal((await alice.device.openContactLink(address)).person.self, true);

	await assert.rejects(
		bob.device.openContactLink(address.replace(world.url, "https://elsewhere.example")),
		refused("MALFORMED"),
	);
	await assert.rejects(bob.device.openContactLink(`${world.url}/#/add/short`), refused("MALFORMED"));
	const renewed = await linkOf(alice);
	await assert.rejects(bob.device.openContactLink(address), refused("NOT_FOUND"));
	assert.equal((await bob.device.openContactLink(renewed)).person.account, alice.account);
	await alice.close();
	await alice.comeBack();
	const { link } = await alice.device.finding();
	assert.equal(link.state === "here" && link.address, renewed);
	assert.deepEqual((await alice.device.revokeContactLink()).link, { state: "none" });
	await assert.rejects(bob.device.openContactLink(renewed), refused("NOT_FOUND"));
});

test("alice's address book: on her device only, compared when she says so, forgotten when she says so", async () => {
	await using world = await startWorld();
	const calls: string[] = [];
	const alice = await world.person("Alice", {
		ports: (ports) => ({
			...ports,
			fetch: (input, init) => {
				calls.push(new URL(input instanceof Request ? input.url : input).pathname.split("/").at(-1) ?? "");
				return ports.fetch(input, init);
			},
		}),
	});
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await bob.device.caughtUp();
	await alice.say(chat, "Hello");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	await bob.say(chat, "Hello");
	await until("alice knows how he calls himself", async () => (await alice.device.conversation(chat))?.title === "Bob");
	calls.length = 0;
	const book = cards({ "Uncle Bob": bob.phone.slice(2), Zoe: "+1 (555) 010-7901", Nobody: "12" });
	assert.deepEqual(await alice.device.importVcards(book, true), {
		...{ state: "imported", added: 2, known: 0 },
		...{ unreadable: 1, damaged: 0 },
	});
	assert.deepEqual(calls, [], "nothing left the device");
	assert.deepEqual(
		(await alice.device.addressBook()).map(({ name, phone, person }) => [name, phone, person]),
		[
			["Uncle Bob", bob.phone, undefined],
			["Zoe", "+15550107901", undefined],
		],
	);
	assert.deepEqual(await alice.device.checkContacts(), { checked: 2, found: 1, left: 0, retryAtMs: undefined });
	assert.deepEqual(calls, ["LookUpNumbers"]);
	assert.deepEqual(
		(await alice.device.addressBook()).map(({ person }) => person?.account),
		[bob.account, undefined],
	);
	assert.equal((await alice.device.conversation(chat))?.title, "Uncle Bob", "her name for him goes first");
	assert.deepEqual(await alice.device.importVcards(book, true), {
		...{ state: "imported", added: 0, known: 2 },
		...{ unreadable: 1, damaged: 0 },
	});
	await alice.close();
	await alice.comeBack();
	assert.equal((await alice.device.conversation(chat))?.title, "Uncle Bob");
	assert.equal((await alice.device.setOwnName(bob.account, "Bobby")).name, "Bobby");
	await alice.device.forgetContacts();
	assert.deepEqual(await alice.device.addressBook(), []);
	assert.equal((await alice.device.conversation(chat))?.title, "Bobby", "this name did not come from the book");
	assert.equal((await alice.device.setOwnName(bob.account, undefined)).name, "Bob");
	assert.deepEqual(await alice.device.importVcards(bytes("hello"), false), { state: "refused", problem: "no-vcard" });
});

test("of numbers that were looked up nothing is left at the server", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-finding-"));
	const [alone, inBook, name] = ["+15550107911", "+15550107912", "Someone Particular"];
	{
		await using world = await startWorld({ directory });
		const alice = await world.person("Alice");
		const bob = await world.person("Bob");
		await assert.rejects(alice.device.find(alone), refused("NOT_FOUND"));
		await alice.device.importVcards(cards({ [name]: inBook, Bob: bob.phone }), true);
		assert.equal((await alice.device.checkContacts()).found, 1);
		const markers = [alone, alone.slice(1), inBook, inBook.slice(1), name];
		const looked = () => [...tracesBelow(directory, markers), ...tracesIn("log", bytes(world.log.join("\n")), markers)];
		assert.deepEqual(looked(), []);
		await world.stop();
		assert.deepEqual(looked(), []);
		assert.ok(tracesBelow(directory, [bob.phone]).length > 0, "a number that is kept would have been found");
		await world.start();
	}
	await rm(directory, { recursive: true });
});
