/** Opens the store of the blobs. */
import { DiskBlobStore } from "./disk/blob-store.ts";
import { MemoryBlobStore } from "./memory/blob-store.ts";
import type { BlobStore } from "./ports.ts";

export type BlobsAt = { readonly kind: "disk"; readonly path: string } | { readonly kind: "memory" };

/** The blobs' store. The caller disposes it. Rejects with StoreError. */
export async function openBlobs(at: BlobsAt): Promise<BlobStore> {
	switch (at.kind) {
		case "disk":
			return DiskBlobStore.open(at.path);
		case "memory":
			return new MemoryBlobStore();
	}
}
