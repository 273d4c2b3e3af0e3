/** Files as a zip, as they come: nothing of it is kept in memory but the list of names. */
import { Zip, ZipDeflate } from "fflate";
import type { ExportFile } from "./export-files.ts";

/** The bytes of the zip, piece by piece. Rejects as the files do. */
export async function* toZip(files: AsyncIterable<ExportFile>): AsyncGenerator<Uint8Array> {
	let ready: Uint8Array[] = [];
	let failed: Error | undefined;
	const zip = new Zip((error, piece) => {
		if (error !== null) failed = error;
		else ready.push(piece);
	});
	const take = function* () {
		if (failed !== undefined) throw failed;
		yield* ready;
		ready = [];
	};
	const encoder = new TextEncoder();
	for await (const { path, madeMs, text } of files) {
		const file = new ZipDeflate(path, { level: 6 });
		file.mtime = madeMs;
		zip.add(file);
		for await (const part of text) {
			file.push(encoder.encode(part));
			yield* take();
		}
		file.push(new Uint8Array(), true);
		yield* take();
	}
	zip.end();
	yield* take();
}
