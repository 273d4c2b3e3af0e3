/** Blobs in memory, for tests and simulation. */
import { createHash } from "node:crypto";
import type { BlobId } from "@troth/protocol";
import type { BlobStore } from "../ports.ts";
import { StoreError } from "../ports.ts";

export class MemoryBlobStore implements BlobStore {
	readonly #blobs = new Map<BlobId, Uint8Array>();
	#closed = false;

	async put(bytes: Uint8Array): Promise<BlobId> {
		this.#assertOpen();
		const id = blobId(bytes);
		if (!this.#blobs.has(id)) this.#blobs.set(id, bytes.slice());
		return id;
	}

	async get(id: BlobId): Promise<Uint8Array | undefined> {
		this.#assertOpen();
		return this.#blobs.get(id)?.slice();
	}

	async delete(id: BlobId): Promise<void> {
		this.#assertOpen();
		this.#blobs.delete(id);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed = true;
	}

	#assertOpen(): void {
		if (this.#closed) throw new StoreError("StoreFailed", "the store is closed");
	}
}

/** The address of these bytes: their SHA-256. */
export function blobId(bytes: Uint8Array): BlobId {
	return createHash("sha256").update(bytes).digest("hex") as BlobId;
}
