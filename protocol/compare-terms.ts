/** What is different between two versions of the terms: paragraph by paragraph. Pure. */
import type { TermsText } from "./terms-text.ts";

export interface Part {
	readonly kind: "same" | "added" | "removed";
	readonly text: string;
}

export interface DocumentDifference {
	readonly id: string;
	readonly title: string;
	/** Only what was added or removed, in the order of the text; empty where nothing was. */
	readonly parts: readonly Part[];
}

/** By document, in the order of the newer version; those that are gone come last. */
export function compareTerms(
	before: Pick<TermsText, "documents">,
	after: Pick<TermsText, "documents">,
): readonly DocumentDifference[] {
	const ids = [...new Set([...after.documents, ...before.documents].map(({ id }) => id))];
	return ids.map((id) => {
		const [old, now] = [before, after].map(({ documents }) => documents.find((document) => document.id === id));
		const parts = compareParagraphs(paragraphs(old?.body), paragraphs(now?.body));
		return { id, title: now?.title ?? old?.title ?? id, parts: parts.filter(({ kind }) => kind !== "same") };
	});
}

function paragraphs(body: string | undefined): readonly string[] {
	return (body ?? "").split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "");
}

/** The shortest way from one to the other by whole paragraphs (longest common subsequence). */
export function compareParagraphs(before: readonly string[], after: readonly string[]): readonly Part[] {
	const common = commonLengths(before, after);
	const parts: Part[] = [];
	let [i, j] = [0, 0];
	while (i < before.length || j < after.length) {
		const [old, now] = [before[i], after[j]];
		if (old !== undefined && old === now) {
			parts.push({ kind: "same", text: old });
			i++;
			j++;
		} else if (old !== undefined && (now === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
			parts.push({ kind: "removed", text: old });
			i++;
		} else {
			parts.push({ kind: "added", text: now ?? "" });
			j++;
		}
	}
	return parts;
}

/** How many paragraphs the rests from (i, j) on have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
	const rows: number[][] = [new Array<number>(after.length + 1).fill(0)];
	for (let i = before.length - 1; i >= 0; i--) {
		const below = rows[0] ?? [];
		const row = new Array<number>(after.length + 1).fill(0);
		for (let j = after.length - 1; j >= 0; j--)
			row[j] = before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
		rows.unshift(row);
	}
	return rows;
}

function at(table: readonly (readonly number[])[], i: number, j: number): number {
	return table[i]?.[j] ?? 0;
}
