/** The words in the reader's language. English is the only one so far; a second catalogue joins the table here. */
import { en, type Words } from "./en.ts";

const CATALOGUES: Readonly<Record<string, Words>> = { en };

function choose(preferred: readonly string[]): Words {
	for (const tag of preferred) {
		const found = CATALOGUES[tag.split("-")[0] ?? ""];
		if (found !== undefined) return found;
	}
	return en;
}

export const words: Words = choose(globalThis.navigator?.languages ?? []);
