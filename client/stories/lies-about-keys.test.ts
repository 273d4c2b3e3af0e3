/**
 * A server that lies about who has which keys, or shows members different commits. What it says is refused, and where a
 * person has to know, it is shown. Senders, numbers, orders and ghosts are in `lies.test.ts`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	AuthenticatedDataSchema,
	ClaimKeyPackagesResponseSchema,
	CommitPayloadSchema,
	type DeviceId,
	DeviceListSchema,
	EntryKind,
	type Frame,
	FrameSchema,
	fromHex,
	GetDeviceListsResponseSchema,
	idBytes,
	isRefusal,
	type Signed,
	toHex,
} from "@troth/protocol";
import { signDeviceList } from "../identity/device-list.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, until } from "./_people.ts";

const invalid = (error: unknown) => isRefusal(error, "DEVICE_LIST_INVALID");

/** The account's identity keys as they lie in its store. */
function identityOf(person: Person) {
	const { identity } = JSON.parse(new TextDecoder().decode(person.data.get("secrets")));
	return {
		publicKey: fromHex(identity.publicKey) ?? assert.fail(),
		privateKey: fromHex(identity.privateKey) ?? assert.fail(),
	};
}

test("a device that the server adds to bob's signed list makes the list none, and nothing is begun", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const [alice, bob] = [await world.person("Alice", { ports: man.between }), await world.person("Bob")];
	await alice.device.find(bob.phone);
	man.lie("ClaimKeyPackages", ClaimKeyPackagesResponseSchema, ({ deviceLists }) => {
		for (const { deviceList } of deviceLists) {
			if (deviceList === undefined) continue;
			const list = fromBinary(DeviceListSchema, deviceList.statement);
			const [first] = list.devices;
			if (first === undefined) continue;
			list.devices.push({ ...first, deviceId: new Uint8Array(16).fill(7), signatureKey: new Uint8Array(32).fill(7) });
			list.version++;
			deviceList.statement = new Uint8Array(toBinary(DeviceListSchema, list));
		}
	});
	await assert.rejects(alice.device.openDirect(bob.account), invalid);
	assert.deepEqual(await alice.device.conversations(), []);
});

test("a key package with bob's device and another key is not taken", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const [alice, bob] = [await world.person("Alice", { ports: man.between }), await world.person("Bob")];
	await alice.device.find(bob.phone);
	const { engine } = alice.ports();
	const self = { account: bob.account, device: bob.self?.device ?? assert.fail() };
	const impostor = await engine.newKeyPackage(self, await engine.generateSigningKeys(), world.clock.now(), false);
	man.lie("ClaimKeyPackages", ClaimKeyPackagesResponseSchema, ({ keyPackages }) => {
		for (const claimed of keyPackages) claimed.keyPackage = new Uint8Array(impostor.message);
	});
	await assert.rejects(alice.device.openDirect(bob.account), invalid);
	assert.deepEqual(await alice.device.conversations(), []);
});

test("a device that bob removed stays removed, though the server shows his old list and its key package", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const { engine } = alice.ports();
	const identity = identityOf(bob);
	const lost = { account: bob.account, device: "ab".repeat(16) as DeviceId };
	const lostKeys = await engine.generateSigningKeys();
	const own = { device: bob.self?.device ?? assert.fail(), signatureKey: "", addedAtMs: 0 };
	const shown: { list: Signed | undefined } = { list: undefined };
	const show = (answer: { deviceList?: Signed | undefined }) => {
		if (shown.list !== undefined) answer.deviceList = shown.list;
	};
	man.lie("GetDeviceLists", GetDeviceListsResponseSchema, ({ lists }) => lists.forEach(show));
	man.lie("ClaimKeyPackages", ClaimKeyPackagesResponseSchema, ({ deviceLists }) => deviceLists.forEach(show));
	const { account } = await alice.device.find(bob.phone);
	const pinned = JSON.parse(new TextDecoder().decode(alice.data.get(`account/${account}`)));
	const first = { ...own, signatureKey: pinned.devices[0].signatureKey };
	const listOf = (version: number, devices: readonly (typeof own)[]) =>
		signDeviceList(engine, identity, { account, version, issuedAtMs: version, devices });
	// His phone of before: the only one on the older list.
	const withLost = await listOf(pinned.version + 1, [
		{ device: lost.device, signatureKey: toHex(lostKeys.publicKey), addedAtMs: 1 },
	]);
	shown.list = await listOf(pinned.version + 2, [first]);
	const chat = await alice.device.openDirect(account);
	await alice.say(chat, "Only to this one");

	// Rolled back: the list is bob's own, and older than what alice knows.
	shown.list = withLost;
	const revived = await engine.newKeyPackage(lost, lostKeys, world.clock.now(), false);
	const claims = man.answers.get("ClaimKeyPackages");
	man.lie("ClaimKeyPackages", ClaimKeyPackagesResponseSchema, (answer) => {
		answer.deviceLists.forEach(show);
		const [one] = answer.keyPackages;
		if (one !== undefined)
			answer.keyPackages.push({ ...one, deviceId: idBytes(lost.device), keyPackage: new Uint8Array(revived.message) });
	});
	await assert.rejects(alice.device.createGroup("Walks", [account]), invalid);
	assert.ok(claims !== undefined);
	const after = JSON.parse(new TextDecoder().decode(alice.data.get(`account/${account}`)));
	assert.equal(after.version, pinned.version + 2, "the newer list stays");
	assert.equal(after.devices.length, 1);
});

test("carla is shown another commit than the others: she and they find out with the next message", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const [bob, dan] = [await world.person("Bob"), await world.person("Dan")];
	const carla = await world.person("Carla", { ports: man.between });
	const group = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	for (const person of [bob, carla])
		await until(`${person.name} is in`, async () => (await person.device.conversation(group))?.title === "Walks");
	await alice.say(group, "first");
	for (const person of [bob, carla])
		await until(`${person.name} has it`, async () => (await person.texts(group)).length === 1);

	// Bob's own commit for the same epoch, which lost the race: the server keeps it and shows it to carla alone.
	const { engine } = bob.ports();
	const stored = engine.decodeGroup(
		bob.data.get(`group-tree/${group}`) ?? assert.fail(),
		bob.data.get(`group-state/${group}`) ?? assert.fail(),
	);
	const authenticatedData = toBinary(AuthenticatedDataSchema, create(AuthenticatedDataSchema, { clientSeq: 9 }));
	const lost = await engine.commit(stored, { add: [], remove: [], authenticatedData }, async () => true);
	man.incoming = (frame: Frame) => {
		if (frame.body.case !== "entry" || frame.body.value.kind !== EntryKind.COMMIT) return [frame];
		const other = fromBinary(FrameSchema, toBinary(FrameSchema, frame));
		if (other.body.case !== "entry") return [frame];
		const payload = fromBinary(CommitPayloadSchema, other.body.value.payload);
		other.body.value.payload = new Uint8Array(
			toBinary(
				CommitPayloadSchema,
				create(CommitPayloadSchema, {
					commit: { body: { case: "inline", value: new Uint8Array(lost.commit) } },
					...(payload.tree !== undefined && { tree: payload.tree }),
				}),
			),
		);
		return [other];
	};
	await alice.device.addMembers(group, [(await alice.device.find(dan.phone)).account]);
	await until("dan is in", async () => (await dan.device.conversation(group))?.members.length === 4);
	await until("carla follows the other one", async () => (await carla.device.conversation(group))?.epoch === 2);
	assert.equal((await carla.device.conversation(group))?.members.length, 3, "she does not know of dan");

	await bob.say(group, "Welcome, Dan");
	await until("carla knows", async () => (await carla.device.conversation(group))?.forked);
	await carla.say(group, "Who is Dan?");
	for (const person of [alice, bob, dan])
		await until(`${person.name} knows`, async () => (await person.device.conversation(group))?.forked);
});

test("an entry from before comes again, in the same chat and in another one: it is shown in neither", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const [alice, bob] = [await world.person("Alice"), await world.person("Bob", { ports: man.between })];
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const group = await alice.device.createGroup("Walks", [bob.account]);
	await alice.say(chat, "Yes");
	await alice.say(group, "Shall we sell?");
	await until("bob has both", async () => (await bob.texts(chat)).length + (await bob.texts(group)).length === 2);
	const yes = man.received.find(
		({ body }) => body.case === "entry" && body.value.kind === EntryKind.MESSAGE && toHex(body.value.log) === chat,
	);
	assert.ok(yes?.body.case === "entry");
	const old = yes.body.value;
	for (const log of [chat, group]) {
		// Also of what is no row: devices tell each other their people's names.
		const seen = man.received.map(({ body }) =>
			body.case === "entry" && toHex(body.value.log) === log ? body.value.seq : 0,
		);
		const last = Math.max(...seen);
		const again = fromBinary(FrameSchema, toBinary(FrameSchema, yes));
		if (again.body.case !== "entry") continue;
		Object.assign(again.body.value, { log: idBytes(log), seq: last + 1, clientSeq: old.clientSeq + 50 });
		man.inject([again]);
		await until("refused", async () => (await bob.rows(log)).some(({ body }) => body.kind === "unreadable"));
	}
	assert.deepEqual(await bob.texts(chat), ["Alice: Yes"]);
	assert.deepEqual(await bob.texts(group), ["Alice: Shall we sell?"]);
});
