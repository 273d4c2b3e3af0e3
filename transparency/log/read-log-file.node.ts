/** What a log gives to everybody over HTTP: its checkpoint, and the tiles that the checkpoint covers. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseCheckpoint } from "../checkpoint/checkpoint.ts";
import { parseNote } from "../note/signed-note.ts";
import { parseTilePath, tileAt } from "../tiles/tile-path.ts";

export interface LogFile {
	readonly body: Uint8Array<ArrayBuffer>;
	readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads what is served at this path below the log's URL ("/checkpoint", "/tile/0/000.p/7"); undefined for everything
 * else, also for tiles of a tree that is not published yet.
 */
export async function readLogFile(directory: string, path: string): Promise<LogFile | undefined> {
	if (path === "/checkpoint") {
		const body = await readIfThere(join(directory, "checkpoint"));
		return body && { body, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache" } };
	}
	// Only what is spelt as `tilePath` spells it goes to the disk.
	const address = path.startsWith("/") ? parseTilePath(path.slice(1)) : undefined;
	const checkpoint = address && (await readIfThere(join(directory, "checkpoint")));
	if (address === undefined || checkpoint === undefined) return undefined;
	const { size } = parseCheckpoint(parseNote(new TextDecoder().decode(checkpoint)).text);
	// Leaves that no published checkpoint covers could still become others, and tiles are cached for ever.
	if ((tileAt(size, address.level, address.index)?.width ?? 0) < address.width) return undefined;
	const body = await readIfThere(join(directory, path));
	return body && { body, headers: { "content-type": "application/octet-stream", "cache-control": FOR_EVER } };
}

const FOR_EVER = "public, max-age=31536000, immutable";

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
	try {
		return new Uint8Array(await readFile(path));
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
		throw error;
	}
}
