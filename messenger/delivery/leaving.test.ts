import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { type DeviceId, EntryKind, ErrorCode, readId, TermsNoticePayloadSchema } from "@troth/protocol";
import { sealedMessage, TestWorld } from "./_world.ts";

test("a device that left its account gets nothing later, and its leaf has to be removed before anyone writes on", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const laptop = await world.linkDevice(bob);
	const chat = await world.conversation("direct", alice, bob);
	const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
	alicePhone.send(chat, 1, sealedMessage(chat, 1));
	await bobPhone.entriesOf(chat, 1);

	await world.delivery.dropDevices(bob.account, [laptop.device]);
	alicePhone.send(chat, 2, sealedMessage(chat, 2));
	const { error } = await alicePhone.next("sendRefused");
	assert.equal(error?.code, ErrorCode.COMMIT_REQUIRED);
	assert.deepEqual(
		error?.removeDevices.map((bytes) => readId<DeviceId>(bytes)),
		[laptop.device],
	);

	// It was away: what came before it left is still its own.
	const before = await world.attach(laptop);
	await before.next("queueEmpty");
	assert.deepEqual(
		before.entries.map(({ seq }) => seq),
		[1],
	);
	before.send(chat, 1, sealedMessage(chat, 1));
	assert.equal((await before.next("sendRefused")).error?.code, ErrorCode.NOT_A_MEMBER);
	await before.end();

	await world.logs.write([{ kind: "pending-removals", log: chat, devices: [] }]);
	await world.restart();
	const again = await world.attach(alice);
	again.send(chat, 2, sealedMessage(chat, 2));
	await again.next("sendOk");
	const after = await world.attach(laptop);
	await after.next("queueEmpty");
	await after.flush();
	assert.deepEqual(after.entries, []);
});

test("a device that was away when it was removed gets what was stored before, and nothing later", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const laptop = await world.linkDevice(bob);
	const chat = await world.conversation("direct", alice, bob);
	const alicePhone = await world.attach(alice);
	const stored = async (...numbers: number[]) => {
		for (const number of numbers) {
			alicePhone.send(chat, number, sealedMessage(chat, number));
			await alicePhone.next("sendOk");
		}
	};
	await stored(1, 2, 3);
	await world.delivery.dropDevices(bob.account, [laptop.device]);
	const owner = world.delivery.exchange.owners.peek(chat);
	await owner?.exclusively(async () => {
		// As the commit of the removal does.
		await world.logs.write([{ kind: "pending-removals", log: chat, devices: [] }]);
		if (owner.group !== undefined) owner.group = { ...owner.group, pendingRemovals: [] };
	});
	await stored(4, 5);
	const client = await world.attach(laptop);
	await client.next("queueEmpty");
	await stored(6);
	await client.flush();
	assert.deepEqual(
		client.entries.map(({ seq }) => seq),
		[1, 2, 3],
	);
});

test("dropping a device twice changes nothing more", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("group", alice, bob);
	for (let i = 0; i < 2; i++) await world.delivery.dropDevices(bob.account, [bob.phone.device]);
	assert.deepEqual((await world.logs.load(chat))?.group?.pendingRemovals, [bob.phone.device]);
});

test("a group whose last admin goes gets a new one", async () => {
	await using world = await TestWorld.open();
	const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
	const chat = await world.conversation("group", alice, bob, carla);
	await world.delivery.dropDevices(alice.account, [alice.phone.device]);
	const roles = (await world.logs.load(chat))?.subscriptions
		.filter(({ until }) => until === undefined)
		.map(({ device, role }) => [device, role]);
	assert.deepEqual(
		new Map(roles as [string, string][]),
		new Map([
			[bob.phone.device, "admin"],
			[carla.phone.device, "member"],
		]),
	);
});

test("the server's notices reach devices that are there and those that come later", async () => {
	await using world = await TestWorld.open({ store: "sqlite" });
	const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
	await world.conversation("group", alice, bob);
	await world.conversation("direct", alice, carla);
	const contacts = await world.delivery.contactsOf(alice.account);
	assert.deepEqual(new Set(contacts.keys()), new Set([alice.account, bob.account, carla.account]));
	const payload = toBinary(TermsNoticePayloadSchema, create(TermsNoticePayloadSchema, { version: 2 }));
	const bobPhone = await world.attach(bob);
	const devices = [...contacts.values()].flatMap((set) => [...set]);
	await Promise.all([1, 2].map(() => world.delivery.notifyDevices(devices, EntryKind.TERMS_NOTICE, payload)));
	for (const phone of [bobPhone, await world.attach(carla)]) {
		const [first, second] = await phone.entriesOf(phone === bobPhone ? bob.phone.device : carla.phone.device, 2);
		assert.deepEqual([first?.seq, second?.seq, first?.kind], [1, 2, EntryKind.TERMS_NOTICE]);
		assert.deepEqual(first?.payload, payload);
		assert.equal(first?.senderDevice.length, 0);
	}
});
