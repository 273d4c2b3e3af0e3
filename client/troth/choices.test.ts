import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionsAsShown } from "../consent/as-shown.ts";
import type { PurposeView, TermsView } from "../device/api.ts";
import { answersOf } from "./choices.ts";
import { type Arguments, UsageError } from "./command.ts";

function purpose(id: PurposeView["id"], basis: PurposeView["basis"]): PurposeView {
	const choice = basis === "consent" || basis === "opt_out";
	return {
		id,
		basis,
		choice,
		initiallyOn: basis === "opt_out",
		title: id,
		body: "",
		fields: [],
		recipients: [],
		retentionDays: 1,
		embargoDays: 0,
		barred: false,
		objectable: false,
		objection: true,
		purposeHash: "",
	};
}

const termsWith = (basis: "consent" | "opt_out"): TermsView => ({
	version: 2,
	publishedAtMs: 0,
	acceptedVersion: 1,
	summary: [],
	documents: [],
	policyHash: "",
	policyLog: { kind: "none" },
	model: basis === "consent" ? "opt_in" : "opt_out",
	minorBelow: 18,
	purposes: [
		purpose("friend_suggestions", basis),
		purpose("relevant_ads", basis),
		purpose("account_linking", "consent"),
		purpose("usage_metrics", "legitimate_interest"),
	],
});

const given = (options: Readonly<Record<string, string>>): Arguments => ({
	words: [],
	flag: () => false,
	option: (name) => options[name],
});

/** "purpose yes" and "purpose no", with "(on)" where it was shown on. */
function decided(terms: TermsView, options: Readonly<Record<string, string>>): readonly string[] {
	return decisionsAsShown(terms.purposes, answersOf(given(options), terms)).flatMap(({ initiallyOn, decisions }) =>
		decisions.map((one) => `${one.purpose} ${one.granted ? "yes" : "no"}${initiallyOn ? " (on)" : ""}`),
	);
}

test("under opt-in nothing is decided that was not named", () => {
	const terms = termsWith("consent");
	assert.deepEqual(decided(terms, {}), []);
	assert.deepEqual(decided(terms, { consent: "relevant_ads" }), ["relevant_ads yes"]);
	assert.deepEqual(decided(terms, { refuse: "all" }), ["friend_suggestions no", "relevant_ads no"]);
	assert.deepEqual(decided(terms, { consent: "relevant_ads", refuse: "all" }), [
		"friend_suggestions no",
		"relevant_ads yes",
	]);
});

test("under opt-out what was not named stays ticked, and that is signed as having been shown on", () => {
	const terms = termsWith("opt_out");
	assert.deepEqual(decided(terms, {}), ["friend_suggestions yes (on)", "relevant_ads yes (on)"]);
	assert.deepEqual(decided(terms, { refuse: "relevant_ads" }), ["friend_suggestions yes (on)", "relevant_ads no (on)"]);
});

test("linking and what rests on another basis are not among the choices, and nothing is answered twice", () => {
	const terms = termsWith("consent");
	for (const options of [
		{ consent: "account_linking" },
		{ refuse: "usage_metrics" },
		{ consent: "messages" },
		{ consent: "relevant_ads", refuse: "relevant_ads" },
	])
		assert.throws(() => answersOf(given(options), terms), UsageError);
	assert.deepEqual(decided({ ...terms, purposes: [] }, { refuse: "all" }), []);
});
