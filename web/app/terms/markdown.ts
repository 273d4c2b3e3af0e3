/**
 * Reads the part of CommonMark that our documents use, into a tree. What it does not know stays text: nothing of a
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
	| { readonly kind: "rule" };

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const BULLET = /^\s{0,3}[-*+]\s+(.*)$/;
const NUMBER = /^\s{0,3}\d{1,9}[.)]\s+(.*)$/;
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
	for (const line of source.split(/\r?\n/)) {
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

const INLINE = /\*\*(.+?)\*\*|\*([^*\s][^*]*?)\*|_([^_\s][^_]*?)_|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/;

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
