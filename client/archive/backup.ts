/** A backup: an archive as a file, under a code that its person wrote down. */
import type { DeviceContext } from "../device/context.ts";
import { fromFile, toFile } from "./archive-file.ts";
import { setAsBefore } from "./as-before.ts";
import { newHeader, readHead } from "./cipher.ts";
import { type ArchiveSource, makeArchive } from "./make-archive.ts";
import type { ArchiveProgress } from "./progress.ts";
import { lockOf, secretOfCode } from "./recovery-code.ts";
import { takeArchive } from "./take-archive.ts";

/** The file, piece by piece. Rejects with CodeMalformed. */
export async function* makeBackup(source: ArchiveSource, code: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	const header = newHeader(source.random, lockOf(code));
	yield* toFile(makeArchive(source, await secretOfCode(code, header), header));
}

/**
 * Takes a backup in: history and settings, nothing that is sent with (hazard 16). Again after a failure: it goes on where
 * it was. Rejects with ArchiveError (CodeMalformed and WrongCode before anything is taken; with Damaged and Truncated what
 * came in before stays), UNAVAILABLE where the server has yet to be told whom to block and what to show.
 */
export async function takeBackup(
	context: DeviceContext,
	file: AsyncIterable<Uint8Array>,
	code: string,
	progressed?: (progress: ArchiveProgress) => void,
): Promise<ArchiveProgress> {
	const parts = fromFile(file);
	const { done, value: head } = await parts.next();
	const secret = await secretOfCode(code, readHead(done === true ? new Uint8Array() : head));
	return setAsBefore(context, await takeArchive(context, secret, withHead(head, parts), progressed));
}

async function* withHead(head: Uint8Array, parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield head;
	yield* parts;
}
