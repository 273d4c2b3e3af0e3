/** The rule of business messages, case by case. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BusinessCategory, type RefusalCode } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import {
	type CategoryHeader,
	judgeBusiness,
	judgePerson,
	type Receiver,
	type Said,
	SERVICE_WINDOW_MS,
} from "./category-rule.ts";

const NOW = 1_800_000_000_000;
const { UNSPECIFIED, SERVICE, UTILITY, AUTHENTICATION, MARKETING } = BusinessCategory;
const RECEIPT = "ab".repeat(16);

const header = (category: number, consentId?: string): CategoryHeader => ({
	category,
	consentId: consentId === undefined ? undefined : new Uint8Array(Buffer.from(consentId, "hex")),
	hasTemplate: category !== SERVICE && category !== UNSPECIFIED,
});
const person = (said: Partial<Record<BusinessCategory, Said>> = {}, wroteMs?: number): Receiver => ({
	said: (category) => said[category],
	wroteMs,
});
const allowed: Said = { permission: "allowed", consentId: RECEIPT };
const stopped: Said = { permission: "stopped", consentId: "cd".repeat(16) };

const CASES: readonly (readonly [string, CategoryHeader, readonly Receiver[], RefusalCode | undefined])[] = [
	["no category", header(UNSPECIFIED), [person()], "CATEGORY_INVALID"],
	["a category of the future", header(9), [person()], "CATEGORY_INVALID"],
	[
		"an offer without a template",
		{ ...header(MARKETING, RECEIPT), hasTemplate: false },
		[person({ [MARKETING]: allowed })],
		"CATEGORY_INVALID",
	],
	["free text with a template", { ...header(SERVICE), hasTemplate: true }, [person({}, NOW)], "CATEGORY_INVALID"],
	["marketing to somebody who said nothing", header(MARKETING, RECEIPT), [person()], "CATEGORY_NOT_ALLOWED"],
	["marketing that names no receipt", header(MARKETING), [person({ [MARKETING]: allowed })], "CATEGORY_NOT_ALLOWED"],
	[
		"marketing with the receipt of another purpose",
		header(MARKETING, RECEIPT),
		[person({ [UTILITY]: allowed })],
		"CATEGORY_NOT_ALLOWED",
	],
	[
		"marketing with an older receipt",
		header(MARKETING, "ef".repeat(16)),
		[person({ [MARKETING]: allowed })],
		"CATEGORY_NOT_ALLOWED",
	],
	["marketing with the receipt in force", header(MARKETING, RECEIPT), [person({ [MARKETING]: allowed })], undefined],
	[
		"marketing to somebody who stopped it",
		header(MARKETING, stopped.consentId),
		[person({ [MARKETING]: stopped })],
		"CATEGORY_STOPPED",
	],
	["an update to somebody who said nothing", header(UTILITY), [person()], undefined],
	["an update to somebody who stopped marketing", header(UTILITY), [person({ [MARKETING]: stopped })], undefined],
	["an update to somebody who stopped updates", header(UTILITY), [person({ [UTILITY]: stopped })], "CATEGORY_STOPPED"],
	["an update that names a receipt nobody gave", header(UTILITY, RECEIPT), [person()], "CATEGORY_NOT_ALLOWED"],
	[
		"a code to somebody who stopped codes",
		header(AUTHENTICATION),
		[person({ [AUTHENTICATION]: stopped })],
		"CATEGORY_STOPPED",
	],
	["free text to somebody who never wrote", header(SERVICE), [person()], "WINDOW_CLOSED"],
	["free text at the last moment of the window", header(SERVICE), [person({}, NOW - SERVICE_WINDOW_MS)], undefined],
	["free text a moment later", header(SERVICE), [person({}, NOW - SERVICE_WINDOW_MS - 1)], "WINDOW_CLOSED"],
	["free text to somebody who stopped it", header(SERVICE), [person({ [SERVICE]: stopped }, NOW)], "CATEGORY_STOPPED"],
	["free text where one of two never wrote", header(SERVICE), [person({}, NOW), person()], "WINDOW_CLOSED"],
];

for (const [what, message, receivers, code] of CASES)
	test(`${what}: ${code ?? "goes"}`, () => assert.equal(judgeBusiness(message, receivers, NOW)?.code, code));

test("people name nothing of what businesses name", () => {
	assert.equal(judgePerson(header(UNSPECIFIED)), undefined);
	for (const message of [
		header(SERVICE),
		header(UTILITY),
		header(9),
		header(UNSPECIFIED, RECEIPT),
		{ ...header(UNSPECIFIED), hasTemplate: true },
	])
		assert.equal(judgePerson(message)?.code, "CATEGORY_INVALID");
});

test("whatever else was said and written: a stop stops, and only a live receipt lets marketing through", () => {
	const said = fc.option(
		fc.record({
			permission: fc.constantFrom("allowed" as const, "stopped" as const),
			consentId: fc.constantFrom(RECEIPT, "00".repeat(16)),
		}),
		{ nil: undefined },
	);
	const arbitrary = fc.record({
		category: fc.constantFrom(SERVICE, UTILITY, AUTHENTICATION, MARKETING),
		consentId: fc.option(fc.constantFrom(RECEIPT, "11".repeat(16)), { nil: undefined }),
		said,
		wroteMs: fc.option(fc.integer({ min: NOW - 2 * SERVICE_WINDOW_MS, max: NOW }), { nil: undefined }),
	});
	let [permits, stops] = [0, 0];
	fc.assert(
		fc.property(arbitrary, ({ category, consentId, said: decision, wroteMs }) => {
			const receiver = person(decision === undefined ? {} : { [category]: decision }, wroteMs);
			const refusal = judgeBusiness(header(category, consentId), [receiver], NOW);
			if (decision?.permission === "stopped") {
				assert.equal(refusal?.code, "CATEGORY_STOPPED");
				stops++;
			}
			if (refusal === undefined) {
				permits++;
				if (category === MARKETING) assert.ok(decision?.permission === "allowed" && decision.consentId === consentId);
				if (category === SERVICE) assert.ok(wroteMs !== undefined && NOW - wroteMs <= SERVICE_WINDOW_MS);
			}
		}),
		{ numRuns: rounds(500) },
	);
	assert.ok(permits > 20 && stops > 20, `${permits} permits, ${stops} stops`);
});
