import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Block, type Inline, readInline, readMarkdown } from "./terms-markdown.ts";

test("a document of terms becomes headings, paragraphs and lists", () => {
	assert.deepEqual(readMarkdown("# Terms\n\nYou *may*\nleave.\n\n- one\n  and more\n- **two**\n\n1. first\n---\n"), [
		{ kind: "heading", level: 1, children: [{ kind: "text", text: "Terms" }] },
		{
			kind: "paragraph",
			children: [
				{ kind: "text", text: "You " },
				{ kind: "em", children: [{ kind: "text", text: "may" }] },
				{ kind: "text", text: " leave." },
			],
		},
		{
			kind: "list",
			ordered: false,
			items: [
				[{ kind: "text", text: "one and more" }],
				[{ kind: "strong", children: [{ kind: "text", text: "two" }] }],
			],
		},
		{ kind: "list", ordered: true, items: [[{ kind: "text", text: "first" }]] },
		{ kind: "rule" },
	]);
});

test("a table has a head and rows, and ends where a line is no row", () => {
	const text = (value: string) => [{ kind: "text", text: value }];
	assert.deepEqual(readMarkdown("| what | who |\n|---|:--|\n| your number | **Family** |\nAnd no more."), [
		{
			kind: "table",
			head: [text("what"), text("who")],
			rows: [[text("your number"), [{ kind: "strong", children: text("Family") }]]],
		},
		{ kind: "paragraph", children: text("And no more.") },
	]);
	assert.deepEqual(readMarkdown("| no table |"), [{ kind: "paragraph", children: text("| no table |") }]);
});

test("a link that would run a script stays text", () => {
	assert.deepEqual(readInline("[click](javascript:alert(1))"), [
		{ kind: "text", text: "[click](javascript:alert(1)" },
		{ kind: "text", text: ")" },
	]);
	assert.deepEqual(readInline("[site](https://example.org/x)"), [
		{ kind: "link", href: "https://example.org/x", children: [{ kind: "text", text: "site" }] },
	]);
});

test("an underscore within a name is a letter of it", () => {
	assert.deepEqual(readInline("spam_and_abuse"), [{ kind: "text", text: "spam_and_abuse" }]);
	assert.deepEqual(readInline("_so_"), [{ kind: "em", children: [{ kind: "text", text: "so" }] }]);
});

test("whatever a document holds, no letter of it is lost", () => {
	fc.assert(
		fc.property(fc.stringMatching(/^[a-z #*_`[\]()|\n-]{0,200}$/), (source) => {
			const letters = (text: string) => text.replaceAll(/[^a-z]/g, "");
			assert.equal(letters(textOfBlocks(readMarkdown(source))), letters(source));
		}),
	);
});

function textOfBlocks(blocks: readonly Block[]): string {
	return blocks
		.map((block) => {
			if (block.kind === "rule") return "";
			if (block.kind === "table") return [block.head, ...block.rows].flat().map(textOf).join("");
			return block.kind === "list" ? block.items.map(textOf).join("") : textOf(block.children);
		})
		.join("");
}

function textOf(parts: readonly Inline[]): string {
	return parts
		.map((part) => {
			if ("text" in part) return part.text;
			// The target of a link is shown by the browser, not by us.
			return (part.kind === "link" ? part.href : "") && part.kind === "link"
				? textOf(part.children) + part.href
				: textOf(part.children);
		})
		.join("");
}
