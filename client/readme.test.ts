/** The bot in the README is run as it stands there. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { registerProfile } from "./device/open.node.ts";
import { startWorld, until } from "./stories/_people.ts";

test("the bot of the README answers, in no more lines than it says", async () => {
	const readme = await readFile(join(import.meta.dirname, "README.md"), "utf8");
	const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
	const lines = code.split("\n").filter((line) => line.trim() !== "");
	assert.ok(lines.length > 5 && lines.length <= 15, `${lines.length} lines`);
	const dir = await mkdtemp(join(tmpdir(), "troth-bot-"));
	try {
		await using world = await startWorld();
		const phone = "+15550105001";
		const server = world.url;
		await registerProfile({ dir, server, phone, name: "Echo", code: async () => world.code(phone), acceptTerms: true });
		const bot = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code, "x", dir], {
			cwd: import.meta.dirname,
			stdio: ["ignore", "pipe", "inherit"],
		});
		try {
			const alice = await world.person("Alice");
			const chat = await alice.device.openDirect((await alice.device.find(phone)).account);
			await alice.say(chat, "Hello");
			await until("the bot answers", async () => (await alice.texts(chat)).includes("Echo: You said: Hello"));
			await until("it has read", async () => (await alice.rows(chat))[0]?.delivery?.state === "read");
		} finally {
			bot.kill("SIGTERM");
			await new Promise((resolve) => bot.once("exit", resolve));
		}
	} finally {
		await rm(dir, { recursive: true });
	}
});
