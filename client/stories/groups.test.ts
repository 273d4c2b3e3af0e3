/** Groups: made, named, joined, left; who is out can not read on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Frame, isRefusal } from "@troth/protocol";
import type { MessageView } from "../device/api.ts";
import { Middleman } from "./_lying.ts";
import { type Person, type PersonOptions, startWorld, type TestWorld, until } from "./_people.ts";

async function threeInAGroup(world: TestWorld, carlas: PersonOptions = {}) {
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla", carlas);
	const group = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	for (const person of [bob, carla])
		await until(`${person.name} knows the group`, async () => (await titleOf(person, group)) === "Walks");
	return { alice, bob, carla, group };
}

type Group = Parameters<Person["say"]>[0];
const titleOf = async (person: Person, group: Group) => (await person.device.conversation(group))?.title;
const notices = (rows: readonly MessageView[]) =>
	rows.flatMap(({ body }) => {
		if (body.kind === "text") return [];
		const who = "who" in body ? body.who.map(({ name, self }) => (self ? "I" : name)).join(",") : "";
		return [`${body.kind} ${who}`.trim()];
	});

test("three people in a group read each other, and know each other's names", async () => {
	await using world = await startWorld();
	const { alice, bob, carla, group } = await threeInAGroup(world);
	await alice.say(group, "Sunday?");
	await bob.say(group, "Yes");
	await carla.say(group, "No");
	const all = ["Alice: Sunday?", "Bob: Yes", "Carla: No"];
	for (const person of [alice, bob, carla]) {
		await until(`${person.name} has all`, async () => (await person.texts(group)).length === 3);
		assert.deepEqual((await person.texts(group)).toSorted(), all.toSorted());
	}
	const view = await carla.device.conversation(group);
	assert.deepEqual(view?.members.map(({ name }) => name).toSorted(), ["Alice", "Bob", "Carla"]);
	await until("roles are known", async () =>
		(await carla.device.conversation(group))?.members.some(({ name, role }) => name === "Alice" && role === "admin"),
	);
	assert.deepEqual(notices(await alice.rows(group)), ["created"]);
	assert.deepEqual(notices(await bob.rows(group)), ["added I"]);
});

test("a member who was removed can not read on", async () => {
	await using world = await startWorld();
	const { alice, bob, carla, group } = await threeInAGroup(world);
	await alice.device.removeMembers(group, [carla.account]);
	await alice.say(group, "Carla is gone.");
	await until("bob reads it", async () => (await bob.texts(group)).length === 1);
	await until("carla knows", async () => (await carla.device.conversation(group))?.ended === true);
	assert.deepEqual(notices(await carla.rows(group)), ["added I", "removed I"]);
	assert.deepEqual(await carla.texts(group), []);
	await assert.rejects(carla.device.send(group, "Hello?"), (error) => isRefusal(error, "NOT_A_MEMBER"));
	await carla.close();
	await carla.comeBack();
	assert.deepEqual(await carla.texts(group), []);
	assert.ok(notices(await bob.rows(group)).some((notice) => notice === "removed Carla"));
});

test("who comes later reads from then on, and learns what the group is called", async () => {
	await using world = await startWorld();
	const { alice, bob, group } = await threeInAGroup(world);
	await alice.say(group, "Before");
	const dan = await world.person("Dan");
	await alice.device.addMembers(group, [(await alice.device.find(dan.phone)).account]);
	await until("dan knows the group", async () => (await titleOf(dan, group)) === "Walks");
	await bob.say(group, "After");
	await until("dan reads it", async () => (await dan.texts(group)).length === 1);
	assert.deepEqual(await dan.texts(group), ["Bob: After"]);
	await until("dan says who he is", async () =>
		(await bob.device.conversation(group))?.members.some(({ name }) => name === "Dan"),
	);
	assert.ok((await dan.rows(group)).every(({ body }) => body.kind !== "unreadable" && body.kind !== "forked"));
});

test("a new name reaches everybody, and nobody hears of a repetition", async () => {
	await using world = await startWorld();
	const { alice, bob, carla, group } = await threeInAGroup(world);
	await bob.device.renameGroup(group, "Long walks");
	for (const person of [alice, bob, carla])
		await until(`${person.name} knows`, async () => (await titleOf(person, group)) === "Long walks");
	const dan = await world.person("Dan");
	await alice.device.addMembers(group, [(await alice.device.find(dan.phone)).account]);
	await until("dan knows", async () => (await titleOf(dan, group)) === "Long walks");
	assert.equal(notices(await carla.rows(group)).filter((notice) => notice.startsWith("renamed")).length, 1);
});

test("a member leaves: the next to write commits it, and all see that they left", async () => {
	await using world = await startWorld();
	const { alice, bob, carla, group } = await threeInAGroup(world);
	await carla.device.leave(group);
	assert.equal((await carla.device.conversation(group))?.ended, true);
	assert.ok(notices(await carla.rows(group)).includes("left I"));
	await bob.say(group, "Is Carla gone?");
	await until("alice reads it", async () => (await alice.texts(group)).length === 1);
	for (const person of [alice, bob]) {
		assert.ok(notices(await person.rows(group)).some((notice) => notice.startsWith("left")));
		const accounts = (await person.device.conversation(group))?.members.map(({ account }) => account);
		assert.ok(!accounts?.includes(carla.account));
	}
	assert.deepEqual(await carla.texts(group), []);
});

test("added while away, with more messages than one window holds: all of them are there", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	await bob.close();
	// Which log comes first is a matter of their ids: several groups make sure that it does not matter.
	const { account } = await alice.device.find(bob.phone);
	const groups = [await alice.device.createGroup("One", [account]), await alice.device.createGroup("Two", [account])];
	for (const group of groups) {
		const sent = [];
		for (let i = 0; i < 150; i++) sent.push(await alice.device.send(group, `${i}`));
		await Promise.all(sent.map(({ id }) => id && alice.device.stored(group, id)));
	}
	await bob.comeBack();
	for (const group of groups) {
		const texts = await bob.texts(group);
		assert.deepEqual(
			texts,
			Array.from({ length: 150 }, (_, i) => `Alice: ${i}`),
		);
	}
});

test("only admins add and remove", async () => {
	await using world = await startWorld();
	const { alice, bob, carla, group } = await threeInAGroup(world);
	await assert.rejects(bob.device.removeMembers(group, [carla.account]), (error) => isRefusal(error, "FORBIDDEN"));
	await bob.say(group, "I tried.");
	await until("alice reads it", async () => (await alice.texts(group)).length === 1);
	await until("carla reads it", async () => (await carla.texts(group)).length === 1);
});

test("who was removed can come back, and keeps what was read before", async () => {
	await using world = await startWorld();
	const { alice, bob, carla, group } = await threeInAGroup(world);
	await alice.say(group, "Before");
	await until("carla has it", async () => (await carla.texts(group)).length === 1);
	await alice.device.removeMembers(group, [carla.account]);
	await until("carla is out", async () => (await carla.device.conversation(group))?.ended === true);
	await alice.say(group, "Without Carla");
	await carla.close();
	await alice.device.addMembers(group, [carla.account]);
	await bob.say(group, "Welcome back");
	await carla.comeBack();
	await until("carla reads again", async () => (await carla.texts(group)).includes("Bob: Welcome back"));
	assert.deepEqual(await carla.texts(group), ["Alice: Before", "Bob: Welcome back"]);
	await carla.say(group, "Hello again");
	await until("alice reads her", async () => (await alice.texts(group)).includes("Carla: Hello again"));
	assert.ok((await carla.rows(group)).every(({ body }) => !["unreadable", "forked", "gap"].includes(body.kind)));
});

test("carla leaves, dies before she hears that it was done, and is taken in again: she reads all that follows", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const { alice, bob, carla, group } = await threeInAGroup(world, { ports: man.between });
	await alice.say(group, "Before");
	await until("carla has it", async () => (await carla.texts(group)).length === 1);
	man.incoming = (frame) => (frame.body.case === "entry" ? [] : [frame]);
	await bob.say(group, "Not fetched");
	man.deaf.add("LeaveConversation");
	await assert.rejects(carla.device.leave(group), (error) => isRefusal(error, "UNAVAILABLE"));
	await carla.crash(man);
	man.deaf.clear();
	await bob.say(group, "Carla is gone");
	await until("she is", async () => (await alice.device.conversation(group))?.members.length === 2);
	await alice.device.addMembers(group, [carla.account]);
	await bob.say(group, "Welcome back");
	man.incoming = (frame) => [frame];
	await carla.comeBack();
	await until("she reads", async () => (await carla.texts(group)).includes("Bob: Welcome back"));
	// What she did not fetch, that she left, and what was said without her; what follows her coming is all there.
	const rows = (await carla.rows(group)).map(({ body }) => (body.kind === "gap" ? `gap ${body.count}` : body.kind));
	assert.deepEqual(rows, ["added", "text", "gap 3", "added", "text"]);
	await carla.say(group, "Hello again");
	await until("alice reads her", async () => (await alice.texts(group)).includes("Carla: Hello again"));
	await carla.close();
	await carla.comeBack();
	assert.equal((await carla.rows(group)).filter(({ body }) => body.kind === "gap").length, 1, "said once");
});

test("carla is taken out and in again in a moment: what was said before it is read with the keys of before", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const asked = Promise.withResolvers<void>();
	const answered = Promise.withResolvers<void>();
	const ports = man.between;
	const slowly: PersonOptions["ports"] = (within) => {
		const { fetch, ...others } = ports(within);
		const slow: typeof fetch = async (input, init) => {
			if (late.length > 0 && `${input}`.endsWith("/GetDeviceLists")) {
				asked.resolve();
				await answered.promise;
			}
			return fetch(input, init);
		};
		return { ...others, fetch: slow };
	};
	const late: Frame[] = [];
	const { alice, bob, carla, group } = await threeInAGroup(world, { ports: slowly });
	const dan = await world.person("Dan");
	man.incoming = (frame) => {
		late.push(frame);
		return [];
	};
	const { account } = await alice.device.find(dan.phone);
	await alice.device.addMembers(group, [account]);
	for (const text of ["One", "Two", "Three"]) await bob.say(group, text);
	await alice.device.removeMembers(group, [carla.account, account]);
	await alice.device.addMembers(group, [carla.account]);
	await bob.say(group, "Welcome back");
	await until("it is on its way", () => late.some(({ body }) => body.case === "entry" && body.value.epoch === 4));
	man.incoming = (frame) => [frame];
	man.inject(late);
	// She does not know Dan, and it takes a while to learn who he is.
	await asked.promise;
	const meanwhile = ["Is Carla here?", "Not yet", "Soon"];
	for (const text of meanwhile) await alice.say(group, text);
	answered.resolve();
	await until("she reads", async () => (await carla.texts(group)).includes("Alice: Soon"));
	const texts = [
		"Bob: One",
		"Bob: Two",
		"Bob: Three",
		"Bob: Welcome back",
		...meanwhile.map((text) => `Alice: ${text}`),
	];
	assert.deepEqual(await carla.texts(group), texts);
	assert.ok((await carla.rows(group)).every(({ body }) => body.kind !== "gap" && body.kind !== "unreadable"));
});

test("two admins' changes at once are both made, one after the other, while everybody writes", async () => {
	await using world = await startWorld();
	const { alice, bob, carla, group } = await threeInAGroup(world);
	const dan = await world.person("Dan");
	const erin = await world.person("Erin");
	const said = (person: Person) =>
		Promise.all(Array.from({ length: 10 }, (_, i) => person.say(group, `${person.name} ${i}`)));
	await Promise.all([
		said(alice),
		said(bob),
		said(carla),
		alice.device.addMembers(group, [(await alice.device.find(dan.phone)).account]),
		alice.device.addMembers(group, [(await alice.device.find(erin.phone)).account]),
		bob.device.renameGroup(group, "Everybody"),
	]);
	await until("five", async () => (await carla.device.conversation(group))?.members.length === 5);
	for (const person of [alice, bob, carla]) {
		await until(`${person.name} has all`, async () => (await person.texts(group)).length === 30);
		const texts = await person.texts(group);
		assert.equal(new Set(texts).size, 30, "each once");
		for (const who of ["Alice", "Bob", "Carla"]) {
			const own = texts.filter((text) => text.startsWith(who));
			assert.deepEqual(own, own.toSorted(), `${who}'s in the order they were written`);
		}
		const rows = await person.rows(group);
		assert.ok(
			rows.every(({ body }) => !["unreadable", "forked", "gap"].includes(body.kind)),
			JSON.stringify(notices(rows)),
		);
	}
	for (const person of [dan, erin])
		await until(`${person.name} is in`, async () => (await person.device.conversation(group))?.title);
	await erin.say(group, "Hello");
	await until("dan reads it", async () => (await dan.texts(group)).includes("Erin: Hello"));
});
