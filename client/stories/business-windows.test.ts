/** The customer service window outlives what the server keeps in memory and in the log. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { startWorld, until } from "./_people.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

test("alice wrote: the shop may answer after the log left memory and after a restart, and not after a day", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-windows-"));
	try {
		await using world = await startWorld({ directory, operatorToken: "operator" });
		const [shop, alice] = [await world.person("Shop"), await world.person("Alice")];
		await fetch(`${world.url}/operator/businesses`, {
			method: "POST",
			headers: { authorization: "Bearer operator", "content-type": "application/json" },
			body: JSON.stringify({ phone: shop.phone, name: "Corner Shop" }),
		});
		const chat = await shop.device.openDirect(alice.account);
		const answer = async (text: string) => {
			const { id } = await shop.device.send(chat, { kind: "service", text });
			assert.ok(id !== undefined);
			return shop.device.stored(chat, id);
		};
		const closed = (work: Promise<unknown>) => assert.rejects(work, (error) => isRefusal(error, "WINDOW_CLOSED"));
		await until("alice is in", async () => (await alice.device.conversations())[0]);
		await closed(answer("Joining a chat is not writing in it"));
		await alice.say(chat, "Hello");
		await answer("Hello Alice");
		await until("alice has it", async () => (await alice.texts(chat)).length === 2);

		// Idle for long enough, the log leaves memory, and loses the entries that everybody has.
		for (let minutes = 0; minutes < 4; minutes++) {
			world.clock.advance(MINUTE_MS);
			await new Promise((resolve) => setImmediate(resolve));
		}
		await answer("Anything else?");
		await world.stop();
		await world.start();
		shop.device.reconnect();
		await answer("We are still here");
		world.clock.advance(DAY_MS - 10 * MINUTE_MS);
		await answer("The day is nearly over");
		world.clock.advance(10 * MINUTE_MS);
		await closed(answer("Too late"));
		alice.device.reconnect();
		await alice.say(chat, "Good morning");
		await answer("Good morning");
	} finally {
		await rm(directory, { recursive: true });
	}
});
