/** Opens the store of the blobs. */
import { MemoryBlobStore } from "./memory/blob-store.ts";
import type { BlobStore } from "./ports.ts";

export type BlobsAt = { readonly kind: "memory" };

/** The blobs' store. The caller disposes it. */
export async function openBlobs(at: BlobsAt): Promise<BlobStore> {
	switch (at.kind) {
		case "memory":
			return new MemoryBlobStore();
	}
}
