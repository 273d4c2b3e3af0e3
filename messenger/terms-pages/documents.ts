/** Documents of the terms as markup. */

import { type Html, html } from "@troth/protocol/html.ts";
import { type Block, type Inline, readMarkdown, type TableRow } from "@troth/protocol/terms-markdown.ts";

/** @param below the heading of the page that the document stands under: its own begin one level further down */
export function documentHtml(source: string, below: number): Html {
	return html`${readMarkdown(source).map((block) => blockHtml(block, below))}`;
}

function blockHtml(block: Block, below: number): Html {
	switch (block.kind) {
		case "heading":
			return headingHtml(Math.min(block.level + below, 6), inlineHtml(block.children));
		case "paragraph":
			return html`<p>${inlineHtml(block.children)}</p>`;
		case "list": {
			const items = block.items.map((item) => html`<li>${inlineHtml(item)}</li>`);
			return block.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
		}
		case "table": {
			const labels = block.head.map(plainText);
			const head = labels.map((label) => html`<th role="columnheader" scope="col">${label}</th>`);
			const rows = block.rows.map((row) => html`<tr role="row">${cells(row, labels)}</tr>`);
			return html`<table role="table"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${rows}</tbody></table>`;
		}
		case "rule":
			return html`<hr>`;
	}
}

/** `data-label`: the head of the column, for screens too narrow for columns. */
function cells(row: TableRow, labels: readonly string[]): readonly Html[] {
	return row.map((cell, at) => html`<td role="cell" data-label="${labels[at] ?? ""}">${inlineHtml(cell)}</td>`);
}

function headingHtml(level: number, content: Html): Html {
	if (level <= 2) return html`<h2>${content}</h2>`;
	if (level === 3) return html`<h3>${content}</h3>`;
	if (level === 4) return html`<h4>${content}</h4>`;
	return html`<h5>${content}</h5>`;
}

function inlineHtml(parts: readonly Inline[]): Html {
	return html`${parts.map(partHtml)}`;
}

function partHtml(part: Inline): Html | string {
	switch (part.kind) {
		case "text":
			return part.text;
		case "code":
			return html`<code>${part.text}</code>`;
		case "strong":
			return html`<strong>${inlineHtml(part.children)}</strong>`;
		case "em":
			return html`<em>${inlineHtml(part.children)}</em>`;
		case "link":
			return html`<a href="${part.href}" rel="noreferrer">${inlineHtml(part.children)}</a>`;
	}
}

function plainText(parts: readonly Inline[]): string {
	return parts.map((part) => ("text" in part ? part.text : plainText(part.children))).join("");
}
