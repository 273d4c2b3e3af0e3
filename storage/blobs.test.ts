import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import { testBlobs } from "./conformance/blobs.ts";
import { openBlobs } from "./index.ts";

testBlobs({
	name: "memory",
	durable: false,
	histories: rounds(50),
	open: () => openBlobs({ kind: "memory" }),
});
testBlobs({
	name: "disk",
	durable: true,
	histories: rounds(20),
	open: (path) => openBlobs({ kind: "disk", path: join(path, "blobs") }),
});

test("what a crash left half-written is gone at the next opening, and nobody else may read the files", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-blobs-"));
	try {
		const path = join(directory, "blobs");
		await mkdir(join(path, "drafts"), { recursive: true });
		await writeFile(join(path, "drafts", "half"), "half of a phot");
		await using store = await openBlobs({ kind: "disk", path });
		assert.deepEqual(await readdir(join(path, "drafts")), []);
		const id = await store.put(new Uint8Array([1]));
		const { mode } = await stat(join(path, id.slice(0, 2), id.slice(2, 4), id));
		assert.equal(mode & 0o077, 0);
		assert.deepEqual(await readdir(join(path, "drafts")), []);
	} finally {
		await rm(directory, { recursive: true });
	}
});
