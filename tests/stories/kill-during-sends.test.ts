/**
 * Kill -9 of the server in the middle of 500 sends: every send reported as stored is delivered exactly once after the
 * restart, in order (promises 1, 2 and 3).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import { account, hears, say, Town, textsOf, until } from "./_town.ts";

const SENDS = 500;

for (let round = 1; round <= rounds(1); round++) {
	test(`alice sends ${SENDS} messages while the server is killed twice; bob gets each once (round ${round})`, async () => {
		await using town = await Town.found();
		await using alice = await town.welcome("Alice", "0001");
		await using bob = await town.welcome("Bob", "0002");
		const conversation = await alice.openDirect(await account(bob));
		await say(alice, conversation, "ready?");
		await hears(bob, "ready?");

		const killAt = [Math.floor(SENDS * 0.2 + Math.random() * 100), Math.floor(SENDS * 0.6 + Math.random() * 100)];
		const stored: { readonly text: string; readonly seq: number }[] = [];
		const waiting: Promise<void>[] = [];
		for (let n = 0; n < SENDS; n++) {
			const text = `number ${n}`;
			const { id } = await alice.send(conversation, text);
			assert.ok(id !== undefined);
			waiting.push(
				alice.stored(conversation, id).then(({ seq }) => {
					stored.push({ text, seq });
					if (killAt.includes(stored.length)) process.kill(town.node.pid, "SIGKILL");
				}),
			);
		}
		await Promise.all(waiting);
		assert.equal(stored.length, SENDS);
		await hears(bob, `number ${SENDS - 1}`);
		const heard = await until(bob, async () => {
			const texts = (await textsOf(bob, conversation)).filter((text) => text.startsWith("number "));
			return texts.length >= SENDS ? texts : undefined;
		});
		assert.deepEqual(
			heard,
			Array.from({ length: SENDS }, (_, n) => `number ${n}`),
		);
		const places = stored.map(({ seq }) => seq).sort((a, b) => a - b);
		assert.equal(new Set(places).size, SENDS, "no two messages have one place");
		assert.equal((places.at(-1) ?? 0) - (places[0] ?? 0), SENDS - 1, "the places are dense");
		const there = (await bob.messages(conversation, { limit: 2 * SENDS })).filter(({ body }) => body.kind === "text");
		for (const { text, seq } of stored) {
			assert.ok(
				there.some((message) => message.seq === seq && message.body.kind === "text" && message.body.text === text),
			);
		}
	});
}
