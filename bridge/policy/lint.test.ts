/** What an operator can not publish, and the files that ship. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isResidual } from "@troth/protocol";
import { at, type Broken, OPT_IN, OPT_OUT, refuses, USAGE, WORDS, wordsOf } from "./_broken.ts";
import { readDraft } from "./draft.ts";
import { lintPolicy } from "./lint.ts";
import { parsePolicy, purposeHash, readPolicyFile, shippedPolicyPath } from "./policy.ts";
import { PolicyError } from "./policy-error.ts";

test("the files that ship keep every rule, and say what they are", async () => {
	for (const name of ["v1", "opt-in", "opt-out"] as const) {
		const policy = await readPolicyFile(shippedPolicyPath(name));
		assert.deepEqual(lintPolicy(readDraft(policy.canonical)), [], name);
	}
	const optIn = await readPolicyFile(shippedPolicyPath("opt-in"));
	assert.deepEqual(
		[...optIn.purposes.values()].map(({ id, basis, initial, recipients }) => [id, basis, initial, recipients]),
		[
			["friend_suggestions", "consent", "off", ["family", "photos"]],
			["relevant_ads", "consent", "off", ["family"]],
			["account_linking", "consent", "off", ["family"]],
			["usage_metrics", "legitimate_interest", "off", ["family", "photos"]],
			["infrastructure", "legitimate_interest", "off", ["family"]],
			["spam_and_abuse", "legitimate_interest", "off", ["family", "photos"]],
			["security", "legitimate_interest", "off", ["family", "photos"]],
			["infringement", "legal_duty", "off", ["family", "photos"]],
		],
	);
	const optOut = await readPolicyFile(shippedPolicyPath("opt-out"));
	assert.deepEqual(
		[...optOut.purposes.values()].slice(0, 3).map(({ basis, initial, embargoDays }) => [basis, initial, embargoDays]),
		[
			["opt_out", "on", 30],
			["opt_out", "on", 30],
			["consent", "off", undefined],
		],
	);
	// The same words, the same basis: a yes to the link means the same under both.
	// And what asks nobody is the same in both.
	const same = [...optIn.purposes.keys()].filter((id) => id === "account_linking" || isResidual(id));
	assert.equal(same.length, 6);
	for (const id of same) assert.deepEqual(purposeHash(optIn.file, id), purposeHash(optOut.file, id));
});

const RULES: readonly Broken[] = [
	[
		"a rule about a region that does not exist, or in small letters",
		OPT_IN,
		({ rules }) => Object.assign(at(rules, 1), { regions: ["UK", "kr"] }),
		[
			["REGION_UNKNOWN", "rules.1.regions.0"],
			["REGION_UNKNOWN", "rules.1.regions.1"],
		],
	],
	[
		"two rules about one region",
		OPT_IN,
		({ rules }) => rules.push({ ...at(rules, 1) }),
		[["REGION_TWICE", "rules.3.regions.0"]],
	],
	[
		"a file that is too long for the public log of policies",
		OPT_IN,
		({ locales }) => {
			const [terms] = at(Object.values(locales), 0).documents;
			Object.assign(terms ?? {}, { body: "a".repeat(65_536) });
		},
		[["TOO_LARGE", ""]],
	],
	["rules that leave the rest of the world out", OPT_IN, ({ rules }) => rules.pop(), [["RULES_INCOMPLETE", "rules"]]],
	[
		"an opt-out that a rule lets hold elsewhere",
		OPT_OUT,
		({ rules }) => Object.assign(at(rules, 1), { optOut: true }),
		[["OPT_OUT_REGIONS_DIFFER", "rules.1.regions.0"]],
	],
	[
		"an opt-out that holds everywhere",
		OPT_OUT,
		({ rules }) => Object.assign(at(rules, 3), { optOut: true }),
		[["OPT_OUT_REGIONS_DIFFER", "rules.3.regions.0"]],
	],
	[
		"an opt-out region that the rules say no to",
		OPT_OUT,
		({ rules }) => Object.assign(at(rules, 2), { optOut: false }),
		[["OPT_OUT_REGIONS_DIFFER", "rules.2.regions.0"]],
	],
	[
		"an opt-out region that no rule is about",
		OPT_OUT,
		(draft) => draft.regions.push("CA"),
		[["OPT_OUT_REGIONS_DIFFER", "regions.1"]],
	],
	[
		"an opt-out in a country of the mind",
		OPT_OUT,
		(draft) => {
			draft.regions.push("ZZ");
			at(draft.rules, 2)["regions"] = ["US", "ZZ"];
		},
		[
			["REGION_UNKNOWN", "regions.1"],
			["REGION_UNKNOWN", "rules.2.regions.1"],
		],
	],
	[
		"profiled ads for somebody of seventeen",
		OPT_IN,
		({ rules }) => Object.assign(at(rules, 2), { minorBelow: 17 }),
		[["MINORS_PROFILED", "rules.2.minorBelow"]],
	],
	[
		"a consent that is shown as on",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 1), { initial: "on" }),
		[["PRE_TICKED", "purposes.1.initial"]],
	],
	[
		"a purpose without a choice that is shown as on",
		OPT_IN,
		(draft) => {
			draft.purposes.push({ ...USAGE, initial: "on" });
			wordsOf(draft)["usage_metrics"] = WORDS;
		},
		[["PRE_TICKED", "purposes.3.initial"]],
	],
	[
		"an opt-out whose embargo is a day too short",
		OPT_OUT,
		({ purposes }) => Object.assign(at(purposes, 0), { embargoDays: 29 }),
		[["EMBARGO_TOO_SHORT", "purposes.0.embargoDays"]],
	],
	[
		"an opt-out without an embargo",
		OPT_OUT,
		({ purposes }) => delete at(purposes, 1)["embargoDays"],
		[["EMBARGO_TOO_SHORT", "purposes.1.embargoDays"]],
	],
	[
		"an embargo that delays nothing",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { embargoDays: 30 }),
		[["EMBARGO_WITHOUT_OPT_OUT", "purposes.0.embargoDays"]],
	],
	["an opt-out everywhere", OPT_OUT, (draft) => (draft.regions = [" "]), [["REGIONS_MISSING", "regions"]]],
	[
		"an opt-out that nobody answers for",
		OPT_OUT,
		(draft) => (draft.acknowledgement = ""),
		[["ACKNOWLEDGEMENT_MISSING", "acknowledgement"]],
	],
	["an opt-out that calls itself opt-in", OPT_OUT, (draft) => (draft.model = "opt_in"), [["MODEL_DIFFERS", "model"]]],
	["an opt-in that calls itself opt-out", OPT_IN, (draft) => (draft.model = "opt_out"), [["MODEL_DIFFERS", "model"]]],
	[
		"a recipient without a name",
		OPT_IN,
		({ recipients }) => Object.assign(at(recipients, 1), { name: " " }),
		[["RECIPIENT_UNNAMED", "recipients.1"]],
	],
	[
		"a recipient that nobody can write to",
		OPT_IN,
		({ recipients }) => Object.assign(at(recipients, 0), { contact: "" }),
		[["RECIPIENT_UNNAMED", "recipients.0"]],
	],
	[
		"a recipient without a role",
		OPT_IN,
		({ recipients }) => Object.assign(at(recipients, 0), { role: "partner" }),
		[["RECIPIENT_WITHOUT_ROLE", "recipients.0.role"]],
	],
	[
		"a recipient described twice",
		OPT_IN,
		({ recipients }) => recipients.push(at(recipients, 0)),
		[["RECIPIENT_TWICE", "recipients.2.id"]],
	],
	[
		"a recipient that is not described",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { recipients: ["family", "everybody"] }),
		[["RECIPIENT_UNDEFINED", "purposes.0.recipients.1"]],
	],
	[
		"a purpose for nobody",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { recipients: [] }),
		[["PURPOSE_WITHOUT_RECIPIENT", "purposes.0.recipients"]],
	],
	[
		"a purpose that the catalogue does not know, or that its prototype does",
		OPT_IN,
		(draft) => {
			for (const [n, id] of ["contact_graph", "toString"].entries()) {
				Object.assign(at(draft.purposes, n), { id });
				wordsOf(draft)[id] = WORDS;
			}
			delete wordsOf(draft)["friend_suggestions"];
			delete wordsOf(draft)["relevant_ads"];
		},
		[
			["PURPOSE_OUTSIDE_CATALOGUE", "purposes.0.id"],
			["PURPOSE_OUTSIDE_CATALOGUE", "purposes.1.id"],
		],
	],
	[
		"a purpose that stands twice",
		OPT_IN,
		({ purposes }) => purposes.push(at(purposes, 2)),
		[["PURPOSE_TWICE", "purposes.3.id"]],
	],
	[
		"a basis that the catalogue does not allow",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { basis: "legitimate_interest" }),
		[["BASIS_OUTSIDE_CATALOGUE", "purposes.0.basis"]],
	],
	[
		"a field that the purpose may not have",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { fields: ["phone_number", "device_type"] }),
		[["FIELD_OUTSIDE_CATALOGUE", "purposes.0.fields.1"]],
	],
	[
		"a purpose without fields",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { fields: [] }),
		[["PURPOSE_WITHOUT_FIELDS", "purposes.0.fields"]],
	],
	[
		"a field that stands twice",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 1), { fields: ["os", "os"] }),
		[["FIELD_TWICE", "purposes.1.fields.1"]],
	],
	[
		"a number that flows without a choice",
		OPT_IN,
		(draft) => {
			draft.purposes.push({ ...USAGE, fields: ["last_used_day", "phone_number"] });
			wordsOf(draft)["usage_metrics"] = WORDS;
		},
		[["RESIDUAL_TOO_WIDE", "purposes.3.fields.1"]],
	],
	[
		"something that is kept for ever",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { retentionDays: 0 }),
		[["RETENTION_MISSING", "purposes.0.retentionDays"]],
	],
];

refuses(RULES);

test("a file against the rules is no policy, and the error has the findings", () => {
	const draft = structuredClone(OPT_IN);
	Object.assign(at(draft.purposes, 0), { initial: "on" });
	assert.throws(
		() => parsePolicy(JSON.stringify(draft)),
		(error) =>
			error instanceof PolicyError && error.code === "AGAINST_RULES" && error.findings[0]?.code === "PRE_TICKED",
	);
	const surprise = { ...OPT_IN, purposes: [{ ...at(OPT_IN.purposes, 0), identity: "the phone number" }] };
	assert.throws(
		() => parsePolicy(JSON.stringify(surprise)),
		(error) => error instanceof PolicyError && error.code === "NOT_A_POLICY",
	);
	assert.throws(
		() => parsePolicy("{"),
		(error) => error instanceof PolicyError && error.code === "NOT_JSON",
	);
});
