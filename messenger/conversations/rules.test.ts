import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "@troth/protocol";
import { TestWorld } from "../delivery/_world.ts";
import { bundleOf, engine, MlsDevice, mlsDeviceOf, mlsPerson, randomChat, refused, scene } from "./_members.ts";

test("a first commit that is not one is refused", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const carla = await mlsPerson(world, "carla");
	const chat = randomChat();
	const made = await alice.makeFirst(chat, [bob]);
	const second = await engine.commit(
		made.next,
		{ add: [], remove: [], authenticatedData: new Uint8Array([8, 1]) },
		async () => true,
	);
	await refused("COMMIT_INVALID", alice.sendFirst(chat, "group", bundleOf(second, 1)), /epoch 0/);
	await refused("COMMIT_INVALID", alice.sendFirst(randomChat(), "group", bundleOf(made, 1)), /another group/);
	await refused("FORBIDDEN", alice.sendFirst(chat, "direct", bundleOf(made, 1), carla.person));
	const alone = await alice.makeFirst(randomChat(), []);
	const lonely = alice.sendFirst(engine.id(alone.next), "direct", bundleOf(alone, 1), carla.person);
	await refused("COMMIT_INVALID", lonely, /other account is not in the group/);
	await refused("COMMIT_INVALID", carla.sendFirst(chat, "group", bundleOf(made, 1)), /not the caller's/);
	await refused("MALFORMED", alice.sendFirst(chat, "direct", bundleOf(made, 1), alice.person));
	world.directory.suspended.add(alice.person.account);
	await refused("SUSPENDED", alice.sendFirst(chat, "group", bundleOf(made, 1)));
	world.directory.suspended.clear();
	assert.equal((await alice.sendFirst(chat, "group", bundleOf(made, 1))).seq, 1);
});

test("a ghost device, a stranger's key and an expired key package are refused", async () => {
	await using world = await TestWorld.open();
	const { alice, carla, chat } = await scene(world);
	const ghost = new MlsDevice(world);
	ghost.person = carla.person;
	await refused(
		"COMMIT_INVALID",
		alice.send(chat, bundleOf(await alice.make(chat, { add: [ghost] }), 2)),
		/does not list/,
	);

	const impostor = new MlsDevice(world);
	Object.assign(impostor, { person: carla.person, device: carla.device });
	await refused(
		"COMMIT_INVALID",
		alice.send(chat, bundleOf(await alice.make(chat, { add: [impostor] }), 2)),
		/another signature key/,
	);

	const old = await carla.newKeyPackage(world.clock.now() - 40 * 24 * 3600 * 1000);
	const change = { add: [old.message], remove: [], authenticatedData: new Uint8Array([8, 2]) };
	const late = await engine.commit(alice.group(chat), change, async () => true);
	await refused("COMMIT_INVALID", alice.send(chat, bundleOf(late, 2)), /lifetime is over/);

	world.directory.removed.add(alice.device);
	await refused("COMMIT_INVALID", alice.send(chat, bundleOf(await alice.make(chat), 2)), /does not list/);
	world.directory.removed.clear();

	const nobody = new MlsDevice(world);
	nobody.person = { name: "nobody", account: "99".repeat(16) as never, phone: nobody, devices: [] };
	await refused("NOT_FOUND", alice.send(chat, bundleOf(await alice.make(chat, { add: [nobody] }), 2)));
});

test("only admins add and remove others, and a person is removed as a whole", async () => {
	await using world = await TestWorld.open();
	const { alice, bob, carla, chat, made } = await scene(world);
	await alice.send(chat, bundleOf(made, 2));
	alice.adopt(chat, made);
	const [bobPhone, carlaPhone] = [await world.attach(bob), await world.attach(carla)];
	for (const [device, client] of [
		[bob, bobPhone],
		[carla, carlaPhone],
	] as const) {
		const [welcome] = await client.entriesOf(device.device, 1);
		await device.join(welcome ?? assert.fail("no Welcome"));
	}
	const [added] = await bobPhone.entriesOf(chat, 1);
	await bob.apply(chat, added ?? assert.fail("no commit"));
	const dan = await mlsPerson(world, "dan");
	await refused("FORBIDDEN", bob.send(chat, bundleOf(await bob.make(chat, { add: [dan] }), 1)));
	await refused("FORBIDDEN", bob.send(chat, bundleOf(await bob.make(chat, { remove: [carla] }), 1)));
	await refused("COMMIT_INVALID", carla.send(chat, bundleOf(await bob.make(chat), 1)), /another leaf/);

	const laptop = await mlsDeviceOf(world, carla.person);
	await laptop.joinByItself(chat);
	const [, joined] = await bobPhone.entriesOf(chat, 2);
	for (const device of [alice, bob]) await device.apply(chat, joined ?? assert.fail("no commit"));
	await refused(
		"FORBIDDEN",
		alice.send(chat, bundleOf(await alice.make(chat, { remove: [carla] }), 3)),
		/all their devices/,
	);
	// Carla takes it off her list: whoever knows that removes it, admin or not.
	await refused("FORBIDDEN", bob.send(chat, bundleOf(await bob.make(chat, { remove: [laptop] }), 1)));
	world.directory.removed.add(laptop.device);
	await bob.commit(chat, { remove: [laptop] });
	const [, , without] = await bobPhone.entriesOf(chat, 3);
	await alice.apply(chat, without ?? assert.fail("no commit"));
	await alice.commit(chat, { remove: [carla] });
	const record = await world.logs.load(chat);
	assert.deepEqual(
		new Set(record?.subscriptions.filter(({ until }) => until === undefined).map(({ device }) => device)),
		new Set([alice.device, bob.device]),
	);
});

test("a direct conversation stays between two accounts", async () => {
	await using world = await TestWorld.open();
	const [alice, bob, carla] = [
		await mlsPerson(world, "alice"),
		await mlsPerson(world, "bob"),
		await mlsPerson(world, "carla"),
	];
	const chat = randomChat();
	const three = await alice.makeFirst(chat, [bob, carla]);
	await refused("FORBIDDEN", alice.sendFirst(chat, "direct", bundleOf(three, 1), bob.person));
	await alice.create(chat, "direct", [bob]);
	await refused("FORBIDDEN", alice.send(chat, bundleOf(await alice.make(chat, { add: [carla] }), 2)));
	await refused("FORBIDDEN", alice.send(chat, bundleOf(await alice.make(chat, { remove: [bob] }), 2)));
	// A second device of one of the two is no third person.
	await alice.commit(chat, { add: [await mlsDeviceOf(world, bob.person)] });
});

test("who was blocked neither starts a chat nor adds to a group", async () => {
	await using world = await TestWorld.open();
	const { alice, carla, chat, made } = await scene(world);
	world.directory.blocks.set(carla.person.account, new Set([alice.person.account]));
	await refused("BLOCKED", alice.create(randomChat(), "direct", [carla]));
	await refused("BLOCKED", alice.send(chat, bundleOf(made, 2)));
	world.directory.blocks.clear();
	await alice.send(chat, bundleOf(made, 2));
});

test("a group takes 32 devices and no more", async () => {
	await using world = await TestWorld.open();
	const alice = await mlsPerson(world, "alice");
	const others = [];
	for (let i = 1; i <= LIMITS.groupLeaves; i++) others.push(await mlsPerson(world, `member ${i}`));
	const chat = randomChat();
	const full = await alice.makeFirst(chat, others);
	await refused("GROUP_FULL", alice.sendFirst(chat, "group", bundleOf(full, 1)));
	const { made } = await alice.create(chat, "group", others.slice(1));
	// Too large for an entry: commit and Welcome are blobs, and a member joins from them.
	assert.ok((made.welcome?.length ?? 0) > LIMITS.inlineBytes);
	const last = others.at(-1) ?? assert.fail("nobody");
	const client = await world.attach(last);
	const [welcome] = await client.entriesOf(last.device, 1);
	assert.equal(await last.join(welcome ?? assert.fail("no Welcome")), chat);
	assert.equal(engine.members(last.group(chat)).length, LIMITS.groupLeaves);
});
