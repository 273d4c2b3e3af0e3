/**
 * Reads the part of CommonMark that our documents use, and the tables of GitHub's flavour, into a tree. What it does not know stays text: nothing of a
 * document ever becomes markup of its own.
 */
export type Inline =
	| { readonly kind: "text"; readonly text: string }
	| { readonly kind: "strong" | "em"; readonly children: readonly Inline[] }
	| { readonly kind: "code"; readonly text: string }
	| { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] };

export type Block =
	| { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
	| { readonly kind: "paragraph"; readonly children: readonly Inline[] }
	| { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
	| { readonly kind: "table"; readonly head: TableRow; readonly rows: readonly TableRow[] }
	| { readonly kind: "rule" };

/** By cell. */
export type TableRow = readonly (readonly Inline[])[];

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const BULLET = /^\s{0,3}[-*+]\s+(.*)$/;
const NUMBER = /^\s{0,3}\d{1,9}[.)]\s+(.*)$/;
const ROW = /^\s{0,3}\|(.*)\|\s*$/;
const DELIMITER = /^\s{0,3}\|(?:\s*:?-+:?\s*\|)+\s*$/;
const RULE = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;

export function readMarkdown(source: string): readonly Block[] {
	const blocks: Block[] = [];
	let paragraph: string[] = [];
	let list: { ordered: boolean; items: string[] } | undefined;
	const endParagraph = () => {
		if (paragraph.length > 0) blocks.push({ kind: "paragraph", children: readInline(paragraph.join(" ")) });
		paragraph = [];
	};
	const endList = () => {
		if (list !== undefined) blocks.push({ kind: "list", ordered: list.ordered, items: list.items.map(readInline) });
		list = undefined;
	};
	const lines = source.split(/\r?\n/);
	for (let at = 0; at < lines.length; at++) {
		const line = lines[at] ?? "";
		const heading = HEADING.exec(line);
		const bullet = BULLET.exec(line);
		const item = bullet ?? NUMBER.exec(line);
		if (line.trim() === "") {
			endParagraph();
			endList();
		} else if (heading !== null) {
			endParagraph();
			endList();
			blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, children: readInline(heading[2] ?? "") });
		} else if (ROW.test(line) && DELIMITER.test(lines[at + 1] ?? "")) {
			endParagraph();
			endList();
			const end = lines.findIndex((below, n) => n > at + 1 && !ROW.test(below));
			const rows = lines.slice(at + 2, end === -1 ? undefined : end);
			blocks.push({ kind: "table", head: readRow(line), rows: rows.map(readRow) });
			at += 1 + rows.length;
		} else if (RULE.test(line)) {
			endParagraph();
			endList();
			blocks.push({ kind: "rule" });
		} else if (item !== null) {
			endParagraph();
			const ordered = bullet === null;
			if (list?.ordered !== ordered) endList();
			list ??= { ordered, items: [] };
			list.items.push(item[1] ?? "");
		} else if (list !== undefined) {
			list.items.push(`${list.items.pop() ?? ""} ${line.trim()}`);
		} else paragraph.push(line.trim());
	}
	endParagraph();
	endList();
	return blocks;
}

function readRow(line: string): TableRow {
	return (ROW.exec(line)?.[1] ?? "").split("|").map((cell) => readInline(cell.trim()));
}

const INLINE =
	/\*\*(.+?)\*\*|\*([^*\s][^*]*?)\*|(?<![\p{L}\p{N}_])_([^_\s][^_]*?)_(?![\p{L}\p{N}_])|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/u;

export function readInline(source: string): readonly Inline[] {
	const parts: Inline[] = [];
	let rest = source;
	for (let match = INLINE.exec(rest); match !== null; match = INLINE.exec(rest)) {
		const [all, strong, star, underscore, code, label, target] = match;
		if (match.index > 0) parts.push({ kind: "text", text: rest.slice(0, match.index) });
		const em = star ?? underscore;
		if (strong !== undefined) parts.push({ kind: "strong", children: readInline(strong) });
		else if (em !== undefined) parts.push({ kind: "em", children: readInline(em) });
		else if (code !== undefined) parts.push({ kind: "code", text: code });
		else parts.push(readLink(label ?? "", target ?? "", all));
		rest = rest.slice(match.index + all.length);
	}
	if (rest !== "") parts.push({ kind: "text", text: rest });
	return parts;
}

function readLink(label: string, href: string, source: string): Inline {
	if (!/^(https?:\/\/|\/|#)/.test(href)) return { kind: "text", text: source };
	return { kind: "link", href, children: readInline(label) };
}
