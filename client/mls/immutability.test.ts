/** Nothing that is passed in is changed: the state before stays good until the one after is stored. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, DeviceLists, engine, groupOf, NO_DATA } from "./_people.ts";
import type { MlsGroup } from "./engine.ts";
import { stateOf } from "./group-state.ts";

/** A copy of everything in a state, secrets included, that can be compared with it later. */
function snapshot(group: MlsGroup) {
	const { clientConfig: _functions, ...data } = stateOf(group);
	return structuredClone(data);
}

async function unchanged<T>(groups: readonly MlsGroup[], inputs: readonly Uint8Array[], step: () => Promise<T>) {
	const states = groups.map(snapshot);
	const copies = inputs.map((input) => Uint8Array.from(input));
	const result = await step();
	for (const [index, group] of groups.entries()) {
		const { clientConfig: _functions, ...data } = stateOf(group);
		assert.deepEqual(data, states[index]);
	}
	assert.deepEqual(inputs, copies);
	return result;
}

test("encrypting, reading, committing, applying and joining change none of their inputs", async () => {
	const lists = new DeviceLists();
	const [alice, bob, carla] = [await lists.person("alice"), await lists.person("bob"), await lists.person("carla")];
	const [atAlice, atBob] = (await groupOf(lists, alice, bob)) as [MlsGroup, MlsGroup];
	const [plaintext, data] = [bytes("hello"), bytes("data")];

	const first = await unchanged([atAlice], [plaintext, data], () => engine.encrypt(atAlice, plaintext, data));
	const second = await unchanged([first.next], [], () => engine.encrypt(first.next, plaintext, data));
	// Out of order, so that skipped secrets are kept and used.
	const heard = await unchanged([atBob], [second.message], () =>
		engine.process(atBob, second.message, lists.authority),
	);
	await unchanged([heard.next], [first.message], () => engine.process(heard.next, first.message, lists.authority));

	const own = await carla.newKeyPackage();
	const commit = await unchanged([second.next], [own.message, data], () =>
		engine.commit(second.next, { add: [own.message], remove: [], authenticatedData: data }, lists.authority),
	);
	const { welcome } = commit;
	assert.ok(welcome);
	const applied = await unchanged([heard.next, atBob], [commit.commit], () =>
		engine.process(heard.next, commit.commit, lists.authority),
	);
	await unchanged([applied.next], [first.message], () => engine.process(applied.next, first.message, lists.authority));
	const atCarla = await unchanged([], [welcome, own.secret, commit.ratchetTree], () =>
		engine.join(welcome, own.secret, commit.ratchetTree, lists.authority),
	);
	const back = await carla.newKeyPackage();
	const external = await unchanged([atCarla], [commit.groupInfo, commit.ratchetTree, back.secret, back.message], () =>
		engine.joinExternal(commit.groupInfo, commit.ratchetTree, back, NO_DATA, lists.authority),
	);
	await unchanged([applied.next, commit.next], [external.commit], () =>
		engine.process(commit.next, external.commit, lists.authority),
	);
	await unchanged([atCarla], [external.commit], () => engine.process(atCarla, external.commit, lists.authority));
});

test("a caller that reuses its buffers afterwards, or before the answer is there, changes nothing", async () => {
	const lists = new DeviceLists();
	const [alice, bob] = [await lists.person("alice"), await lists.person("bob")];
	const [atAlice, atBob] = (await groupOf(lists, alice, bob)) as [MlsGroup, MlsGroup];
	const plaintext = bytes("as it was when it was sent");
	const sending = engine.encrypt(atAlice, plaintext, NO_DATA);
	plaintext.fill(0);
	const { message } = await sending;
	const buffer = Uint8Array.from(message);
	const reading = engine.process(atBob, buffer, lists.authority);
	buffer.fill(0);
	const heard = await reading;
	assert.ok(heard.kind === "application");
	assert.deepEqual(heard.plaintext, bytes("as it was when it was sent"));

	const commit = await engine.commit(atAlice, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	const wire = Uint8Array.from(commit.commit);
	const { next } = await engine.process(heard.next, wire, lists.authority);
	wire.fill(0);
	const stored = engine.encodeGroup(next);
	const restored = engine.decodeGroup(stored.tree, stored.state);
	assert.deepEqual(engine.encodeGroup(restored), stored);
	const sent = await engine.encrypt(commit.next, bytes("still fine"), NO_DATA);
	await engine.process(next, sent.message, lists.authority);
});
