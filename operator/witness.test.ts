/** `npm run witness`, as somebody runs it who has nothing else of Troth. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { SystemClock } from "@troth/protocol";
import { ed25519NoteSigner } from "@troth/transparency";
import { TileLog } from "@troth/transparency/log/tile-log.node.ts";

const WITNESS = join(import.meta.dirname, "witness.ts");
const SIGNER = ed25519NoteSigner("share.example", new Uint8Array(32).fill(1));

/** Starts it and reads what it prints: where it listens, and its key. */
async function startCommand(directory: string) {
	const args = ["--name", "witness.example", "--dir", directory, "--port", "0", "--log", SIGNER.vkey];
	const child = spawn(process.execPath, [WITNESS, ...args], { stdio: ["ignore", "pipe", "ignore"] });
	const said: string[] = [];
	for await (const line of createInterface({ input: child.stdout })) if (said.push(line) === 2) break;
	const [url = "", vkey = ""] = said.map((line) => line.split(" ")[1] ?? "");
	const stop = async (signal: NodeJS.Signals) => {
		const ended = once(child, "exit");
		child.kill(signal);
		return (await ended)[0] as number | null;
	};
	return { url, vkey, stop };
}

test("a witness cosigns, ends when it is told to, and is the same one the next time", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-witness-"));
	try {
		const first = await startCommand(join(directory, "witness"));
		const { mode } = await stat(join(directory, "witness", "witness.key"));
		assert.equal(mode & 0o077, 0, "nobody else reads its seed");
		{
			const witnesses = [{ url: first.url, vkey: first.vkey }];
			const at = join(directory, "log");
			await using log = await TileLog.open({
				directory: at,
				signer: SIGNER,
				witnesses,
				quorum: 1,
				clock: new SystemClock(),
			});
			log.integrate(0, [Buffer.from("a leaf")]);
			assert.deepEqual((await log.publish()).witnessed, ["witness.example"]);
		}
		assert.equal(await first.stop("SIGTERM"), 0);
		const second = await startCommand(join(directory, "witness"));
		assert.equal(second.vkey, first.vkey);
		assert.equal(await second.stop("SIGINT"), 0);
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("a command line that makes no sense ends with 2, a key that is none with 1", async () => {
	const run = async (...args: string[]) => {
		const child = spawn(process.execPath, [WITNESS, ...args], { stdio: "ignore" });
		return (await once(child, "exit"))[0] as number;
	};
	const directory = await mkdtemp(join(tmpdir(), "troth-witness-"));
	try {
		assert.equal(await run("--name", "witness.example"), 2);
		assert.equal(await run("--name", "w", "--dir", directory, "--port", "99999", "--log", SIGNER.vkey), 2);
		assert.equal(await run("--name", "w", "--dir", directory, "--port", "0", "--log", "no key"), 1);
	} finally {
		await rm(directory, { recursive: true });
	}
});
