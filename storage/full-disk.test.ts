/** A full disk is refused clearly, costs nothing that is stored, and is over when there is room again. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chat, entry, NO_LIMITS } from "./conformance/_people.ts";
import { openLogs, StoreError } from "./index.ts";

const CHILD = join(import.meta.dirname, "_full-disk-child.ts");

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
	const directory = await mkdtemp(join(tmpdir(), "troth-full-"));
	try {
		await work(directory);
	} finally {
		await rm(directory, { recursive: true });
	}
}

/** Runs a command where only it sees a small file system mounted on the directory. */
function onSmallDisk(directory: string, command: readonly string[]) {
	const script = `mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"`;
	return spawnSync("unshare", ["-rm", "sh", "-c", script, directory, ...command], { encoding: "utf8" });
}

test("a disk that is really full: StoreFull, then on as if nothing had happened", async (t) => {
	await inDirectory(async (directory) => {
		if (onSmallDisk(directory, ["true"]).status !== 0) {
			t.skip("a file system cannot be mounted in a namespace here (needs unshare and user namespaces)");
			return;
		}
		const { status, stdout, stderr } = onSmallDisk(directory, [process.execPath, CHILD, directory]);
		assert.equal(status, 0, stderr);
		const { head, ...found } = JSON.parse(stdout);
		assert.ok(head > 10, `${head} entries fitted`);
		assert.deepEqual(found, {
			refused: "StoreFull",
			both: ["StoreFull", "StoreFull"],
			otherRefusals: ["StoreFull", "StoreFull"],
			headWhenFull: head,
			readWhenFull: head,
			headAfter: head + 2,
			intact: true,
		});
	});
});

test("a store that may take so many bytes refuses more, and goes on when it may take more", async () => {
	await inDirectory(async (directory) => {
		const path = join(directory, "logs.sqlite");
		const append = (seq: number) => {
			const stored = entry(seq, { body: new Uint8Array(3000).fill(seq) });
			return { kind: "append", log: chat, entry: stored, sender: undefined } as const;
		};
		let head = 0;
		{
			await using store = await openLogs({ kind: "sqlite", path, maxBytes: 600_000 });
			await store.write([{ kind: "create", log: chat, group: undefined, alias: undefined }]);
			const full = (error: unknown) => error instanceof StoreError && error.code === "StoreFull";
			await assert.rejects(async () => {
				for (;;) {
					await store.write([append(head + 1)]);
					head++;
				}
			}, full);
			await assert.rejects(store.write([append(head + 1), append(head + 2)]), full);
			assert.equal((await store.load(chat))?.head, head);
			assert.equal((await store.read(chat, 0, NO_LIMITS)).length, head);
		}
		await using store = await openLogs({ kind: "sqlite", path });
		await store.write([append(head + 1)]);
		const entries = await store.read(chat, 0, NO_LIMITS);
		assert.deepEqual(
			entries.map(({ seq, body }) => [seq, body.length, body[0]]),
			Array.from({ length: head + 1 }, (_, index) => [index + 1, 3000, (index + 1) % 256]),
		);
	});
});

test("what is trimmed makes room again", async () => {
	await inDirectory(async (directory) => {
		await using store = await openLogs({
			kind: "sqlite",
			path: join(directory, "logs.sqlite"),
			maxBytes: 600_000,
		});
		await store.write([{ kind: "create", log: chat, group: undefined, alias: undefined }]);
		const body = new Uint8Array(3000);
		for (let seq = 1; seq <= 1000; seq++) {
			await store.write([{ kind: "append", log: chat, entry: entry(seq, { body }), sender: undefined }]);
			if (seq % 50 !== 0) continue;
			await store.write([{ kind: "trim", log: chat, upTo: seq - 10 }]);
			await store.checkpoint();
		}
		assert.equal((await store.read(chat, 0, NO_LIMITS)).length, 10);
	});
});
