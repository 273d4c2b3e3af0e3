/**
 * Files that are there as a whole or not at all, and stay once `put` has resolved: written under another name, synced,
 * renamed, and the directories synced, because a name is only as durable as the directory it stands in.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The system calls that matter; the tests put a disk in their place that fails and forgets. */
export interface FileSystem {
	makeDirectory(path: string): Promise<void>;
	/** Writes a new file and syncs its bytes. */
	writeSynced(path: string, bytes: Uint8Array): Promise<void>;
	rename(from: string, to: string): Promise<void>;
	syncDirectory(path: string): Promise<void>;
	/** With everything below it; nothing where there is nothing. */
	remove(path: string): Promise<void>;
	/** Undefined where there is no such file. */
	read(path: string): Uint8Array | undefined;
}

export const DISK: FileSystem = {
	async makeDirectory(path) {
		await mkdir(path, { recursive: true, mode: 0o700 });
	},
	async writeSynced(path, bytes) {
		const file = await open(path, "wx", 0o600);
		try {
			await file.writeFile(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
	},
	rename,
	async syncDirectory(path) {
		const directory = await open(path, "r");
		await directory.sync().finally(() => directory.close());
	},
	async remove(path) {
		await rm(path, { recursive: true, force: true });
	},
	read(path) {
		try {
			return readFileSync(path);
		} catch (error) {
			if (["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(error))) return undefined;
			throw error;
		}
	},
};

const DRAFTS = "drafts";
const AT_ONCE = 16;

export class DurableFiles {
	readonly #root: string;
	readonly #fs: FileSystem;

	private constructor(root: string, fs: FileSystem) {
		this.#root = root;
		this.#fs = fs;
	}

	/** Opens a directory, made where there is none. What a crash left half-written is deleted. */
	static async open(root: string, fs: FileSystem = DISK): Promise<DurableFiles> {
		await fs.remove(join(root, DRAFTS));
		await fs.makeDirectory(join(root, DRAFTS));
		// What can be read now was perhaps renamed just before a crash and would not survive the next one.
		for (const directory of [root, dirname(root)]) await fs.syncDirectory(directory);
		return new DurableFiles(root, fs);
	}

	/** Undefined where there is no such file. `path` is below the directory. */
	read(path: string): Uint8Array | undefined {
		return this.#fs.read(join(this.#root, path));
	}

	/** Puts all of these there, in any order; each replaces what was there. */
	async put(files: Iterable<readonly [path: string, bytes: Uint8Array]>): Promise<void> {
		const waiting = files[Symbol.iterator]();
		const directories = new Set([this.#root]);
		const worker = async () => {
			for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
				const [path, bytes] = next.value;
				await this.#write(join(this.#root, path), bytes);
				for (let at = dirname(join(this.#root, path)); at !== this.#root; at = dirname(at)) directories.add(at);
			}
		};
		await settled(Array.from({ length: AT_ONCE }, worker));
		for (const directory of directories) await this.#fs.syncDirectory(directory);
	}

	/** Takes a file or a directory away; after a crash it may be there again. */
	remove(path: string): Promise<void> {
		return this.#fs.remove(join(this.#root, path));
	}

	async #write(path: string, bytes: Uint8Array): Promise<void> {
		const draft = join(this.#root, DRAFTS, randomUUID());
		try {
			await this.#fs.writeSynced(draft, bytes);
			await this.#fs.makeDirectory(dirname(path));
			await this.#fs.rename(draft, path);
		} catch (error) {
			await this.#fs.remove(draft).catch(() => {});
			throw error;
		}
	}
}

/** Waits for all, also where one fails: nothing is to be written any more when the caller hears of it. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
	const failed = (await Promise.allSettled(work)).find((one) => one.status === "rejected");
	if (failed !== undefined) throw failed.reason;
}

function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
