/** Alice with a phone and a laptop, and Bob: linking, what follows between devices, removal, and who is not let in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { Companion } from "./_companion.ts";
import { startWorld, until } from "./_people.ts";

test("alice links her laptop: it comes in to every chat, and both devices say the same", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const group = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	await alice.say(chat, "from the phone");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);

	const laptop = await Companion.link(alice, "Laptop");
	assert.equal((await laptop.device.self()).account, alice.account);
	assert.equal((await laptop.device.self()).name, "Alice");
	for (const id of [chat, group])
		await until(
			"the laptop is in",
			async () => (await laptop.device.conversation(id))?.members.length === (id === chat ? 2 : 3),
		);
	assert.equal((await laptop.device.conversation(group))?.title, "Walks");
	assert.equal((await laptop.device.conversation(chat))?.title, "Bob");

	await bob.say(chat, "to both");
	await until("the laptop has it", async () => (await laptop.texts(chat)).includes("Bob: to both"));
	await laptop.say(chat, "from the laptop");
	await laptop.say(group, "everybody?");
	await until("bob reads the laptop", async () => (await bob.texts(chat)).includes("Alice: from the laptop"));
	await until("carla reads the laptop", async () => (await carla.texts(group)).includes("Alice: everybody?"));
	await until("the phone has all of it", async () => (await alice.texts(chat)).includes("Alice: from the laptop"));
	assert.deepEqual(await alice.texts(chat), ["Alice: from the phone", "Bob: to both", "Alice: from the laptop"]);
	const all = ["Alice: from the phone", "Bob: to both", "Alice: from the laptop"];
	await until("the laptop has what was before it", async () => (await laptop.texts(chat)).length === all.length);
	assert.deepEqual(await laptop.texts(chat), all);
	assert.equal((await alice.device.conversation(chat))?.unread, 1, "only what bob wrote");
	for (const person of [alice, bob, carla, laptop])
		assert.deepEqual(
			(await person.rows(chat)).filter(
				({ body }) => body.kind === "gap" || body.kind === "unreadable" || body.kind === "forked",
			),
			[],
			person.name,
		);
	const devices = await alice.device.devices();
	assert.deepEqual(
		devices.map(({ own, name }) => [own, name]),
		[
			[true, "troth on Linux"],
			[false, "Laptop"],
		],
	);
	assert.deepEqual(
		(await alice.device.safetyNumber(bob.account)).digits,
		(await bob.device.safetyNumber(alice.account)).digits,
	);
	assert.deepEqual(
		(await laptop.device.safetyNumber(bob.account)).digits,
		(await bob.device.safetyNumber(alice.account)).digits,
	);
});

test("a code is good once, for ten minutes, and nothing is told before alice confirms", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const laptop = await Companion.begin(alice, "Laptop");
	await assert.rejects(alice.device.openLink("nonsense"), (error) => isRefusal(error, "MALFORMED"));
	const { link, name, kind } = await alice.device.openLink(laptop.invitation.code.toLowerCase().replaceAll("-", " "));
	assert.deepEqual([name, kind], ["Laptop", "computer"]);
	await alice.device.refuseLink(link);
	await assert.rejects(laptop.finish(), (error) => isRefusal(error, "FORBIDDEN"));
	await assert.rejects(alice.device.openLink(laptop.invitation.address), (error) => isRefusal(error, "NOT_FOUND"));

	const late = await Companion.begin(alice, "Late");
	const waits = late.finish();
	world.clock.advance(10 * 60 * 1000);
	await assert.rejects(waits, (error) => isRefusal(error, "NOT_FOUND"));
	await assert.rejects(alice.device.openLink(late.invitation.address), (error) => isRefusal(error, "NOT_FOUND"));
	assert.equal((await alice.device.devices()).length, 1);
});

test("what alice decides on one device holds on the other: name, settings, who is blocked, what was read, a verified key", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await until("bob is in", () => bob.device.conversation(chat));
	await bob.say(chat, "one");
	await alice.device.confirmSafetyNumber(bob.account, true);
	const laptop = await Companion.link(alice, "Laptop");
	assert.equal((await laptop.device.safetyNumber(bob.account)).verified, true, "it begins with the same trust");
	await until("the laptop is in", async () => (await laptop.device.conversation(chat))?.members.length === 2);

	await laptop.device.rename("Alice B.");
	await laptop.device.changeSettings({ readReceipts: false });
	await until("the phone has the name", async () => (await alice.device.self()).name === "Alice B.");
	assert.equal((await alice.device.settings()).readReceipts, false);
	await alice.device.changeSettings({ readReceipts: true });
	await until("the laptop follows", async () => (await laptop.device.settings()).readReceipts);

	await alice.device.find(carla.phone);
	await alice.device.block(carla.account);
	await until("the laptop knows", async () =>
		(await laptop.device.blocked()).some((one) => one.account === carla.account),
	);
	await laptop.device.unblock(carla.account);
	await until("the phone knows", async () => (await alice.device.blocked()).length === 0);
	await laptop.device.confirmSafetyNumber(bob.account, false);
	await until("not verified any more", async () => !(await alice.device.safetyNumber(bob.account)).verified);

	// Read on one, with receipts and without.
	const unread = async (device: typeof laptop) => (await device.device.conversation(chat))?.unread;
	const read = async (device: typeof laptop) => {
		const seq = (await device.rows(chat)).findLast(({ body }) => body.kind === "text")?.seq ?? 0;
		await device.device.markRead(chat, seq);
	};
	await bob.say(chat, "two");
	await until("both have it", async () => (await unread(laptop)) === 1 && (await unread(alice)) === 2);
	await read(laptop);
	await until("the phone has nothing new", async () => (await unread(alice)) === 0);
	await laptop.device.changeSettings({ readReceipts: false });
	await until("nobody is told", async () => !(await alice.device.settings()).readReceipts);
	await bob.say(chat, "three");
	await until("both have it", async () => (await unread(laptop)) === 1 && (await unread(alice)) === 1);
	await read(alice);
	await until("the laptop has nothing new", async () => (await unread(laptop)) === 0);
	const rows = await bob.rows(chat);
	const deliveryOf = (text: string) => rows.find(({ body }) => body.kind === "text" && body.text === text)?.delivery;
	assert.deepEqual(deliveryOf("two"), { state: "read" });
	assert.deepEqual(deliveryOf("three"), { state: "delivered" });
});

test("a new conversation of either device has both in it, and both can go on in it", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const laptop = await Companion.link(alice, "Laptop");
	const chat = await laptop.device.openDirect((await laptop.device.find(bob.phone)).account);
	await laptop.say(chat, "from the laptop");
	await until("the phone is in", async () => (await alice.texts(chat)).includes("Alice: from the laptop"));
	assert.equal(await alice.device.openDirect(bob.account), chat);
	await alice.say(chat, "from the phone");
	await bob.say(chat, "hello both");
	await until("the laptop has all", async () => (await laptop.texts(chat)).length === 3);
	const group = await bob.device.createGroup("Walks", [alice.account]);
	await bob.say(group, "who comes?");
	for (const device of [alice, laptop])
		await until(`${device.name} reads it`, async () => (await device.texts(group)).includes("Bob: who comes?"));
	const members = (await bob.device.conversation(group))?.members ?? [];
	assert.deepEqual(members.map(({ devices }) => devices.length).sort(), [1, 2]);
});

test("alice removes her laptop: it is out at once and everywhere, keeps what it had, and says what happened", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const laptop = await Companion.link(alice, "Laptop");
	const tablet = await Companion.link(alice, "Tablet");
	for (const device of [laptop, tablet])
		await until("it is in", async () => (await device.device.conversation(chat))?.members.length === 2);
	const linked = await until("the laptop is told of the tablet", async () => (await laptop.device.deviceNotices())[0]);
	assert.deepEqual([linked.kind, linked.name], ["linked", "Tablet"]);
	assert.deepEqual(await alice.device.deviceNotices(), [], "she did it herself here");
	await bob.say(chat, "before");
	await until("the laptop has it", async () => (await laptop.texts(chat)).length === 1);

	const gone = (await tablet.device.devices()).find(({ name }) => name === "Laptop");
	await tablet.device.removeDevice(gone?.device ?? ("" as never));
	await until("the laptop is out", async () => (await laptop.device.connection()).state === "removed");
	await until("its leaf is gone", async () =>
		(await bob.device.conversation(chat))?.members.every(({ devices }) => devices.length < 3),
	);
	await bob.say(chat, "after");
	await until("the phone reads on", async () => (await alice.texts(chat)).includes("Bob: after"));
	await until("the tablet reads on", async () => (await tablet.texts(chat)).includes("Bob: after"));
	assert.deepEqual(await laptop.texts(chat), ["Bob: before"]);
	await assert.rejects(laptop.device.send(chat, "I am still here"), (error) => isRefusal(error, "DEVICE_REMOVED"));
	await laptop.close();
	await laptop.open();
	assert.deepEqual(await laptop.texts(chat), ["Bob: before"], "what it had stays readable");
	assert.equal((await laptop.device.connection()).state, "removed");
	await assert.rejects(tablet.device.forgetHere(), (error) => isRefusal(error, "FORBIDDEN"));
	await laptop.device.forgetHere();
	assert.equal(laptop.data.size, 0, "until its person wants it gone");

	const notices = await until("the phone is told", async () => {
		const all = await alice.device.deviceNotices();
		return all.some(({ kind }) => kind === "removed") && all;
	});
	assert.deepEqual(
		notices.map(({ kind, name }) => [kind, name]),
		[["removed", "Laptop"]],
	);
	await alice.device.dismissDeviceNotices();
	assert.deepEqual(await alice.device.deviceNotices(), []);
	const own = (await tablet.device.self()).device;
	await tablet.device.removeDevice(own);
	await until("the tablet took itself off", async () => (await tablet.device.connection()).state === "removed");
	await assert.rejects(alice.device.removeDevice((await alice.device.self()).device), (error) =>
		isRefusal(error, "FORBIDDEN"),
	);
	await alice.say(chat, "alone again");
	await until("bob reads it", async () => (await bob.texts(chat)).includes("Alice: alone again"));
});

test("what concerns the whole account holds on all its devices: terms, number, and its end", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice", { acceptTerms: false });
	const laptop = await Companion.link(alice, "Laptop");
	const { version } = await laptop.device.terms();
	await laptop.device.acceptTerms(version);
	assert.equal((await alice.device.terms()).acceptedVersion, version);
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "accepted there, good here");

	const next = "+15550100990";
	const { attempt } = await laptop.device.requestNumberCode(next);
	await laptop.device.verifyNumberCode(attempt, world.code(next));
	await laptop.device.changeNumber(attempt, "buttons");
	await until("the phone has the number", async () => (await alice.device.self()).phone === next);

	await alice.device.deleteAccount();
	await until("the laptop is out", async () => (await laptop.device.connection()).state === "removed");
});

test("a laptop that is not used for 30 days is unlinked: the phone was warned, takes it off, and it stays readable", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const laptop = await Companion.link(alice, "Laptop");
	await until("it is in", async () => (await laptop.device.conversation(chat))?.members.length === 2);
	await bob.say(chat, "still there?");
	await until("the laptop has it", async () => (await laptop.texts(chat)).length === 1);
	await laptop.close();
	await until("it is away", async () => (await alice.device.devices())[1]?.attached === false);
	const day = 24 * 3600 * 1000;
	const kinds = async () => (await alice.device.deviceNotices()).map(({ kind, name }) => `${kind} ${name}`);
	await alice.close();
	world.clock.advance(21 * day);
	await alice.comeBack();
	world.clock.advance(day / 24);
	await until("the phone is warned", async () => (await kinds()).includes("idle Laptop"));
	const [, warned] = await alice.device.devices();
	assert.ok(warned?.unlinksAtMs !== undefined);
	await alice.close();
	world.clock.advance(10 * day);
	await alice.comeBack();
	world.clock.advance(day / 24);
	await until("it was unlinked", async () => (await kinds()).includes("unlinked Laptop"));
	await until("and is off the list", async () => (await alice.device.devices()).length === 1);
	await laptop.open();
	await until("it says so", async () => (await laptop.device.connection()).state === "unlinked");
	assert.deepEqual(await laptop.texts(chat), ["Bob: still there?"]);
	await assert.rejects(laptop.device.send(chat, "yes"), (error) => isRefusal(error, "DEVICE_UNLINKED"));
});
