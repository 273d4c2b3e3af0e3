/** The words in the reader's language. English is the only one so far; a second catalogue joins the table here. */
import { en, type Words } from "./en.ts";

const CATALOGUES: Readonly<Record<string, Words>> = { en };

/** Of these catalogues, by their language, the one that the reader likes best. */
export function chooseWords<Catalogue>(
	catalogues: Readonly<Record<string, Catalogue>>,
	otherwise: Catalogue,
	preferred: readonly string[] = globalThis.navigator?.languages ?? [],
): Catalogue {
	for (const tag of preferred) {
		const found = catalogues[tag.split("-")[0] ?? ""];
		if (found !== undefined) return found;
	}
	return otherwise;
}

export const words: Words = chooseWords(CATALOGUES, en);
