/** A log's files, fetched over HTTP, each once. */
import { ProofError, required } from "../proof-error.ts";
import { decodeEntryBundle, LONGEST_ENTRY_BYTES } from "../tiles/entry-bundle.ts";
import { TILE_WIDTH, type TileAddress, tileAt, tilePath } from "../tiles/tile-path.ts";

/** Fetches a URL with GET; `fetch` is one. */
export type Get = (url: string) => Promise<Response>;

const LONGEST_CHECKPOINT = 1_000_000;
const LONGEST_TILE = TILE_WIDTH * 32;
const LONGEST_BUNDLE = TILE_WIDTH * (2 + LONGEST_ENTRY_BYTES);
const LONGEST_TEXT = 1_000_000;
const AT_ONCE = 8;

export class FetchedLog {
	readonly #url: string;
	readonly #get: Get;
	readonly #files = new Map<string, Promise<Uint8Array>>();

	constructor(url: string, get: Get) {
		this.#url = url.replace(/\/$/, "");
		this.#get = get;
	}

	/** The signed checkpoint. Rejects with ProofError (UNREACHABLE, MALFORMED). */
	async checkpoint(): Promise<string> {
		const bytes = await this.#fetch("checkpoint", LONGEST_CHECKPOINT);
		return required(asText(bytes), "the checkpoint is no text");
	}

	/** A small text file that is no part of the log's tiles. Rejects with ProofError (UNREACHABLE, MALFORMED). */
	async text(path: string): Promise<string> {
		return required(asText(await this.#fetch(path, LONGEST_TEXT)), `${path} is no text`);
	}

	/** A tile as wide as the address says. Rejects with ProofError (UNREACHABLE, TILE_INVALID). */
	async tile(address: TileAddress): Promise<Uint8Array> {
		const bytes = await this.#file(address, LONGEST_TILE);
		const wanted = bytes.subarray(0, address.width * 32);
		if (wanted.length !== address.width * 32) throw new ProofError("TILE_INVALID", `${tilePath(address)} is too short`);
		return wanted;
	}

	/** The entries of a bundle. Rejects with ProofError (UNREACHABLE, TILE_INVALID, MALFORMED). */
	async entries(size: number, index: number): Promise<readonly Uint8Array[]> {
		const address = tileAt(size, "entries", index);
		if (address === undefined) throw new RangeError("the tree has no such bundle");
		const entries = decodeEntryBundle(await this.#file(address, LONGEST_BUNDLE)).slice(0, address.width);
		if (entries.length !== address.width) throw new ProofError("TILE_INVALID", `${tilePath(address)} is too short`);
		return entries;
	}

	/** A log may delete a partial tile once the full one is there. */
	#file(address: TileAddress, longest: number): Promise<Uint8Array> {
		const path = tilePath(address);
		let file = this.#files.get(path);
		if (file === undefined) {
			const full = tilePath({ ...address, width: TILE_WIDTH });
			file = this.#fetch(path, longest).catch((error: unknown) => {
				if (full === path) throw error;
				return this.#fetch(full, longest);
			});
			this.#files.set(path, file);
		}
		return file;
	}

	async #fetch(path: string, longest: number): Promise<Uint8Array> {
		let response: Response;
		try {
			response = await this.#get(`${this.#url}/${path}`);
			if (response.status === 200) return await readUpTo(response, longest);
			await response.body?.cancel();
		} catch {
			throw new ProofError("UNREACHABLE", `${path} could not be fetched`);
		}
		throw new ProofError("UNREACHABLE", `${path}: the log answered ${response.status}`);
	}
}

/** Does the work for each of these, a few at a time. */
export async function forEach<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
	const waiting = items[Symbol.iterator]();
	const worker = async () => {
		for (let next = waiting.next(); next.done !== true; next = waiting.next()) await work(next.value);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function readUpTo(response: Response, longest: number): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of response.body ?? []) {
		length += chunk.length;
		if (length > longest) throw new RangeError("the file is too long");
		chunks.push(chunk);
	}
	const bytes = new Uint8Array(length);
	let at = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, at);
		at += chunk.length;
	}
	return bytes;
}

function asText(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
