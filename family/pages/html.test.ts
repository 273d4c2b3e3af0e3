import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import { html } from "@troth/protocol/html.ts";
import fc from "fast-check";

test("a value never leaves its place, in text or in an attribute", () => {
	fc.assert(
		fc.property(fc.string(), fc.string(), (attribute, text) => {
			const page = html`<p title="${attribute}">${text}</p>`.text;
			assert.match(page, /^<p title="[^"<>]*">[^<>]*<\/p>$/);
			const characters = (escaped: string) =>
				escaped.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
			assert.equal(characters(page), `<p title="${attribute}">${text}</p>`);
		}),
		{ numRuns: rounds(300) },
	);
});

test("pieces of a page stay pieces, nothing is nothing, lists are joined", () => {
	const rows = ["<a>", "b"].map((name) => html`<li>${name}</li>`);
	assert.equal(html`<ul>${rows}${false}${null}${undefined}${0}</ul>`.text, "<ul><li>&#60;a&#62;</li><li>b</li>0</ul>");
});
