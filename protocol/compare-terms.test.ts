import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareParagraphs, compareTerms } from "./compare-terms.ts";

const document = (body: string) => [{ id: "terms", title: "Terms", body }];

test("a document shows the paragraphs that came and went, and nothing where it is the same", () => {
	const before = { documents: document("# Terms\n\nOne.\n\nTwo.\n\nThree.") };
	const after = { documents: document("# Terms\n\nOne.\n\nTwo and a half.\n\nThree.") };
	assert.deepEqual(compareTerms(before, after)[0]?.parts, [
		{ kind: "removed", text: "Two." },
		{ kind: "added", text: "Two and a half." },
	]);
	assert.deepEqual(compareTerms(before, before)[0]?.parts, []);
});

test("a document that is new or gone is shown whole", () => {
	const some = { documents: document("Alone.") };
	const none = { documents: [] };
	assert.deepEqual(compareTerms(none, some)[0]?.parts, [{ kind: "added", text: "Alone." }]);
	assert.deepEqual(compareTerms(some, none)[0]?.parts, [{ kind: "removed", text: "Alone." }]);
});

test("whatever two texts are, the parts lead from the one to the other and share as much as they can", () => {
	const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
	fc.assert(
		fc.property(text, text, (before, after) => {
			const parts = compareParagraphs(before, after);
			const without = (kind: string) => parts.filter((part) => part.kind !== kind).map((part) => part.text);
			assert.deepEqual(without("added"), before);
			assert.deepEqual(without("removed"), after);
			const swapped = compareParagraphs(after, before);
			const same = (list: typeof parts) => list.filter(({ kind }) => kind === "same").length;
			assert.equal(same(parts), same(swapped));
		}),
	);
});
