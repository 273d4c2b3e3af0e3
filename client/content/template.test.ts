/** Templates: what a commitment covers, how variables are filled in, and that nothing else passes for a rendering. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { AuthenticatedDataSchema, BusinessCategory, TemplateMessageSchema } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import type { TemplateView } from "../device/business-api.ts";
import { type BusinessHeader, headerFields, readHeader } from "./business-header.ts";
import { countVariables, markOfText, openTemplateMessage, renderTemplate, templateCommitment } from "./template.ts";
import { Unreadable } from "./unreadable.ts";

const TEMPLATE: TemplateView = {
	...{ id: "42", version: 3, name: "order_update", language: "en_US", purpose: "utility" },
	body: "Order {{1}} arrives {{2}}. {{1}}!",
};
const VARIABLES = ["17", "today"];
const mismatch = (error: unknown) => error instanceof Unreadable && error.code === "TemplateMismatch";

const message = (variables: readonly string[]) =>
	create(TemplateMessageSchema, {
		...{ templateId: TEMPLATE.id, templateVersion: TEMPLATE.version, fallbackText: "something else" },
		bodyVariables: [...variables],
	});
const header = (change: Partial<BusinessHeader> = {}): BusinessHeader => ({
	...{ purpose: "utility", consentId: undefined, commitment: templateCommitment(TEMPLATE, VARIABLES) },
	...change,
});

test("the commitment is what entry.proto says it is", () => {
	const sha256 = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
	const texts = (...all: readonly string[]) =>
		Buffer.concat(
			all.map((text) => {
				const length = Buffer.alloc(4);
				length.writeUInt32BE(Buffer.byteLength(text));
				return Buffer.concat([length, Buffer.from(text)]);
			}),
		);
	const { id, version, name, language, body } = TEMPLATE;
	const template = sha256(texts(id, `${version}`, name, language, `${BusinessCategory.UTILITY}`, body));
	const expected = sha256(Buffer.from("troth/v1/template\0"), template, sha256(texts(...VARIABLES)));
	assert.equal(templateCommitment(TEMPLATE, VARIABLES), expected.toString("hex"));
});

test("variables are text: what looks like a place for one inside them stays as it is", () => {
	assert.equal(countVariables(TEMPLATE.body), 2);
	assert.equal(renderTemplate(TEMPLATE.body, ["{{2}}", "$& {{1}}"]), "Order {{2}} arrives $& {{1}}. {{2}}!");
});

test("what was committed to is shown, in the reader's own rendering", () => {
	const opened = openTemplateMessage(header(), message(VARIABLES), TEMPLATE);
	assert.equal(opened.text, "Order 17 arrives today. 17!");
	assert.deepEqual(opened.mark.template, { id: "42", version: 3, name: "order_update" });
});

test("another text, purpose, version or variable than was committed to is not shown", () => {
	const others: readonly (TemplateView | undefined)[] = [
		undefined,
		{ ...TEMPLATE, body: "Order {{1}} arrives {{2}}? {{1}}!" },
		{ ...TEMPLATE, purpose: "marketing" },
		{ ...TEMPLATE, version: 4 },
		{ ...TEMPLATE, name: "other" },
		{ ...TEMPLATE, language: "en_GB" },
	];
	for (const other of others) assert.throws(() => openTemplateMessage(header(), message(VARIABLES), other), mismatch);
	for (const variables of [["17"], ["17", "today", "x"], ["17", "tomorrow"], ["today", "17"], []])
		assert.throws(() => openTemplateMessage(header(), message(variables), TEMPLATE), mismatch);
	assert.throws(() => openTemplateMessage(undefined, message(VARIABLES), TEMPLATE), mismatch, "from no business");
	assert.throws(() => openTemplateMessage(header({ purpose: "marketing" }), message(VARIABLES), TEMPLATE), mismatch);
	assert.throws(() => openTemplateMessage(header({ commitment: undefined }), message(VARIABLES), TEMPLATE), mismatch);
});

test("a free text is for service alone: dressed as anything else it is not shown", () => {
	assert.equal(markOfText(undefined), undefined);
	assert.equal(markOfText({ purpose: "service", consentId: undefined, commitment: undefined })?.purpose, "service");
	for (const purpose of ["utility", "authentication", "marketing"] as const)
		assert.throws(() => markOfText({ purpose, consentId: undefined, commitment: undefined }), mismatch);
	assert.throws(() => markOfText(header({ purpose: "service" })), mismatch);
});

test("two different lists of variables never have the same commitment", () => {
	const lists = fc.array(fc.string({ maxLength: 4, unit: fc.constantFrom("a", "\0", "1", "é") }), { maxLength: 4 });
	fc.assert(
		fc.property(lists, lists, (one, other) => {
			const same = JSON.stringify(one) === JSON.stringify(other);
			assert.equal(templateCommitment(TEMPLATE, one) === templateCommitment(TEMPLATE, other), same);
		}),
		{ numRuns: rounds(300) },
	);
});

test("a header goes through AuthenticatedData and comes out the same; an unknown category does not", () => {
	const data = create(AuthenticatedDataSchema, headerFields(header({ consentId: "ab".repeat(16) })));
	assert.deepEqual(readHeader(data), header({ consentId: "ab".repeat(16) }));
	assert.equal(readHeader(create(AuthenticatedDataSchema, headerFields(undefined))), undefined);
	const malformed = (error: unknown) => error instanceof Unreadable && error.code === "Malformed";
	assert.throws(() => readHeader(create(AuthenticatedDataSchema, { category: 9 as BusinessCategory })), malformed);
	assert.throws(
		() => readHeader(create(AuthenticatedDataSchema, { category: 1, consentId: new Uint8Array(3) })),
		malformed,
	);
});
