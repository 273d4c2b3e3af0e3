/** Who wins the place, what it costs, and whom an ad is for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { type Bidder, qualityOf, runAuction } from "./auction.ts";
import { reviewAd } from "./review.ts";
import { isEligible } from "./targeting.ts";

const bidder = fc.record({
	ad: fc.uuid(),
	bid: fc.integer({ min: 0, max: 10_000 }),
	quality: fc.integer({ min: 0, max: 1000 }),
	known: fc.boolean(),
	lot: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("the best score wins, pays enough to have won, and never more than its bid", () => {
	fc.assert(
		fc.property(fc.array(bidder, { maxLength: 8 }), (bidders) => {
			const sale = runAuction(bidders);
			const able = bidders.filter(({ bid, quality }) => bid > 0 && quality > 0);
			if (sale === undefined) return assert.equal(able.length, 0);
			const winner = able.find(({ ad }) => ad === sale.ad);
			assert.ok(winner !== undefined && sale.price <= winner.bid && sale.price >= 1);
			for (const other of able) assert.ok(other.bid * other.quality <= winner.bid * winner.quality);
			const rest = able.filter((other) => other !== winner).map(({ bid, quality }) => bid * quality);
			const second = Math.max(0, ...rest);
			assert.ok(sale.price === winner.bid || sale.price * winner.quality >= second);
			// One less would not have been enough.
			if (sale.price > 1) assert.ok((sale.price - 1) * winner.quality < second);
		}),
		{ numRuns: rounds(500) },
	);
});

test("a company the person deals with ranks above a stranger at an equal score, and only then (D5)", () => {
	const stranger: Bidder = { ad: "stranger", bid: 500, quality: 1000, known: false, lot: 0.9 };
	const known: Bidder = { ad: "known", bid: 500, quality: 1000, known: true, lot: 0.1 };
	assert.deepEqual(runAuction([stranger, known]), { ad: "known", price: 500 });
	assert.deepEqual(runAuction([known, stranger]), { ad: "known", price: 500 });
	assert.deepEqual(runAuction([{ ...stranger, bid: 501 }, known]), { ad: "stranger", price: 500 });
	assert.equal(runAuction([stranger, { ...stranger, ad: "other", lot: 0.95 }])?.ad, "other");
	assert.deepEqual(runAuction([known]), { ad: "known", price: 1 });
	assert.equal(runAuction([]), undefined);
});

test("what people hide is worth less, down to a half", () => {
	assert.equal(qualityOf(0, 0), 1000);
	assert.equal(qualityOf(100, 1), 950);
	assert.equal(qualityOf(0, 1_000), 500);
});

test("lists: one is enough, an excluded one is too many, and without permission none is looked at", () => {
	const rules = { ageMin: 18, ageMax: 65, included: new Set(["a", "b"]), excluded: new Set(["x"]) };
	const on = (...lists: string[]) => isEligible(rules, { age: 40, lists: new Set(lists) });
	assert.deepEqual([on("a"), on("b", "c"), on("c"), on(), on("a", "x")], [true, true, false, false, false]);
	assert.equal(isEligible(rules, { age: 40, lists: undefined }), false);
	const exclusion = { ...rules, included: new Set<string>() };
	assert.equal(isEligible(exclusion, { age: 40, lists: new Set() }), true);
	assert.equal(isEligible(exclusion, { age: 40, lists: undefined }), false);
	const anybody = { ...exclusion, excluded: new Set<string>() };
	assert.equal(isEligible(anybody, { age: 40, lists: undefined }), true);
	const ages = [17, 18, 65, 90].map((age) => isEligible(anybody, { age, lists: undefined }));
	assert.deepEqual(ages, [false, true, true, true]);
	const young = { ...anybody, ageMin: 13, ageMax: 20 };
	assert.deepEqual(
		[12, 13, 20, 21].map((age) => isEligible(young, { age, lists: undefined })),
		[false, true, true, false],
	);
});

test("the review gives a reason", () => {
	const ad = { title: "Spring sale", message: "Boots, half price.", link: "https://shop.example/spring" };
	assert.equal(reviewAd(ad), undefined);
	assert.equal(reviewAd({ ...ad, link: "http://127.0.0.1:8080/" }), undefined);
	for (const wrong of [
		{ link: "http://shop.example/" },
		{ link: "javascript:alert(1)" },
		{ link: "https://me:secret@shop.example/" },
		{ title: "x".repeat(101) },
		{ message: "Reply with your verification code" },
		{ message: "You are on our list!" },
		{ message: "zero\u0000" },
	]) {
		assert.match(reviewAd({ ...ad, ...wrong }) ?? "", /\.$/, JSON.stringify(wrong));
	}
});
