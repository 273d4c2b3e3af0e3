/**
 * Changes of the sources on their way into this process, through Node's module hooks: the files on the disk, and what
 * is shipped, know nothing of them. Has to be called before anything that is edited is imported.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "..", "..");

export interface Edit {
	/** Below the project's root. */
	readonly file: string;
	/** Stands in the file exactly once. */
	readonly find: string;
	readonly put: string;
}

/** From now on these files are loaded with these changes. Throws where a text is not there exactly once. */
export function applyEdits(edits: readonly Edit[]): void {
	const byUrl = new Map<string, Edit[]>();
	for (const edit of edits) {
		checkEdit(edit);
		const url = pathToFileURL(join(ROOT, edit.file)).href;
		byUrl.set(url, [...(byUrl.get(url) ?? []), edit]);
	}
	registerHooks({
		load(url, context, nextLoad) {
			const loaded = nextLoad(url, context);
			const own = byUrl.get(url);
			if (own === undefined) return loaded;
			const source =
				typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source as Uint8Array);
			return { ...loaded, source: own.reduce(edited, source) };
		},
	});
}

/** Throws where the text that is to be replaced is not there exactly once. */
export function checkEdit(edit: Edit): void {
	edited(readFileSync(join(ROOT, edit.file), "utf8"), edit);
}

function edited(source: string, { file, find, put }: Edit): string {
	const parts = source.split(find);
	if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
	return parts.join(put);
}
