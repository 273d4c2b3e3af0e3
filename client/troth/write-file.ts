/** A file that is there whole or not at all, for its owner alone. */
import { open, rename, rm } from "node:fs/promises";

/** Resolves with the length when all of it is on the disk. Rejects as the pieces do, and then there is no file. */
export async function writeWhole(path: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
	const draft = `${path}.new`;
	let bytes = 0;
	try {
		const file = await open(draft, "w", 0o600);
		try {
			for await (const piece of pieces) {
				await file.writeFile(piece);
				bytes += piece.length;
			}
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
	return bytes;
}
