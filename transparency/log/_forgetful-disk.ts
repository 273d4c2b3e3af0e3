/**
 * A disk in memory that fails when it is told to, and forgets on power loss what was not synced: file contents are
 * there (they are written synced), but a name is only sure once the directory it stands in was synced.
 */
import { basename, dirname, join } from "node:path";
import type { FileSystem } from "./durable-files.node.ts";

type Entry = { readonly kind: "directory" } | { readonly kind: "file"; readonly bytes: Uint8Array };
type Directory = Map<string, Entry>;

const DIRECTORY: Entry = { kind: "directory" };

export class ForgetfulDisk implements FileSystem {
	#now = new Map<string, Directory>();
	#synced = new Map<string, Directory>();
	/** Operations that are still allowed; the next one fails, and with `dead` every later one, too. */
	left = Number.POSITIVE_INFINITY;
	dead = false;
	operations = 0;

	async makeDirectory(path: string): Promise<void> {
		this.#operate();
		for (let at = path; at !== dirname(at); at = dirname(at)) {
			this.#in(at);
			if (!this.#in(dirname(at)).has(basename(at))) this.#in(dirname(at)).set(basename(at), DIRECTORY);
		}
	}

	async writeSynced(path: string, bytes: Uint8Array): Promise<void> {
		const copy = Uint8Array.from(bytes);
		try {
			this.#operate();
		} catch (error) {
			// Half of it was written.
			this.#in(dirname(path)).set(basename(path), { kind: "file", bytes: copy.slice(0, copy.length / 2) });
			throw error;
		}
		this.#in(dirname(path)).set(basename(path), { kind: "file", bytes: copy });
	}

	async rename(from: string, to: string): Promise<void> {
		this.#operate();
		const entry = this.#in(dirname(from)).get(basename(from));
		if (entry === undefined) throw new Error("ENOENT");
		this.#in(dirname(from)).delete(basename(from));
		this.#in(dirname(to)).set(basename(to), entry);
	}

	async syncDirectory(path: string): Promise<void> {
		this.#operate();
		this.#synced.set(path, new Map(this.#in(path)));
	}

	async remove(path: string): Promise<void> {
		this.#operate();
		this.#now.get(dirname(path))?.delete(basename(path));
		for (const known of [...this.#now.keys()])
			if (known === path || known.startsWith(`${path}/`)) this.#now.delete(known);
	}

	read(path: string): Uint8Array | undefined {
		const entry = this.#now.get(dirname(path))?.get(basename(path));
		return entry?.kind === "file" ? Uint8Array.from(entry.bytes) : undefined;
	}

	/** What is on the disk after the power came back; `survives` decides about each change that was not synced. */
	afterPowerLoss(survives: () => boolean): ForgetfulDisk {
		const disk = new ForgetfulDisk();
		const visit = (path: string) => {
			const now = this.#now.get(path) ?? new Map<string, Entry>();
			const synced = this.#synced.get(path) ?? new Map<string, Entry>();
			const kept: Directory = new Map();
			for (const name of new Set([...now.keys(), ...synced.keys()])) {
				const [before, after] = [synced.get(name), now.get(name)];
				const entry = before === after || survives() ? after : before;
				if (entry === undefined) continue;
				kept.set(name, entry);
				if (entry.kind === "directory") visit(join(path, name));
			}
			disk.#now.set(path, kept);
			disk.#synced.set(path, new Map(kept));
		};
		visit("/");
		return disk;
	}

	#operate(): void {
		this.operations++;
		if (this.left-- > 0) return;
		if (!this.dead) this.left = Number.POSITIVE_INFINITY;
		throw new Error("EIO");
	}

	#in(path: string): Directory {
		let directory = this.#now.get(path);
		if (directory === undefined) {
			directory = new Map();
			this.#now.set(path, directory);
		}
		return directory;
	}
}
