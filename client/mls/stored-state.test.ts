/** A group's state between two runs of the program. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { applied, bytes, DeviceLists, engine, groupOf, NO_DATA, readText, refused, threePeople } from "./_people.ts";
import type { MlsGroup } from "./engine.ts";

test("a state that was stored and read again goes on, in every situation it can be in", async () => {
	const { lists, atAlice, atBob, atCarla } = await threePeople();
	const again = (group: MlsGroup) => {
		const { tree, state } = engine.encodeGroup(group);
		return engine.decodeGroup(Uint8Array.from(tree), Uint8Array.from(state));
	};
	const late = await engine.encrypt(again(atBob), bytes("late"), NO_DATA);
	const skipped = await engine.encrypt(atCarla, bytes("skipped"), NO_DATA);
	const second = await engine.encrypt(again(skipped.next), bytes("second"), NO_DATA);
	let alice = again((await readText(lists, again(atAlice), second.message)).next);
	const update = await engine.commit(alice, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	alice = again(update.next);
	alice = again((await readText(lists, alice, late.message)).next);
	assert.equal((await readText(lists, alice, skipped.message)).text, "skipped");
	const bob = again((await applied(lists, again(atBob), update.commit)).next);
	const sent = await engine.encrypt(bob, bytes("still here"), NO_DATA);
	assert.equal((await readText(lists, again(alice), sent.message)).text, "still here");
	const removal = await engine.commit(
		alice,
		{ add: [], remove: [engine.ownLeaf(atBob)], authenticatedData: NO_DATA },
		lists.authority,
	);
	const out = again((await applied(lists, bob, removal.commit)).next);
	await refused("Removed", engine.encrypt(out, NO_DATA, NO_DATA));
});

test("within an epoch only the small part of a stored state changes", async () => {
	const lists = new DeviceLists();
	const people = await Promise.all(Array.from({ length: 16 }, (_, number) => lists.person(`member ${number}`)));
	const [creator, ...others] = people;
	assert.ok(creator);
	const [atFirst] = await groupOf(lists, creator, ...others);
	assert.ok(atFirst);
	const update = await engine.commit(atFirst, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	const before = engine.encodeGroup(update.next);
	const { next } = await engine.encrypt(update.next, bytes("hello"), NO_DATA);
	const after = engine.encodeGroup(next);
	assert.deepEqual(after.tree, before.tree);
	assert.notDeepEqual(after.state, before.state);
	assert.ok(after.state.length < 6_000, `${after.state.length} bytes with each message`);
	assert.ok(before.tree.length > 10 * after.state.length, `${before.tree.length} bytes once`);
});

test("a state of version 1, which had every secret of an epoch, is read and goes on", async () => {
	const stored = JSON.parse(readFileSync(new URL("./stored-state-1.json", import.meta.url), "utf8")) as {
		readonly tree: string;
		readonly state: string;
		readonly messages: readonly (readonly [string, string])[];
	};
	const of = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
	const lists = new DeviceLists();
	let group = engine.decodeGroup(of(stored.tree), of(stored.state));
	for (const [expected, message] of stored.messages) {
		const { text, next } = await readText(lists, group, of(message));
		assert.equal(text, expected);
		const { tree, state } = engine.encodeGroup(next);
		group = engine.decodeGroup(tree, state);
		await refused("Undecryptable", engine.process(group, of(message), lists.authority));
	}
	const { next } = await engine.encrypt(group, bytes("still here"), NO_DATA);
	assert.equal(engine.encodeGroup(next).state[0], 2);
});
