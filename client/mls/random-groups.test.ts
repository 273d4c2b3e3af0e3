/** Groups as they grow and shrink over time: everybody who is in agrees, and everybody who joins can. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import {
	applied,
	bytes,
	DeviceLists,
	engine,
	joined,
	NO_DATA,
	newConversation,
	type Person,
	readText,
	sparing,
} from "./_people.ts";
import type { MlsGroup } from "./engine.ts";

interface Step {
	readonly actor: number;
	readonly add: number;
	readonly remove: readonly number[];
	readonly rejoin: boolean;
	readonly sparing: boolean;
}

const steps = fc.array(
	fc.record<Step>({
		actor: fc.nat(30),
		add: fc.nat(3),
		remove: fc.array(fc.nat(30), { maxLength: 3 }),
		rejoin: fc.boolean(),
		sparing: fc.boolean(),
	}),
	{ minLength: 4, maxLength: 10 },
);

test("random adds, removals and rejoins leave all members with one epoch", { timeout: 1_800_000 }, async () => {
	await fc.assert(
		fc.asyncProperty(steps, async (plan) => {
			const lists = new DeviceLists();
			const inside = new Map<Person, MlsGroup>();
			const alice = await lists.person("alice");
			inside.set(alice, await engine.createGroup(newConversation(), await alice.newKeyPackage(), alice.keys));
			for (const step of plan) await play(step, lists, inside);
		}),
		{ numRuns: rounds(8), endOnFailure: true },
	);
});

async function play(step: Step, lists: DeviceLists, inside: Map<Person, MlsGroup>): Promise<void> {
	const people = [...inside.keys()];
	const actor = people[step.actor % people.length];
	assert.ok(actor);
	const state = stateOf(inside, actor);
	const leaves = engine.members(state).map(({ leaf }) => leaf);
	const remove = [...new Set(step.remove.map((pick) => leaves[pick % leaves.length] ?? 0))].filter(
		(leaf) => leaf !== engine.ownLeaf(state),
	);
	const added = await Promise.all(
		Array.from({ length: step.add }, async () => {
			const person = await lists.person("someone");
			return { person, own: await person.newKeyPackage() };
		}),
	);
	const commit = await (step.sparing ? sparing : engine).commit(
		state,
		{ add: added.map(({ own }) => own.message), remove, authenticatedData: NO_DATA },
		lists.authority,
	);
	for (const [person, group] of inside) {
		if (person === actor) continue;
		const { next, selfRemoved } = await applied(lists, group, commit.commit);
		assert.equal(selfRemoved, remove.includes(engine.ownLeaf(group)));
		if (selfRemoved) inside.delete(person);
		else inside.set(person, next);
	}
	inside.set(actor, commit.next);
	for (const { person, own } of added) inside.set(person, await joined(lists, commit, own));

	if (step.rejoin) {
		const returning = [...inside.keys()].at(step.actor % inside.size);
		assert.ok(returning);
		const again = await engine.joinExternal(
			commit.groupInfo,
			commit.ratchetTree,
			await returning.newKeyPackage(),
			NO_DATA,
			lists.authority,
		);
		for (const [person, group] of inside) {
			if (person !== returning) inside.set(person, (await applied(lists, group, again.commit)).next);
		}
		inside.set(returning, again.next);
	}
	await agree(lists, inside);
}

async function agree(lists: DeviceLists, inside: Map<Person, MlsGroup>): Promise<void> {
	const authenticators = new Set([...inside.values()].map((group) => engine.epochAuthenticator(group).join()));
	assert.equal(authenticators.size, 1);
	const [speaker] = inside.keys();
	assert.ok(speaker);
	const { next, message } = await engine.encrypt(stateOf(inside, speaker), bytes("all here?"), NO_DATA);
	inside.set(speaker, next);
	for (const [person, group] of inside) {
		if (person === speaker) continue;
		const heard = await readText(lists, group, message);
		assert.equal(heard.text, "all here?");
		assert.equal(heard.sender.device, speaker.identity.device);
		inside.set(person, heard.next);
	}
}

function stateOf(inside: ReadonlyMap<Person, MlsGroup>, person: Person): MlsGroup {
	const state = inside.get(person);
	assert.ok(state);
	return state;
}
