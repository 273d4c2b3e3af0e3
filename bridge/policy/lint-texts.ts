/**
 * Does the privacy policy say what the table does? What a person reads is prose, what decides is data: in every
 * language the document has to name every recipient and every purpose, and where it has a row for a purpose, that row
 * has to name the same recipients and the same time.
 */
import { type Block, type Inline, readMarkdown, type TableRow } from "@troth/protocol/terms-markdown.ts";
import type { PolicyDraft, PurposeDraft } from "./draft.ts";
import type { Finding } from "./lint.ts";

const PRIVACY = "privacy";

/** What of the privacy documents contradicts the purposes and recipients of the file. */
export function* lintTexts(file: PolicyDraft): Iterable<Finding> {
	if (file.purposes.length === 0) return;
	for (const [locale, { documents, purposes = {} }] of Object.entries(file.locales)) {
		const at = documents.findIndex(({ id }) => id === PRIVACY);
		const body = documents[at]?.body;
		if (body === undefined) {
			const message = "what is shared needs a document `privacy` that says so";
			yield { code: "PRIVACY_DOCUMENT_MISSING", path: `locales.${locale}.documents`, message };
			continue;
		}
		const path = `locales.${locale}.documents.${at}`;
		const blocks = readMarkdown(body);
		const text = blocks.map(textOf).join("\n");
		for (const { name } of file.recipients)
			if (!names(text, name)) yield { code: "TEXT_OMITS_RECIPIENT", path, message: `it does not name ${name}` };
		const rows = blocks.flatMap((block) => (block.kind === "table" ? block.rows : []));
		for (const purpose of file.purposes) {
			// Words that are missing altogether are another finding.
			const title = Object.hasOwn(purposes, purpose.id) ? purposes[purpose.id]?.title.trim() : undefined;
			if (title === undefined || title === "") continue;
			if (!namesTitle(text, title)) yield { code: "TEXT_OMITS_PURPOSE", path, message: `it does not name “${title}”` };
			for (const row of rows)
				if (textOfCell(row[0]).trim().toLowerCase() === title.toLowerCase()) yield* lintRow(file, purpose, row, path);
		}
	}
}

function* lintRow(file: PolicyDraft, purpose: PurposeDraft, row: TableRow, path: string): Iterable<Finding> {
	const said = row.slice(1).map(textOfCell).join("\n");
	for (const { id, name } of file.recipients) {
		const gets = purpose.recipients.includes(id);
		if (gets === names(said, name)) continue;
		const message = gets ? `the row of ${purpose.id} omits ${name}` : `${name} does not get ${purpose.id}`;
		yield { code: "TEXT_CONTRADICTS_TABLE", path, message };
	}
	if (!names(said, String(purpose.retentionDays))) {
		const message = `the row of ${purpose.id} does not say ${purpose.retentionDays} days`;
		yield { code: "TEXT_CONTRADICTS_TABLE", path, message };
	}
}

/** As words of their own: "Families" does not name Family, nor 1365 the number 365. */
function names(text: string, words: string): boolean {
	const literally = words.trim().replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
	return new RegExp(`(?<![\\p{L}\\p{N}])${literally}(?![\\p{L}\\p{N}])`, "u").test(text);
}

/** A title may begin a sentence or stand within one. */
function namesTitle(text: string, title: string): boolean {
	return names(text.toLowerCase(), title.toLowerCase());
}

function textOf(block: Block): string {
	switch (block.kind) {
		case "heading":
		case "paragraph":
			return textOfCell(block.children);
		case "list":
			return block.items.map(textOfCell).join("\n");
		case "table":
			return [block.head, ...block.rows].flat().map(textOfCell).join("\n");
		case "rule":
			return "";
	}
}

function textOfCell(parts: readonly Inline[] | undefined): string {
	return (parts ?? []).map((part) => ("text" in part ? part.text : textOfCell(part.children))).join("");
}
