/** What a lying server can not do: add a device nobody signed, name another sender, renumber, or show two histories. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	ClaimKeyPackagesResponseSchema,
	type DeviceId,
	EntryKind,
	type Frame,
	FrameSchema,
	GetDeviceListsResponseSchema,
	idBytes,
	isRefusal,
	LABELS,
	LookUpNumberResponseSchema,
	ReceiptRegisterSchema,
	toHex,
} from "@troth/protocol";
import type { MessageView } from "../device/api.ts";
import { signDeviceList } from "../identity/device-list.ts";
import { signStatement } from "../identity/signed.ts";
import { sealForEpoch } from "../signals/sealed.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, until } from "./_people.ts";

type Chat = Parameters<Person["say"]>[0];
const codes = (rows: readonly MessageView[]) =>
	rows.flatMap(({ body }) => (body.kind === "unreadable" ? [body.code] : body.kind === "forked" ? ["forked"] : []));

/** Changes the entries of texts in one conversation, leaving everything else. */
function lieAboutTexts(man: Middleman, lie: (frame: Frame) => readonly Frame[]): void {
	man.incoming = (frame) =>
		frame.body.case === "entry" && frame.body.value.kind === EntryKind.MESSAGE ? lie(frame) : [frame];
}

/** The same frame with another body. */
function changed(frame: Frame, change: (entry: Extract<Frame["body"], { case: "entry" }>["value"]) => void): Frame {
	const copy = fromBinary(FrameSchema, toBinary(FrameSchema, frame));
	if (copy.body.case === "entry") change(copy.body.value);
	return copy;
}

async function threeWithALiar() {
	const world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla", { ports: man.between });
	const group: Chat = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	for (const person of [bob, carla])
		await until(`${person.name} is in`, async () => (await person.device.conversation(group))?.title === "Walks");
	await alice.say(group, "first");
	await bob.say(group, "second");
	await until("carla has both", async () => (await carla.texts(group)).length === 2);
	return { world, man, alice, bob, carla, group };
}

test("a device that the account did not sign is not added to a conversation", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const mallory = await world.person("Mallory");
	const { account } = await alice.device.find(bob.phone);
	const ghost = (
		await mallory
			.ports()
			.engine.newKeyPackage(
				{ account: bob.account, device: "ab".repeat(16) as DeviceId },
				await mallory.ports().engine.generateSigningKeys(),
				world.clock.now(),
				false,
			)
	).message;
	man.lie("ClaimKeyPackages", ClaimKeyPackagesResponseSchema, ({ keyPackages }) => {
		const [first] = keyPackages;
		if (first !== undefined) first.keyPackage = new Uint8Array(ghost);
	});
	await assert.rejects(alice.device.openDirect(account), (error) => isRefusal(error, "DEVICE_LIST_INVALID"));
	assert.deepEqual(await alice.device.conversations(), [], "nothing was begun");
	man.answers.clear();
	const chat = await alice.device.openDirect(account);
	await alice.say(chat, "Only you");
	await until("bob reads it", async () => (await bob.texts(chat)).length === 1);
});

test("a directory with another identity key is not believed, and the chat says so", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello");
	const before = await alice.device.safetyNumber(bob.account);

	const { engine } = alice.ports();
	const [identity, device] = [await engine.generateSigningKeys(), await engine.generateSigningKeys()];
	const forged = await signDeviceList(engine, identity, {
		account: bob.account,
		version: 2,
		issuedAtMs: world.clock.now(),
		devices: [{ device: "cd".repeat(16) as DeviceId, signatureKey: toHex(device.publicKey), addedAtMs: 0 }],
	});
	man.lie("LookUpNumber", LookUpNumberResponseSchema, (answer) => {
		answer.deviceList = forged;
	});
	await alice.device.find(bob.phone);
	await alice.device.find(bob.phone);
	const told = (await alice.rows(chat)).filter(({ body }) => body.kind === "keys-changed");
	assert.equal(told.length, 1, "said once");
	assert.deepEqual((await alice.device.safetyNumber(bob.account)).digits, before.digits, "the pinned key stays");
});

test("a ghost in the tree of a Welcome is not joined", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: man.between });
	// To bob, the directory does not know alice's device: then it is a ghost to him.
	man.lie("GetDeviceLists", GetDeviceListsResponseSchema, ({ lists }) => {
		for (const entry of lists) delete entry.deviceList;
	});
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello");
	await until("bob refuses", async () => codes(await bob.rows(chat)).includes("UnknownDevice"));
	await assert.rejects(bob.device.send(chat, "Who are you?"), (error) => isRefusal(error, "DEVICE_LIST_INVALID"));
	assert.deepEqual(await bob.texts(chat), []);

	// When the directory tells the truth again, bob comes in with his next stream.
	man.answers.clear();
	man.disconnect();
	await until("bob is in", async () => (await bob.device.conversation(chat))?.members.length === 2);
	await alice.say(chat, "It is me");
	await until("bob reads it", async () => (await bob.texts(chat)).includes("Alice: It is me"));
});

test("a message under another sender's name is refused", async () => {
	const { world, man, alice, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	lieAboutTexts(man, (frame) => [
		changed(frame, (entry) => {
			const bobs = entry.senderAccount.every((byte, i) => byte === hexByte(bob.account, i));
			if (bobs) entry.senderAccount = new Uint8Array(Buffer.from(alice.account, "hex"));
		}),
	]);
	await bob.say(group, "Alice says: send money");
	await until("carla sees it refused", async () => codes(await carla.rows(group)).length > 0);
	assert.deepEqual(codes(await carla.rows(group)), ["WrongSender"]);
	man.incoming = (frame) => [frame];
	await alice.say(group, "I did not.");
	await until("the stream goes on", async () => (await carla.texts(group)).includes("Alice: I did not."));
});

function hexByte(hex: string, at: number): number {
	return Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
}

test("a message with another number than its own is refused", async () => {
	const { world, man, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	lieAboutTexts(man, (frame) => [changed(frame, (entry) => entry.clientSeq++)]);
	await bob.say(group, "third");
	await until("refused", async () => codes(await carla.rows(group)).length > 0);
	assert.deepEqual(codes(await carla.rows(group)), ["Renumbered"]);
});

test("a message that comes twice is shown once", async () => {
	const { world, man, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	// The server repeats bob's entry as if it were a new one.
	lieAboutTexts(man, (frame) => [frame, changed(frame, (entry) => entry.seq++)]);
	await bob.say(group, "once");
	await until("carla has it", async () => (await carla.texts(group)).includes("Bob: once"));
	await until("the repetition is refused", async () => codes(await carla.rows(group)).length > 0);
	assert.equal((await carla.texts(group)).filter((text) => text === "Bob: once").length, 1);
	assert.deepEqual(codes(await carla.rows(group)), ["Undecryptable"]);
});

test("two members who are shown different orders find out from each other", async () => {
	const { world, man, alice, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	// Carla gets the next two entries the other way round, renumbered so that nothing seems to be missing.
	const held: Frame[] = [];
	lieAboutTexts(man, (frame) => {
		held.push(frame);
		if (held.length < 2) return [];
		man.incoming = (later) => [later];
		const [first, second] = held;
		if (first?.body.case !== "entry" || second?.body.case !== "entry") return held;
		const [a, b] = [first.body.value.seq, second.body.value.seq];
		return [changed(second, (entry) => (entry.seq = a)), changed(first, (entry) => (entry.seq = b))];
	});
	await alice.say(group, "Shall we sell?");
	await until("bob has it", async () => (await bob.texts(group)).length === 3);
	await bob.say(group, "Yes");
	await until("carla has both", async () => (await carla.texts(group)).length === 4);
	await until("carla knows", async () => codes(await carla.rows(group)).includes("forked"));
	// And the others learn it from carla.
	await carla.say(group, "In which order did you write?");
	for (const person of [alice, bob])
		await until(`${person.name} knows`, async () => codes(await person.rows(group)).includes("forked"));
});

test("a message that the server keeps back is missed by its number", async () => {
	const { world, man, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	// The server withholds one of bob's and moves everything after it forward.
	let withheld = 0;
	lieAboutTexts(man, (frame) => {
		if (withheld++ === 0) return [];
		return [changed(frame, (entry) => entry.seq--)];
	});
	// Written at once: neither says that it has seen the other, only their numbers do.
	await Promise.all([bob.device.send(group, "kept back"), bob.device.send(group, "shown")]);
	await until("carla has one", async () => (await carla.texts(group)).includes("Bob: shown"));
	assert.ok(codes(await carla.rows(group)).includes("forked"));
});

test("a jump in the log is shown as a gap", async () => {
	const { world, man, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	let first = true;
	lieAboutTexts(man, (frame) => {
		if (!first) return [frame];
		first = false;
		return [];
	});
	await bob.say(group, "kept back");
	await bob.say(group, "shown");
	await until("carla has one", async () => (await carla.texts(group)).includes("Bob: shown"));
	const gaps = (await carla.rows(group)).flatMap(({ body }) => (body.kind === "gap" ? [body] : []));
	assert.deepEqual(gaps, [{ kind: "gap", reason: "missing", count: 1 }]);
	await carla.say(group, "I missed something");
	await until("the chat goes on", async () => (await bob.texts(group)).includes("Carla: I missed something"));
});

test("bytes that are no message are shown as unreadable, and the stream goes on", async () => {
	const { world, man, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	lieAboutTexts(man, (frame) => [changed(frame, (entry) => (entry.payload = new Uint8Array([1, 2, 3])))]);
	await bob.say(group, "garbled");
	await until("unreadable", async () => codes(await carla.rows(group)).includes("Malformed"));
	man.incoming = (frame) => [frame];
	await bob.say(group, "clear");
	await until("the stream goes on", async () => (await carla.texts(group)).includes("Bob: clear"));
	assert.ok(man.sent.some(({ body }) => body.case === "ack"));
});

test("a member can not say in another's name that they have read", async () => {
	const { world, alice, bob, carla, group } = await threeWithALiar();
	await using _ = world;
	const listener = new Middleman();
	const dora = await world.person("Dora", { ports: listener.between });
	await alice.device.addMembers(group, [(await alice.device.find(dora.phone)).account]);
	await until("dora is in", async () => (await dora.device.conversation(group))?.members.length === 4);
	await until("carla too", async () => (await carla.device.conversation(group))?.members.length === 4);
	// Carla has the epoch's key as every member does; what she lacks is bob's device key.
	const [exported] = JSON.parse(new TextDecoder().decode(carla.data.get(`exporters/${group}`)));
	const { device: keys } = JSON.parse(new TextDecoder().decode(carla.data.get("secrets")));
	const device = bob.self?.device as DeviceId;
	const forge = async (signer: { publicKey: string; privateKey: string }) => {
		const value = { log: idBytes(group), deviceId: idBytes(device), readSeq: 7, atMs: 1n };
		const statement = toBinary(ReceiptRegisterSchema, create(ReceiptRegisterSchema, value));
		const pair = { publicKey: Buffer.from(signer.publicKey, "hex"), privateKey: Buffer.from(signer.privateKey, "hex") };
		const signed = await signStatement(carla.ports().engine, pair, LABELS.receipt, statement);
		const place = { log: group, device, epoch: exported.epoch };
		const sealed = await sealForEpoch(place, exported.receipts, new Uint8Array(12), signed);
		const register = { log: idBytes(group), deviceId: idBytes(device), sealed, version: 1 };
		listener.inject([create(FrameSchema, { body: { case: "register", value: register } })]);
		await new Promise((resolve) => setTimeout(resolve, 200));
		return (await dora.device.conversation(group))?.members.find(({ account }) => account === bob.account)?.readSeq;
	};
	assert.equal(await forge(keys), 0);
	const { device: bobs } = JSON.parse(new TextDecoder().decode(bob.data.get("secrets")));
	assert.equal(await forge(bobs), 7, "with bob's own key it counts");
});
