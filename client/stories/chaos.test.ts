/**
 * A group in which everything goes wrong at once, under a seed: streams break, devices die and come back, people come
 * and go, answers get lost. In the end everybody who was there has every text, once, in one order, and nobody was
 * taken for a copy.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, until } from "./_people.ts";

const SEEDS = rounds(2);
const STEPS = 60;
const FIRST = Number(process.env["TROTH_SEED"] ?? 1);

/** Mulberry32: small, and the same everywhere. */
function dice(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
	};
}

for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
	test(`chaos with seed ${seed}`, async () => {
		const roll = dice(seed);
		await using world = await startWorld();
		const men = new Map<Person, Middleman>();
		const person = async (name: string) => {
			const man = new Middleman();
			const somebody = await world.person(name, { ports: man.between });
			men.set(somebody, man);
			return somebody;
		};
		const alice = await person("Alice");
		const staying = [alice, await person("Bob"), await person("Carla")];
		const dan = await person("Dan");
		const accounts = [];
		for (const other of staying.slice(1)) accounts.push((await alice.device.find(other.phone)).account);
		await alice.device.find(dan.phone);
		const group = await alice.device.createGroup("Chaos", accounts);
		for (const one of staying) await until("everybody is in", () => one.device.conversation(group));

		const said: string[] = [];
		const changes: Promise<unknown>[] = [];
		const refusedOnly = (error: unknown) => assert.ok(isRefusal(error), String(error));
		let danIsIn = false;
		for (let step = 0; step < STEPS; step++) {
			const who = staying[roll(staying.length)] ?? alice;
			const man = men.get(who);
			switch (roll(9)) {
				case 0:
					man?.disconnect();
					break;
				case 1:
					await who.crash(man);
					await who.open();
					break;
				case 2: {
					// The next answers get lost, and then the stream with them.
					if (man === undefined) break;
					const kind = (["sendOk", "entry"] as const)[roll(2)];
					man.incoming = (frame) => (frame.body.case === kind ? [] : [frame]);
					await new Promise((resolve) => setTimeout(resolve, roll(40)));
					man.disconnect();
					man.incoming = (frame) => [frame];
					break;
				}
				case 3: {
					const change = danIsIn
						? alice.device.removeMembers(group, [dan.account])
						: alice.device.addMembers(group, [dan.account]);
					danIsIn = !danIsIn;
					changes.push(change.catch(refusedOnly));
					break;
				}
				default: {
					const text = `${who.name} ${step}`;
					const taken = await who.device.send(group, text).catch(refusedOnly);
					// What was taken has to arrive, whatever comes.
					if (taken !== undefined) said.push(`${who.name}: ${text}`);
				}
			}
			await new Promise((resolve) => setTimeout(resolve, roll(15)));
		}
		await Promise.all(changes);

		for (const one of staying) {
			await until(`${one.name} has all`, async () => (await one.texts(group)).length >= said.length);
			await until(`${one.name} is taken for no copy`, async () => (await one.device.connection()).state === "online");
			const rows = await one.rows(group);
			const wrong = rows.filter(({ body }) => ["unreadable", "forked", "gap"].includes(body.kind));
			assert.deepEqual(
				wrong.map(({ body, seq }) => [seq, body]),
				[],
				one.name,
			);
			assert.deepEqual((await one.texts(group)).toSorted(), said.toSorted(), one.name);
		}
		// One order for all: the server's numbers, which are the same everywhere.
		const ordered = async (one: Person) =>
			(await one.rows(group))
				.filter(({ body }) => body.kind === "text")
				.map(({ seq, id }) => ({ seq, id }))
				.toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
		for (const one of staying)
			await until("everything is confirmed", async () => (await ordered(one)).every(({ seq }) => seq !== undefined));
		const order = await ordered(alice);
		for (const one of staying) assert.deepEqual(await ordered(one), order, one.name);
	});
}
