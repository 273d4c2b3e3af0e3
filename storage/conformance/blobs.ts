/** What every blob store has to do. Registers tests for one engine. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { BlobId } from "@troth/protocol";
import fc from "fast-check";
import { type BlobStore, StoreError } from "../ports.ts";

export interface BlobEngine {
	readonly name: string;
	/** Keeps its blobs when it is opened again in the same directory. */
	readonly durable: boolean;
	open(directory: string): Promise<BlobStore>;
	/** How many random histories to try. */
	readonly histories: number;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const closed = (error: unknown) => error instanceof StoreError && error.code === "StoreFailed";

export function testBlobs(engine: BlobEngine): void {
	const story = (name: string, tell: (store: BlobStore, directory: string) => Promise<void>) =>
		test(name, async () => {
			const directory = await mkdtemp(join(tmpdir(), "troth-blobs-"));
			try {
				await using store = await engine.open(directory);
				await tell(store, directory);
			} finally {
				await rm(directory, { recursive: true });
			}
		});

	describe(`blobs: ${engine.name}`, () => {
		story("a blob is found by the hash of its bytes", async (store) => {
			const photo = new Uint8Array(3_000_000).fill(7);
			const id = await store.put(photo);
			assert.equal(id, sha256(photo));
			assert.deepEqual(await store.get(id), photo);
			const empty = await store.put(new Uint8Array());
			assert.deepEqual(await store.get(empty), new Uint8Array());
			assert.equal(await store.get(sha256(new Uint8Array([1])) as BlobId), undefined);
		});

		story("the same bytes are one blob, also when they come at once", async (store) => {
			const tree = new Uint8Array(100_000).fill(3);
			const ids = await Promise.all([store.put(tree), store.put(tree.slice()), store.put(tree)]);
			assert.deepEqual(new Set(ids), new Set([sha256(tree)]));
			assert.equal(await store.put(tree), ids[0]);
			const [id] = ids;
			await store.delete(id);
			assert.equal(await store.get(id), undefined);
			await store.delete(id);
		});

		story("what the caller does to its bytes afterwards changes nothing", async (store) => {
			const bytes = new Uint8Array(1000).fill(1);
			const put = store.put(bytes);
			bytes.fill(2);
			const id = await put;
			const read = await store.get(id);
			assert.equal(sha256(read ?? new Uint8Array()), id);
			read?.fill(9);
			assert.equal((await store.get(id))?.[0], 1);
		});

		story("random puts, gets and deletes: the same as a map", async (_, directory) => {
			const operation = fc.record({ kind: fc.constantFrom("put", "put", "get", "delete"), n: fc.nat({ max: 5 }) });
			await fc.assert(
				fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
					const own = await mkdtemp(join(directory, "history-"));
					await using store = await engine.open(own);
					const model = new Map<string, Uint8Array>();
					for (const { kind, n } of operations) {
						const bytes = new Uint8Array(n * 10).fill(n);
						const id = sha256(bytes) as BlobId;
						if (kind === "put") model.set(await store.put(bytes), bytes);
						else if (kind === "get") assert.deepEqual(await store.get(id), model.get(id));
						else {
							await store.delete(id);
							model.delete(id);
						}
					}
					for (const [id, bytes] of model) assert.deepEqual(await store.get(id as BlobId), bytes);
				}),
				{ numRuns: engine.histories },
			);
		});

		story("a store that is closed refuses everything, and what it had begun is done", async (store, directory) => {
			const bytes = new Uint8Array([1, 2, 3]);
			const begun = store.put(bytes);
			await store[Symbol.asyncDispose]();
			const id = await begun;
			await assert.rejects(store.put(bytes), closed);
			await assert.rejects(store.get(id), closed);
			await assert.rejects(store.delete(id), closed);
			if (!engine.durable) return;
			await using again = await engine.open(directory);
			assert.deepEqual(await again.get(id), bytes);
		});
	});
}
