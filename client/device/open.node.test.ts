/** Profiles on disk: registered, opened again, locked, and killed in the middle of sending. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { startWorld, type TestWorld, until } from "../stories/_people.ts";
import { openProfile, registerProfile } from "./open.node.ts";

async function withProfiles(work: (world: TestWorld, folder: (name: string) => string) => Promise<void>) {
	const root = await mkdtemp(join(tmpdir(), "troth-profiles-"));
	try {
		await using world = await startWorld();
		await work(world, (name) => join(root, name));
	} finally {
		await rm(root, { recursive: true });
	}
}

const register = (world: TestWorld, dir: string, phone: string, name: string) =>
	registerProfile({ dir, server: world.url, phone, name, code: async () => world.code(phone), acceptTerms: true });

test("a profile is one device: made once, opened by one process at a time", async () => {
	await withProfiles(async (world, folder) => {
		const dir = folder("alice");
		const self = await register(world, dir, "+15550106001", "Alice");
		{
			await using device = await openProfile({ dir });
			assert.deepEqual(await device.self(), self);
			await assert.rejects(openProfile({ dir }), { code: "ProfileInUse" });
			await device.caughtUp();
			assert.equal((await device.terms()).acceptedVersion, 1);
		}
		await assert.rejects(register(world, dir, "+15550106001", "Alice"), (error) => isRefusal(error, "FORBIDDEN"));
		await assert.rejects(openProfile({ dir: folder("nobody") }), (error) => isRefusal(error, "NOT_FOUND"));
	});
});

test("a passphrase is needed where one was set", async () => {
	await withProfiles(async (world, folder) => {
		const dir = folder("alice");
		const phone = "+15550106002";
		const options = { dir, passphrase: "correct horse" };
		await registerProfile({ ...options, server: world.url, phone, name: "Alice", code: async () => world.code(phone) });
		await assert.rejects(openProfile({ dir }), { code: "PassphraseRequired" });
		await assert.rejects(openProfile({ dir, passphrase: "wrong" }), { code: "WrongPassphrase" });
		await using device = await openProfile(options);
		assert.equal((await device.self()).name, "Alice");
	});
});

test("kill -9 while sending: every message it had taken arrives once, in order, and the next one too", async () => {
	await withProfiles(async (world, folder) => {
		const dir = folder("alice");
		const phone = "+15550106003";
		await register(world, dir, phone, "Alice");
		const bob = await world.person("Bob");
		const chat = await (async () => {
			await using device = await openProfile({ dir });
			await device.caughtUp();
			return await device.openDirect((await device.find(bob.phone)).account);
		})();
		for (const enough of [20, 45]) {
			const child = spawn(process.execPath, [join(import.meta.dirname, "_sender.node.ts"), dir, chat], {
				stdio: ["ignore", "pipe", "inherit"],
			});
			const before = (await bob.texts(chat).catch(() => [])).length;
			let taken = 0;
			child.stdout.on("data", (chunk: Buffer) => (taken += chunk.toString().split("\n").length - 1));
			await until("some are on their way", async () => taken >= enough && (await bob.texts(chat)).length > before);
			child.kill("SIGKILL");
			await new Promise((resolve) => child.once("exit", resolve));

			await using device = await openProfile({ dir });
			await device.caughtUp();
			const own = await device.messages(chat, { limit: 1000 });
			assert.ok(own.length >= before + taken, "what was taken is there");
			await until("all arrive", async () => (await bob.texts(chat)).length === own.length);
			const texts = own.map(({ body }) => (body.kind === "text" ? `Alice: ${body.text}` : body.kind));
			assert.deepEqual(await bob.texts(chat), texts);
			assert.ok(
				(await bob.rows(chat)).every(({ body }) => body.kind === "text"),
				"nothing unreadable, no fork",
			);
			assert.equal((await device.connection()).state, "online");
		}
	});
});
