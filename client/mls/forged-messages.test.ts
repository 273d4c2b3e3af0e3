/** Whoever says to be another, repeats what was said, or wants to keep readers busy. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { encodeMlsMessage } from "ts-mls/message.js";
import { encryptSenderData } from "ts-mls/privateMessage.js";
import { suite, withMallory } from "./_mallory.ts";
import { bytes, engine, NO_DATA, readText, refused } from "./_people.ts";
import { decodeMessage } from "./decoding.ts";
import type { MlsGroup } from "./engine.ts";
import { stateOf } from "./group-state.ts";

test("the sender is who encrypted: nobody can say it was another", async () => {
	const { lists, bob, mallory, atAlice, atBob, atMallory } = await withMallory();
	// Mallory knows the epoch's sender data secret, and writes bob's leaf over her own.
	const { message } = await engine.encrypt(atMallory, bytes("bob owes me a hundred"), NO_DATA);
	const { privateMessage } = decodeMessage(message, "mls_private_message");
	const state = stateOf(atMallory);
	for (const leafIndex of [engine.ownLeaf(atBob), 0, 3, 2 ** 31, 2 ** 32 - 1]) {
		const encryptedSenderData = await encryptSenderData(
			state.keySchedule.senderDataSecret,
			{ leafIndex, generation: 0, reuseGuard: randomBytes(4) as never },
			privateMessage,
			privateMessage.ciphertext,
			suite,
		);
		const swapped = encodeMlsMessage({
			version: "mls10",
			wireformat: "mls_private_message",
			privateMessage: { ...privateMessage, encryptedSenderData },
		});
		const code = leafIndex === engine.ownLeaf(atAlice) ? "OwnMessage" : "Undecryptable";
		await refused(code, engine.process(atAlice, swapped, lists.authority));
	}
	const heard = await readText(lists, atAlice, message);
	assert.equal(heard.sender.device, mallory.identity.device);
	assert.notEqual(heard.sender.device, bob.identity.device);
});

test("a message that mallory encrypts with bob's ratchet is refused for want of his signature", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	// All members derive all ratchets: only the signature tells bob's messages from what mallory writes in his name.
	const asBob = {
		...stateOf(atMallory),
		privatePath: { ...stateOf(atMallory).privatePath, leafIndex: engine.ownLeaf(atBob) },
	};
	const { message } = await engine.encrypt(asBob as unknown as MlsGroup, bytes("I am bob"), NO_DATA);
	await refused("Undecryptable", engine.process(atAlice, message, lists.authority));
});

test("what the server changes in the open parts of a message makes it unreadable", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const { message } = await engine.encrypt(atBob, bytes("hello"), bytes("client_seq 7"));
	const { privateMessage } = decodeMessage(message, "mls_private_message");
	const changes = {
		authenticatedData: [bytes("client_seq 8"), "Undecryptable"],
		epoch: [2n, "WrongEpoch"],
		groupId: [randomBytes(16), "WrongEpoch"],
		contentType: ["commit", "InvalidCommit"],
	} as const;
	for (const [field, [value, code]] of Object.entries(changes)) {
		const changed = encodeMlsMessage({
			version: "mls10",
			wireformat: "mls_private_message",
			privateMessage: { ...privateMessage, [field]: value },
		});
		await refused(code, engine.process(atAlice, changed, lists.authority));
	}
});

test("a copied profile repeats a generation, and its readers refuse the second message", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const before = engine.encodeGroup(atAlice);
	const first = await engine.encrypt(atAlice, bytes("first"), NO_DATA);
	// Encrypting changes nothing in place: the outbox stores `next` with the message, or neither of them.
	assert.deepEqual(engine.encodeGroup(atAlice), before);
	assert.notDeepEqual(engine.encodeGroup(first.next).state, before.state);

	const restored = engine.decodeGroup(before.tree, before.state);
	const second = await engine.encrypt(restored, bytes("second"), NO_DATA);
	const bob = (await readText(lists, atBob, first.message)).next;
	await refused("Undecryptable", engine.process(bob, second.message, lists.authority));
});

test("one message can not keep its readers busy: 100 000 skipped generations take seconds, more are refused", async () => {
	const { lists, atAlice, atMallory } = await withMallory();
	const { message } = await engine.encrypt(atMallory, bytes("x"), NO_DATA);
	const { privateMessage } = decodeMessage(message, "mls_private_message");
	const atGeneration = async (generation: number) =>
		encodeMlsMessage({
			version: "mls10",
			wireformat: "mls_private_message",
			privateMessage: {
				...privateMessage,
				encryptedSenderData: await encryptSenderData(
					stateOf(atMallory).keySchedule.senderDataSecret,
					{ leafIndex: engine.ownLeaf(atMallory), generation, reuseGuard: randomBytes(4) as never },
					privateMessage,
					privateMessage.ciphertext,
					suite,
				),
			},
		});
	const processorMs = async (generation: number) => {
		const before = process.cpuUsage();
		await refused("Undecryptable", engine.process(atAlice, await atGeneration(generation), lists.authority));
		const { user, system } = process.cpuUsage(before);
		return (user + system) / 1000;
	};
	assert.ok((await processorMs(100_000)) < 20_000);
	assert.ok((await processorMs(100_001)) < 500);
	assert.ok((await processorMs(2 ** 32 - 1)) < 500);
});
