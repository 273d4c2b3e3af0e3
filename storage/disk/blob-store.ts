/** Blobs as files named by their SHA-256, two levels deep. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BlobId } from "@troth/protocol";
import { blobId } from "../memory/blob-store.ts";
import { type BlobStore, StoreError, type StoreErrorCode } from "../ports.ts";

/** Where a blob lies until all of it is there. */
const DRAFTS = "drafts";

export class DiskBlobStore implements BlobStore {
	readonly #root: string;
	/** Puts under way: a second one of the same bytes is durable when the first one is. */
	readonly #puts = new Map<BlobId, Promise<void>>();
	#closed = false;

	private constructor(root: string) {
		this.#root = root;
	}

	/** Opens a directory, made where there is none. What a crash left half-written is deleted. Rejects with StoreError. */
	static async open(root: string): Promise<DiskBlobStore> {
		return failing(async () => {
			await rm(join(root, DRAFTS), { recursive: true, force: true });
			await mkdir(join(root, DRAFTS), { recursive: true, mode: 0o700 });
			return new DiskBlobStore(root);
		});
	}

	async put(bytes: Uint8Array): Promise<BlobId> {
		this.#assertOpen();
		const id = blobId(bytes);
		let put = this.#puts.get(id);
		if (put === undefined) {
			put = failing(() => this.#store(this.#path(id), bytes.slice())).finally(() => this.#puts.delete(id));
			this.#puts.set(id, put);
		}
		await put;
		return id;
	}

	async get(id: BlobId): Promise<Uint8Array | undefined> {
		this.#assertOpen();
		return failing(async () => {
			try {
				return new Uint8Array(await readFile(this.#path(id)));
			} catch (error) {
				if (codeOf(error) === "ENOENT") return undefined;
				throw error;
			}
		});
	}

	async delete(id: BlobId): Promise<void> {
		this.#assertOpen();
		await failing(async () => {
			const path = this.#path(id);
			if (!(await exists(path))) return;
			await rm(path, { force: true });
			await syncDirectory(dirname(path));
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed = true;
		await Promise.allSettled(this.#puts.values());
	}

	async #store(path: string, bytes: Uint8Array): Promise<void> {
		if (!(await exists(path))) await this.#write(path, bytes);
		// The name is durable only when each directory on the way is. Also of a file that is there: it may be the work of
		// a process that was killed at this point.
		for (const directory of [dirname(path), dirname(dirname(path)), this.#root]) await syncDirectory(directory);
	}

	async #write(path: string, bytes: Uint8Array): Promise<void> {
		const draft = join(this.#root, DRAFTS, randomUUID());
		try {
			const file = await open(draft, "wx", 0o600);
			try {
				await file.writeFile(bytes);
				await file.sync();
			} finally {
				await file.close();
			}
			await mkdir(dirname(path), { recursive: true, mode: 0o700 });
			await rename(draft, path);
		} catch (error) {
			await rm(draft, { force: true });
			throw error;
		}
	}

	#path(id: BlobId): string {
		return join(this.#root, id.slice(0, 2), id.slice(2, 4), id);
	}

	#assertOpen(): void {
		if (this.#closed) throw new StoreError("StoreFailed", "the store is closed");
	}
}

async function syncDirectory(path: string): Promise<void> {
	const directory = await open(path, "r");
	try {
		await directory.sync();
	} finally {
		await directory.close();
	}
}

async function exists(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch (error) {
		if (codeOf(error) === "ENOENT") return false;
		throw error;
	}
}

async function failing<Value>(work: () => Promise<Value>): Promise<Value> {
	try {
		return await work();
	} catch (error) {
		const code: StoreErrorCode = ["ENOSPC", "EDQUOT", "EFBIG"].includes(codeOf(error)) ? "StoreFull" : "StoreFailed";
		// Paths stay out of the text: it may reach a log.
		throw new StoreError(code, `the blob store failed: ${codeOf(error)}`);
	}
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
