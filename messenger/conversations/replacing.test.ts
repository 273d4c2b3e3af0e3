/** One conversation takes another one's place: the same people, once, and nobody stays behind in the old one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemberRole, toHex } from "@troth/protocol";
import { type StoreKind, TestWorld } from "../delivery/_world.ts";
import { bundleOf, catchUp, engine, mlsPerson, randomChat, refused, welcomed } from "./_members.ts";

for (const store of ["memory", "sqlite"] satisfies StoreKind[]) {
	test(`alice and bob's chat is replaced: what was said is still read, and everything new is said in the new one (${store})`, async () => {
		await using world = await TestWorld.open({ store });
		const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
		const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
		const [old, anew] = [randomChat(), randomChat()];
		await alice.create(old, "direct", [bob]);
		await welcomed(bob, bobPhone);
		await alice.write(alicePhone, old, "before");
		await bob.replace(anew, old, "direct", [alice]);
		assert.deepEqual(await catchUp(bob, bobPhone, old, 2, 2), ["before"]);
		assert.equal(await welcomed(alice, alicePhone), anew);
		await alice.write(alicePhone, anew, "after");
		assert.deepEqual(await catchUp(bob, bobPhone, anew, 2, 2), ["after"]);
		const { message } = await engine.encrypt(alice.group(old), new Uint8Array(1), new Uint8Array());
		alicePhone.send(old, alice.nextNumber(old), message, engine.epoch(alice.group(old)));
		await alicePhone.next("sendRefused");
		await refused("NOT_FOUND", alice.get(old));
		// The pair's conversation is the new one now.
		const another = await alice.makeFirst(randomChat(), [bob]);
		const refusal = await refused(
			"CONVERSATION_EXISTS",
			alice.sendFirst(engine.id(another.next), "direct", bundleOf(another, 1), bob.person),
		);
		assert.equal(refusal.fields.conversation, anew);
		// And can be replaced in its turn.
		const third = randomChat();
		await alice.replace(third, anew, "direct", [bob]);
		assert.equal(toHex((await bob.get(third)).conversation?.conversation ?? new Uint8Array()), third);
	});
}

test("bob, who is no admin, replaces the group; the roles stay, and a second successor is refused", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const people = await Promise.all(["alice", "bob", "carla"].map((name) => mlsPerson(world, name)));
	const [alice, bob, carla] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
	const bobPhone = await world.attach(bob);
	const [old, anew] = [randomChat(), randomChat()];
	await alice.create(old, "group", [bob, carla]);
	await welcomed(bob, bobPhone);
	await bob.replace(anew, old, "group", [alice, carla]);
	const { conversation } = await bob.get(anew);
	const admins = conversation?.members?.filter(({ role }) => role === MemberRole.ADMIN) ?? [];
	assert.deepEqual(
		admins.map(({ accountId }) => toHex(accountId ?? new Uint8Array())),
		[alice.person.account],
	);
	const late = await carla.makeFirst(randomChat(), [alice, bob]);
	const refusal = await refused(
		"CONVERSATION_EXISTS",
		carla.sendFirst(engine.id(late.next), "group", bundleOf(late, 1), undefined, old),
	);
	assert.equal(refusal.fields.conversation, anew);
});

test("nobody is brought in or left out by replacing, and strangers replace nothing", async () => {
	await using world = await TestWorld.open();
	const people = await Promise.all(["alice", "bob", "carla", "dan"].map((name) => mlsPerson(world, name)));
	const [alice, bob, carla, dan] = people as [
		(typeof people)[0],
		(typeof people)[0],
		(typeof people)[0],
		(typeof people)[0],
	];
	const bobPhone = await world.attach(bob);
	const old = randomChat();
	await alice.create(old, "group", [bob, carla]);
	await welcomed(bob, bobPhone);
	await refused("FORBIDDEN", bob.replace(randomChat(), old, "group", [alice, carla, dan]));
	await refused("FORBIDDEN", bob.replace(randomChat(), old, "group", [alice]));
	await refused("FORBIDDEN", bob.replace(randomChat(), old, "direct", [alice]));
	await refused("NOT_A_MEMBER", dan.replace(randomChat(), old, "group", [alice, bob, carla]));
	await refused("NOT_A_MEMBER", dan.replace(randomChat(), randomChat(), "group", [alice]));
	assert.equal(toHex((await bob.get(old)).conversation?.conversation ?? new Uint8Array()), old, "it is as it was");
});
