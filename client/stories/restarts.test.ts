/** The server stops, starts again, or comes back from an old backup, while people chat. */
import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bumpGeneration } from "../../storage/sqlite/log-database.ts";
import { startWorld, until } from "./_people.ts";

test("the server restarts in the middle: what was sent arrives once, in order", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-restarts-"));
	try {
		await using world = await startWorld({ directory });
		const alice = await world.person("Alice");
		const bob = await world.person("Bob");
		const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
		await alice.say(chat, "before");
		const sent = [];
		for (let i = 0; i < 30; i++) {
			sent.push(await alice.device.send(chat, `${i}`));
			if (i === 10) await world.stop();
			if (i === 20) await world.start();
		}
		await Promise.all(sent.map(({ id }) => id && alice.device.stored(chat, id)));
		await until("bob has all", async () => (await bob.texts(chat)).length >= 31);
		assert.deepEqual(await bob.texts(chat), ["Alice: before", ...sent.map((_, i) => `Alice: ${i}`)]);
		await bob.say(chat, "after");
		await until("alice has it", async () => (await alice.texts(chat)).includes("Bob: after"));
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("the server comes back from an old backup: nobody waits for ever, and the gap is shown (hazard 21)", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-restored-"));
	const backup = await mkdtemp(join(tmpdir(), "troth-backup-"));
	try {
		await using world = await startWorld({ directory });
		const alice = await world.person("Alice");
		const bob = await world.person("Bob");
		const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
		await alice.say(chat, "one");
		await until("bob has it", async () => (await bob.texts(chat)).length === 1);
		await bob.say(chat, "two");
		await until("alice has it", async () => (await alice.texts(chat)).length === 2);

		await world.stop();
		await cp(directory, backup, { recursive: true });
		await world.start();
		await until("alice is back", async () => (await alice.device.connection()).state === "online");
		await alice.say(chat, "lost with the disk");
		await until("bob has it", async () => (await bob.texts(chat)).length === 3);

		await world.stop();
		await rm(directory, { recursive: true });
		await cp(backup, directory, { recursive: true });
		bumpGeneration(join(directory, "logs.sqlite"));
		await world.start();

		await alice.device.caughtUp();
		await bob.device.caughtUp();
		await alice.say(chat, "after the restore");
		await until("bob has it", async () => (await bob.texts(chat)).includes("Alice: after the restore"));
		await bob.say(chat, "me too");
		await until("alice has it", async () => (await alice.texts(chat)).includes("Bob: me too"));
		for (const person of [alice, bob]) {
			const rows = await person.rows(chat);
			assert.ok(
				rows.some(({ body }) => body.kind === "gap" && body.reason === "restored"),
				`${person.name} is told`,
			);
			assert.ok((await person.texts(chat)).includes("Alice: lost with the disk"), "what was here stays here");
			assert.ok(rows.every(({ body }) => body.kind !== "unreadable"));
			assert.equal((await person.device.connection()).state, "online");
		}
	} finally {
		await rm(directory, { recursive: true });
		await rm(backup, { recursive: true });
	}
});
