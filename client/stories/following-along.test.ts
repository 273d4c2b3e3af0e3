/** What a linked device has of the time between its linking and its coming in, and what follows it from the other devices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Companion } from "./_companion.ts";
import { Middleman } from "./_lying.ts";
import { startWorld, until } from "./_people.ts";

test("bob writes while alice's laptop is linked and not in the chat yet: it has that, too, and counts it as new", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "before");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	man.cut.add("CommitToConversation");
	const laptop = await Companion.link(alice, "Laptop", { ports: man.between });
	await until("it has the archive", async () => (await laptop.texts(chat)).length === 1);

	const long = "x".repeat(30_000);
	await bob.say(chat, "in between");
	for (const n of [1, 2, 3, 4]) await bob.say(chat, `${n} ${long}`);
	await alice.say(chat, "from the phone");
	await bob.say(chat, "y".repeat(63_500));
	await until("the phone has it", async () => (await alice.texts(chat)).length === 8);
	man.cut.clear();
	man.disconnect();
	await until("the laptop is in", async () => (await laptop.device.conversation(chat))?.members.length === 2);
	await bob.say(chat, "after");

	const texts = async () => (await laptop.texts(chat)).map((text) => text.slice(0, 16).trim());
	await until("it has everything", async () => (await texts()).length === 8);
	assert.deepEqual(
		(await texts()).map((text) => text.replace(/ x+$/, "")),
		["Alice: before", "Bob: in between", "Bob: 1", "Bob: 2", "Bob: 3", "Bob: 4", "Alice: from the p", "Bob: after"].map(
			(text) => text.slice(0, 16).trim(),
		),
	);
	// One was too long to be sent along: there is a gap where it stood.
	assert.deepEqual(
		(await laptop.rows(chat)).flatMap(({ body }) => (body.kind === "gap" ? [body] : [])),
		[{ kind: "gap", reason: "missing", count: 1 }],
	);
	assert.equal((await laptop.device.conversation(chat))?.unread, 6);
	// And none of it twice, however often it is told.
	await alice.close();
	await alice.comeBack();
	await bob.say(chat, "again");
	await until("it goes on", async () => (await texts()).includes("Bob: again"));
	assert.equal((await texts()).length, 9);
});

test("alice's address book changes on one device, and the other follows: new numbers, new names, who is here, and its end", async () => {
	await using world = await startWorld();
	const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
	const laptop = await Companion.link(alice, "Laptop");
	const book = async (of: typeof alice) =>
		(await of.device.addressBook()).map(({ name, phone, person }) => `${name} ${phone} ${person?.account ?? "-"}`);
	const follows = async (wanted: readonly string[]) => {
		await until("the other one follows", async () => (await book(laptop)).join() === wanted.join());
		assert.deepEqual(await book(alice), wanted);
	};
	await alice.device.importContacts(
		[
			{ name: "Bobby", numbers: [bob.phone] },
			{ name: "Dentist", numbers: ["+15550109999"] },
		],
		true,
	);
	await follows([`Bobby ${bob.phone} -`, "Dentist +15550109999 -"]);
	await alice.device.checkContacts();
	await follows([`Bobby ${bob.phone} ${bob.account}`, "Dentist +15550109999 -"]);
	await laptop.device.importContacts([{ name: "Dr. Doe", numbers: ["+15550109999"] }], true);
	await until("and the other way", async () => (await book(alice)).includes("Dr. Doe +15550109999 -"));
	await follows([`Bobby ${bob.phone} ${bob.account}`, "Dr. Doe +15550109999 -"]);
	await alice.device.forgetContacts();
	await follows([]);
});

test("alice's phone is off when her laptop comes in: it says what it may lack until the phone is back, and only there", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const [alice, bob, carla] = [await world.person("Alice"), await world.person("Bob"), await world.person("Carla")];
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const quiet = await alice.device.openDirect((await alice.device.find(carla.phone)).account);
	await bob.say(chat, "before");
	await alice.say(quiet, "before");
	await until("alice has it", async () => (await alice.texts(chat)).length === 1);
	man.cut.add("CommitToConversation");
	const laptop = await Companion.link(alice, "Laptop", { ports: man.between });
	await until("it has the archive", async () => {
		const rows = [await laptop.texts(chat), await laptop.texts(quiet)];
		return rows.every(({ length }) => length === 1) && !laptop.data.has("history-to-take");
	});
	await alice.close();
	await bob.say(chat, "in between");
	man.cut.clear();
	man.disconnect();
	for (const id of [chat, quiet])
		await until("the laptop is in", async () => (await laptop.device.conversation(id))?.members.length === 2);
	await bob.say(chat, "after");
	await until("it reads on", async () => (await laptop.texts(chat)).includes("Bob: after"));
	const shown = async (id: typeof chat) =>
		(await laptop.rows(id)).flatMap(({ body }) =>
			body.kind === "text" ? [body.text] : body.kind === "gap" ? [`${body.reason} ${body.count > 0}`] : [],
		);
	// The others get a minute to tell it.
	assert.deepEqual(await shown(chat), ["before", "after"]);
	world.clock.advance(61_000);
	await until("it says so", async () => (await shown(chat)).includes("before true"));
	assert.deepEqual(await shown(chat), ["before", "before true", "after"]);
	assert.deepEqual(await shown(quiet), ["before"]);
	await laptop.close();
	await laptop.comeBack();
	assert.deepEqual(await shown(chat), ["before", "before true", "after"]);

	laptop.events.length = 0;
	await alice.comeBack();
	await until("the phone told it", async () => (await shown(chat)).includes("in between"));
	await until("the line is gone", async () => !(await shown(chat)).includes("before true"));
	assert.deepEqual(await shown(chat), ["before", "in between", "after"]);
	const closed = laptop.events.filter(
		(event) => event.type === "message" && event.message.body.kind === "gap" && event.message.body.count === 0,
	);
	assert.equal(closed.length, 1, "and apps hear of it");
});
