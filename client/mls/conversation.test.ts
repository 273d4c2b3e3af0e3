/** Alice, bob and carla talk: what the engine gives to those who keep the rules. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	applied,
	bytes,
	DeviceLists,
	engine,
	groupOf,
	joined,
	NO_DATA,
	readText,
	refused,
	sparing,
	text,
	threePeople,
} from "./_people.ts";
import { decodeMessage } from "./decoding.ts";
import type { MlsGroup } from "./engine.ts";
import { stateOf } from "./group-state.ts";
import { padme } from "./padding.ts";

test("alice's message reaches bob and carla with her name and what she authenticated", async () => {
	const { lists, alice, atAlice, atBob, atCarla } = await threePeople();
	const sent = await engine.encrypt(atAlice, bytes("tea at four?"), bytes("client_seq 1"));
	for (const group of [atBob, atCarla]) {
		const heard = await engine.process(group, sent.message, lists.authority);
		assert.ok(heard.kind === "application");
		assert.equal(text(heard.plaintext), "tea at four?");
		assert.equal(text(heard.authenticatedData), "client_seq 1");
		assert.deepEqual(heard.sender, { ...alice.identity, leaf: 0, signatureKey: alice.keys.publicKey });
	}
});

test("all agree on members, epoch, authenticator and exported secrets, and the next epoch has others", async () => {
	const { lists, alice, bob, carla, atAlice, atBob, atCarla } = await threePeople();
	const everyone = [atAlice, atBob, atCarla];
	for (const group of everyone) {
		assert.equal(engine.epoch(group), 1);
		assert.equal(engine.id(group), engine.id(atAlice));
		assert.deepEqual(
			engine.members(group).map(({ device }) => device),
			[alice, bob, carla].map(({ identity }) => identity.device),
		);
	}
	assert.deepEqual(
		everyone.map((group) => engine.ownLeaf(group)),
		[0, 1, 2],
	);
	const authenticators = everyone.map((group) => engine.epochAuthenticator(group));
	assert.deepEqual(authenticators[1], authenticators[0]);
	assert.deepEqual(authenticators[2], authenticators[0]);
	const secret = (group: MlsGroup, context: string) => engine.exportSecret(group, "troth receipts", bytes(context), 32);
	assert.deepEqual(await secret(atBob, "a"), await secret(atAlice, "a"));
	assert.notDeepEqual(await secret(atBob, "b"), await secret(atAlice, "a"));

	const update = await engine.commit(atBob, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	const { next } = await applied(lists, atAlice, update.commit);
	assert.equal(engine.epoch(next), 2);
	assert.deepEqual(engine.epochAuthenticator(next), engine.epochAuthenticator(update.next));
	assert.notDeepEqual(engine.epochAuthenticator(next), authenticators[0]);
	assert.notDeepEqual(await secret(next, "a"), await secret(atAlice, "a"));
});

test("a commit names who made it, who came, who went, and what it authenticated", async () => {
	const { lists, alice, bob, carla, atAlice, atBob, atCarla } = await threePeople();
	const dan = await lists.person("dan");
	const own = await dan.newKeyPackage();
	const commit = await engine.commit(
		atAlice,
		{ add: [own.message], remove: [engine.ownLeaf(atCarla)], authenticatedData: bytes("client_seq 9") },
		lists.authority,
	);
	const seen = await applied(lists, atBob, commit.commit);
	assert.equal(seen.committer.device, alice.identity.device);
	assert.equal(seen.external, false);
	assert.deepEqual(seen.added, [{ ...dan.identity, leaf: 2, signatureKey: dan.keys.publicKey }]);
	assert.deepEqual(seen.removed, [{ ...carla.identity, leaf: 2, signatureKey: carla.keys.publicKey }]);
	assert.equal(seen.selfRemoved, false);
	assert.equal(text(seen.authenticatedData), "client_seq 9");

	const atDan = await joined(lists, commit, own);
	const hello = await engine.encrypt(atDan, bytes("hello, dan here"), NO_DATA);
	assert.equal((await readText(lists, seen.next, hello.message)).sender.device, dan.identity.device);
	assert.equal((await readText(lists, commit.next, hello.message)).text, "hello, dan here");
	assert.deepEqual(
		engine.members(seen.next).map(({ device }) => device),
		[alice, bob, dan].map(({ identity }) => identity.device),
	);
});

test("carla, removed by alice, can not read on, although she sees the commit", async () => {
	const { lists, atAlice, atBob, atCarla } = await threePeople();
	const removal = await engine.commit(
		atAlice,
		{ add: [], remove: [engine.ownLeaf(atCarla)], authenticatedData: NO_DATA },
		lists.authority,
	);
	const outside = await applied(lists, atCarla, removal.commit);
	assert.equal(outside.selfRemoved, true);
	const after = await engine.encrypt(removal.next, bytes("now it is only us"), NO_DATA);

	await refused("Removed", engine.process(outside.next, after.message, lists.authority));
	await refused("Removed", engine.encrypt(outside.next, bytes("wait"), NO_DATA));
	await refused("Removed", engine.exportSecret(outside.next, "troth receipts", NO_DATA, 32));
	// Nor with the state from before, had she kept it.
	await refused("WrongEpoch", engine.process(atCarla, after.message, lists.authority));
	assert.equal(
		(await readText(lists, (await applied(lists, atBob, removal.commit)).next, after.message)).text,
		"now it is only us",
	);

	const { state } = engine.encodeGroup(outside.next);
	const kept = stateOf(atCarla);
	for (const secret of [kept.signaturePrivateKey, kept.keySchedule.initSecret, kept.keySchedule.exporterSecret]) {
		assert.equal(Buffer.from(state).includes(Buffer.from(secret)), false, "a removed device keeps no secrets");
	}
});

test("bob, removed in the commit that gives his place to dan, knows that he is out", async () => {
	const { lists, atAlice, atBob } = await threePeople();
	const dan = await lists.person("dan");
	const own = await dan.newKeyPackage();
	const commit = await engine.commit(
		atAlice,
		{ add: [own.message], remove: [engine.ownLeaf(atBob)], authenticatedData: NO_DATA },
		lists.authority,
	);
	const seen = await applied(lists, atBob, commit.commit);
	assert.equal(seen.selfRemoved, true);
	assert.deepEqual(
		seen.added.map(({ device }) => device),
		[dan.identity.device],
	);
	assert.equal(engine.ownLeaf(await joined(lists, commit, own)), engine.ownLeaf(atBob));
});

test("two commits at once: the loser drops its own, applies the winner's to the old state, and all agree", async () => {
	const { lists, atAlice, atBob, atCarla } = await threePeople();
	const dan = await lists.person("dan");
	const erin = await lists.person("erin");
	const add = async (group: MlsGroup, person: typeof dan) =>
		engine.commit(
			group,
			{ add: [(await person.newKeyPackage()).message], remove: [], authenticatedData: NO_DATA },
			lists.authority,
		);
	const winner = await add(atAlice, dan);
	const loser = await add(atBob, erin);

	const bobAfter = await applied(lists, atBob, winner.commit);
	const carlaAfter = await applied(lists, atCarla, winner.commit);
	assert.deepEqual(engine.epochAuthenticator(bobAfter.next), engine.epochAuthenticator(winner.next));
	assert.deepEqual(engine.epochAuthenticator(carlaAfter.next), engine.epochAuthenticator(winner.next));
	await refused("WrongEpoch", engine.process(winner.next, loser.commit, lists.authority));

	const again = await add(bobAfter.next, erin);
	const aliceAfter = await applied(lists, winner.next, again.commit);
	assert.deepEqual(engine.epochAuthenticator(aliceAfter.next), engine.epochAuthenticator(again.next));
});

test("a message of the epoch before can still be read, one from before that can not", async () => {
	const { lists, atAlice, atBob } = await threePeople();
	const update = (group: MlsGroup) =>
		engine.commit(group, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	const late = await engine.encrypt(atBob, bytes("sent before the commit"), NO_DATA);
	const first = await update(atAlice);
	const heard = await readText(lists, first.next, late.message);
	assert.equal(heard.text, "sent before the commit");
	assert.equal(heard.sender.leaf, engine.ownLeaf(atBob));
	await refused("Undecryptable", engine.process(heard.next, late.message, lists.authority));

	const second = await update(first.next);
	await refused("WrongEpoch", engine.process(second.next, late.message, lists.authority));
	const ahead = await engine.encrypt(second.next, bytes("from the future"), NO_DATA);
	await refused("WrongEpoch", engine.process(atBob, ahead.message, lists.authority));
});

test("bob misses 5 000 messages of alice and reads the next one", async () => {
	const { lists, atAlice, atBob } = await threePeople();
	let group = atAlice;
	for (let skipped = 0; skipped < 5_000; skipped++) group = (await engine.encrypt(group, NO_DATA, NO_DATA)).next;
	const last = await engine.encrypt(group, bytes("are you there?"), NO_DATA);
	const heard = await readText(lists, atBob, last.message);
	assert.equal(heard.text, "are you there?");
	const next = await engine.encrypt(last.next, bytes("good"), NO_DATA);
	assert.equal((await readText(lists, heard.next, next.message)).text, "good");
});

test("messages out of order are read once each, within the window", async () => {
	const { lists, atAlice, atBob } = await threePeople();
	let group = atAlice;
	const sent: Uint8Array[] = [];
	for (let number = 0; number < 80; number++) {
		const { next, message } = await engine.encrypt(group, bytes(`number ${number}`), NO_DATA);
		group = next;
		sent.push(message);
	}
	let bob = atBob;
	for (const number of [79, 40, 78, 16, 77]) {
		const heard = await readText(lists, bob, sent[number] ?? NO_DATA);
		assert.equal(heard.text, `number ${number}`);
		bob = heard.next;
		await refused("Undecryptable", engine.process(bob, sent[number] ?? NO_DATA, lists.authority));
	}
	await refused("Undecryptable", engine.process(bob, sent[3] ?? NO_DATA, lists.authority));
});

test("a replay is refused, and leaves the state as it was", async () => {
	const { lists, atAlice, atBob } = await threePeople();
	const sent = await engine.encrypt(atAlice, bytes("once"), NO_DATA);
	const { next } = await readText(lists, atBob, sent.message);
	const before = engine.encodeGroup(next);
	await refused("Undecryptable", engine.process(next, sent.message, lists.authority));
	assert.deepEqual(engine.encodeGroup(next), before);
});

test("what this device sent itself is known as its own", async () => {
	const { lists, atAlice } = await threePeople();
	const sent = await engine.encrypt(atAlice, bytes("my own words"), NO_DATA);
	await refused("OwnMessage", engine.process(sent.next, sent.message, lists.authority));
	await refused("OwnMessage", engine.process(atAlice, sent.message, lists.authority));
	const update = await engine.commit(atAlice, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	await refused("OwnMessage", engine.process(atAlice, update.commit, lists.authority));
});

test("alice alone removes her last peer, and can begin again with someone else", async () => {
	const lists = new DeviceLists();
	const alice = await lists.person("alice");
	const bob = await lists.person("bob");
	const [atAlice, atBob] = (await groupOf(lists, alice, bob)) as [MlsGroup, MlsGroup];
	const alone = await engine.commit(
		atAlice,
		{ add: [], remove: [engine.ownLeaf(atBob)], authenticatedData: NO_DATA },
		lists.authority,
	);
	assert.deepEqual(
		engine.members(alone.next).map(({ device }) => device),
		[alice.identity.device],
	);
	const dan = await lists.person("dan");
	const own = await dan.newKeyPackage();
	const again = await engine.commit(
		alone.next,
		{ add: [own.message], remove: [], authenticatedData: NO_DATA },
		lists.authority,
	);
	const sent = await engine.encrypt(again.next, bytes("welcome, dan"), NO_DATA);
	assert.equal((await readText(lists, await joined(lists, again, own), sent.message)).text, "welcome, dan");
});

test("a device that lost its state rejoins in its own old place", async () => {
	const { lists, bob, atAlice, atBob, atCarla } = await threePeople();
	const update = await engine.commit(atAlice, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	const carlaNow = (await applied(lists, atCarla, update.commit)).next;
	const back = await engine.joinExternal(
		update.groupInfo,
		update.ratchetTree,
		await bob.newKeyPackage(),
		bytes("client_seq 1"),
		lists.authority,
	);
	assert.equal(back.welcome, undefined);
	const seen = await applied(lists, carlaNow, back.commit);
	assert.equal(seen.external, true);
	assert.equal(seen.committer.device, bob.identity.device);
	assert.equal(seen.committer.leaf, engine.ownLeaf(back.next));
	assert.deepEqual(
		seen.removed.map(({ leaf }) => leaf),
		[engine.ownLeaf(atBob)],
	);
	assert.deepEqual(seen.added, []);
	assert.equal(engine.members(seen.next).length, 3);
	const hello = await engine.encrypt(back.next, bytes("I am back"), NO_DATA);
	assert.equal((await readText(lists, seen.next, hello.message)).text, "I am back");
	// The old state, on a restored disk, learns that it is over.
	assert.equal(
		(await applied(lists, (await applied(lists, atBob, update.commit)).next, back.commit)).selfRemoved,
		true,
	);
});

test("a linked device joins by external commit beside the first one, and others can add from its GroupInfo", async () => {
	const { lists, alice, atAlice, atBob } = await threePeople();
	const tablet = lists.as(
		"alice's tablet",
		{ account: alice.identity.account, device: (await lists.person("unused")).identity.device },
		await engine.generateSigningKeys(),
		true,
	);
	const update = await engine.commit(atBob, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	const link = await engine.joinExternal(
		update.groupInfo,
		update.ratchetTree,
		await tablet.newKeyPackage(),
		NO_DATA,
		lists.authority,
	);
	const phone = await applied(lists, (await applied(lists, atAlice, update.commit)).next, link.commit);
	assert.deepEqual(phone.removed, []);
	assert.equal(engine.members(phone.next).filter(({ account }) => account === alice.identity.account).length, 2);
	const third = await lists.person("erin");
	const after = await engine.joinExternal(
		link.groupInfo,
		link.ratchetTree,
		await third.newKeyPackage(),
		NO_DATA,
		lists.authority,
	);
	const seen = await applied(lists, phone.next, after.commit);
	assert.deepEqual(engine.epochAuthenticator(seen.next), engine.epochAuthenticator(after.next));
});

test("short messages all look the same length, and longer ones grow in steps", async () => {
	const { atAlice } = await threePeople();
	const lengthOf = async (size: number) => {
		const { message } = await engine.encrypt(atAlice, new Uint8Array(size), NO_DATA);
		return decodeMessage(message, "mls_private_message").privateMessage.ciphertext.length;
	};
	const short = await Promise.all([0, 1, 63, 64, 188].map(lengthOf));
	assert.deepEqual(new Set(short), new Set([256 + 16]));
	const lengths = new Set<number>();
	for (let size = 1_000; size < 1_100; size++) lengths.add(await lengthOf(size));
	assert.ok(lengths.size <= 5, `${lengths.size} lengths for 100 sizes`);
	for (const size of [1, 2, 9, 257, 4_099, 65_536, 70_001]) {
		assert.ok(padme(size) >= size && padme(size) <= 1.12 * size + 1, `${size} becomes ${padme(size)}`);
	}
});

test("a text of 64 KiB goes through", async () => {
	const { lists, atAlice, atBob } = await threePeople();
	const long = "x".repeat(64 * 1024);
	const { message } = await engine.encrypt(atAlice, bytes(long), NO_DATA);
	assert.ok(message.length < 96 * 1024);
	assert.equal((await readText(lists, atBob, message)).text, long);
});

test("an addition to a large group tells nobody a path, and all who are there and who come read on", async () => {
	const lists = new DeviceLists();
	const [alice, bob, carla] = [await lists.person("alice"), await lists.person("bob"), await lists.person("carla")];
	const more = await Promise.all([1, 2, 3, 4, 5].map(() => lists.person("member")));
	const [atAlice, atBob, ...atOthers] = await groupOf(lists, alice, bob, ...more);
	assert.ok(atAlice && atBob);
	const own = await carla.newKeyPackage();
	const change = { add: [own.message], remove: [], authenticatedData: NO_DATA };
	const pathOf = ({ commit }: { readonly commit: Uint8Array }) => {
		const { content } = decodeMessage(commit, "mls_public_message").publicMessage;
		assert.ok(content.contentType === "commit");
		return content.commit.path;
	};
	const dear = await engine.commit(atAlice, change, lists.authority);
	assert.ok(pathOf(dear), "a small group is healed by each commit");
	const sparse = await sparing.commit(atAlice, change, lists.authority);
	assert.equal(pathOf(sparse), undefined);
	assert.ok(sparse.commit.length * 4 < dear.commit.length, `${sparse.commit.length} of ${dear.commit.length} bytes`);

	let everyone = [sparse.next, await joined(lists, sparse, own)];
	for (const group of [atBob, ...atOthers]) everyone.push((await applied(lists, group, sparse.commit)).next);
	const oneEpoch = () => {
		const [first, ...others] = everyone.map((group) => engine.epochAuthenticator(group));
		for (const other of others) assert.deepEqual(other, first);
	};
	oneEpoch();
	// Carla, who was told no secret of the tree, follows each commit, and each follows hers.
	for (const committer of [1, 2, 1, 0]) {
		const by = everyone[committer];
		assert.ok(by);
		const { commit, next } = await engine.commit(by, { ...change, add: [] }, lists.authority);
		everyone = await Promise.all(
			everyone.map(async (group, at) => (at === committer ? next : (await applied(lists, group, commit)).next)),
		);
		oneEpoch();
	}
	const said = await engine.encrypt(everyone[1] as MlsGroup, bytes("thank you for having me"), NO_DATA);
	assert.equal((await readText(lists, everyone[3] as MlsGroup, said.message)).text, "thank you for having me");
});
