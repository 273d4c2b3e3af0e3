/** Files that the device makes piece by piece, for the browser's downloads. */
import type { DeviceHost } from "../../device-worker/host.ts";

/** Pieces are handed to the browser in blobs of about this size, which it may keep on its disk. */
const BLOB_BYTES = 8 * 1024 * 1024;
/** A download has begun by then. */
const KEPT_MS = 60_000;

/** All of a file. Rejects as the device does; an aborted one rejects with the signal's reason. */
export async function collectFile(
	host: Pick<DeviceHost, "nextPiece" | "stopFile">,
	file: string,
	type: string,
	{ signal, progressed }: { readonly signal: AbortSignal; readonly progressed: (bytes: number) => void },
): Promise<Blob> {
	const blobs: Blob[] = [];
	let pieces: Uint8Array<ArrayBuffer>[] = [];
	let [held, all] = [0, 0];
	try {
		for (;;) {
			signal.throwIfAborted();
			const piece = await host.nextPiece(file);
			if (piece === undefined) break;
			pieces.push(piece);
			held += piece.length;
			all += piece.length;
			progressed(all);
			if (held < BLOB_BYTES) continue;
			blobs.push(new Blob(pieces));
			pieces = [];
			held = 0;
		}
	} catch (error) {
		await host.stopFile(file).catch(() => {});
		throw error;
	}
	return new Blob([...blobs, ...pieces], { type });
}

/** Gives it to the browser under this name. */
export function download(blob: Blob, name: string): void {
	const url = URL.createObjectURL(blob);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
