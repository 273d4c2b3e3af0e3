/** What an operator can not publish, and the files that ship. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isResidual } from "@troth/protocol";
import { readDraft } from "./draft.ts";
import { type FindingCode, lintPolicy } from "./lint.ts";
import {
	lintSuccession,
	parsePolicy,
	purposeHash,
	readPolicyFile,
	readPublishedPolicy,
	shippedPolicyPath,
} from "./policy.ts";
import { PolicyError } from "./policy-error.ts";

type Json = { [key: string]: unknown };
/** A policy file as JSON, changed at will. */
type Draft = {
	version: number;
	model: string;
	regions: string[];
	acknowledgement: string;
	rules: Json[];
	recipients: Json[];
	purposes: Json[];
	locales: { [locale: string]: { summary: string[]; documents: Json[]; purposes: { [id: string]: Json } } };
};

const read = async (name: "opt-in" | "opt-out"): Promise<Draft> =>
	JSON.parse(await readFile(shippedPolicyPath(name), "utf8"));
/** Of a file that ships, what it asks people: rules are broken one at a time in it. */
async function choicesOf(name: "opt-in" | "opt-out"): Promise<Draft> {
	const draft = await read(name);
	draft.purposes = draft.purposes.filter(({ id }) => !isResidual(String(id)));
	for (const locale of Object.values(draft.locales))
		locale.purposes = Object.fromEntries(Object.entries(locale.purposes).filter(([id]) => !isResidual(id)));
	return draft;
}
const OPT_IN = await choicesOf("opt-in");
const OPT_OUT = await choicesOf("opt-out");
const USAGE = {
	...{ id: "usage_metrics", basis: "legitimate_interest", fields: ["last_used_day", "usage_class"] },
	...{ recipients: ["family"], retentionDays: 30, initial: "off", objection: true },
};
const WORDS = { title: "A title", body: "What goes to whom and why." };

/** The findings about a file after one change. */
function findings(base: Draft, change: (draft: Draft) => void): readonly (readonly [FindingCode, string])[] {
	const draft = structuredClone(base);
	change(draft);
	return lintPolicy(readDraft(JSON.stringify(draft))).map(({ code, path }) => [code, path]);
}

const at = <Item>(list: readonly Item[], index: number): Item => {
	const item = list[index];
	assert.ok(item !== undefined);
	return item;
};
/** Prose that names all there is, and no table that could contradict. */
function namesAll(draft: Draft): void {
	for (const locale of Object.values(draft.locales)) {
		const titles = Object.values(locale.purposes).map(({ title }) => title);
		const body = [...draft.recipients.map(({ name }) => name), ...titles].join("\n\n");
		Object.assign(at(locale.documents, 1), { body });
	}
}

/** Changes the privacy document of the first locale. */
function reword(draft: Draft, change: (body: string) => string): void {
	const privacy = at(at(Object.values(draft.locales), 0).documents, 1);
	const before = String(privacy["body"]);
	privacy["body"] = change(before);
	assert.notEqual(privacy["body"], before);
}
const wordsOf = (draft: Draft) => at(Object.values(draft.locales), 0).purposes;

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

const RULES: readonly (readonly [
	string,
	Draft,
	(draft: Draft) => void,
	readonly (readonly [FindingCode, string])[],
])[] = [
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
	[
		"a locale that has no words for a purpose",
		OPT_IN,
		(draft) => {
			const { friend_suggestions, ...rest } = wordsOf(draft);
			draft.locales["de"] = {
				...at(Object.values(draft.locales), 0),
				purposes: { ...rest, relevant_ads: { title: "Werbung", body: " " } },
			};
		},
		[
			["WORDS_MISSING", "locales.de.purposes.friend_suggestions"],
			["WORDS_MISSING", "locales.de.purposes.relevant_ads"],
		],
	],
	[
		"words for nothing",
		OPT_IN,
		(draft) => (wordsOf(draft)["usage_metrics"] = WORDS),
		[["WORDS_WITHOUT_PURPOSE", "locales.en.purposes.usage_metrics"]],
	],
	[
		"choices without a privacy policy",
		OPT_IN,
		(draft) => at(Object.values(draft.locales), 0).documents.pop(),
		[["PRIVACY_DOCUMENT_MISSING", "locales.en.documents"]],
	],
	[
		"a privacy policy that keeps quiet about a company",
		OPT_IN,
		(draft) => reword(draft, (body) => body.replaceAll("Photos", "others")),
		[
			["TEXT_OMITS_RECIPIENT", "locales.en.documents.1"],
			["TEXT_OMITS_PURPOSE", "locales.en.documents.1"],
		],
	],
	[
		"a privacy policy that names a company only as a part of another word",
		OPT_IN,
		(draft) => {
			namesAll(draft);
			reword(draft, (body) => body.replaceAll("Photos", "Photosynthesis"));
		},
		[
			["TEXT_OMITS_RECIPIENT", "locales.en.documents.1"],
			["TEXT_OMITS_PURPOSE", "locales.en.documents.1"],
		],
	],
	[
		"a purpose that the privacy policy calls by another name, or by none",
		OPT_IN,
		(draft) => reword(draft, (body) => body.replace("Link this device with your Family account", "A link")),
		[["TEXT_OMITS_PURPOSE", "locales.en.documents.1"]],
	],
	[
		"a translation that leaves a purpose out",
		OPT_IN,
		(draft) => {
			draft.locales["de"] = structuredClone(at(Object.values(draft.locales), 0));
			Object.assign(at(Object.values(draft.locales), 1).purposes["relevant_ads"] ?? {}, { title: "Werbung" });
		},
		[["TEXT_OMITS_PURPOSE", "locales.de.documents.1"]],
	],
	[
		"a row that gives the number to one company less than the table",
		OPT_IN,
		(draft) => reword(draft, (body) => body.replace("| Family, Photos |", "| Family |")),
		[["TEXT_CONTRADICTS_TABLE", "locales.en.documents.1"]],
	],
	[
		"a row that gives the number to one company more than the table",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { recipients: ["family"] }),
		[["TEXT_CONTRADICTS_TABLE", "locales.en.documents.1"]],
	],
	[
		"a row that says another time than the table",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 1), { retentionDays: 36 }),
		[["TEXT_CONTRADICTS_TABLE", "locales.en.documents.1"]],
	],
];

for (const [name, base, change, expected] of RULES)
	test(`refused: ${name}`, () => {
		assert.deepEqual(findings(base, change), expected);
	});

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

test("what was published goes on holding, whatever rules come later", async () => {
	const { file } = await readPolicyFile(shippedPolicyPath("opt-in"));
	const published = parsePolicy(JSON.stringify(file));
	const [first, ...others] = file.purposes;
	// As if the rule against it had come after the publication.
	const older = JSON.stringify({ ...file, purposes: [{ ...first, initial: "on" }, ...others] });
	assert.throws(() => parsePolicy(older), PolicyError);
	const held = readPublishedPolicy(older);
	assert.equal(held.version, published.version);
	assert.deepEqual([...held.purposes.keys()], [...published.purposes.keys()]);
	assert.deepEqual(readPublishedPolicy(JSON.stringify(file)).hash, published.hash);
	assert.throws(() => readPublishedPolicy("{}"), PolicyError);
});

test("a consent is bound to purpose, facts and reference words, and to nothing else of the file", () => {
	const hashes = (change: (draft: Draft) => void) => {
		const draft = structuredClone(OPT_IN);
		change(draft);
		namesAll(draft);
		const { purposes } = parsePolicy(JSON.stringify(draft));
		return [purposes.get("friend_suggestions")?.hash, purposes.get("relevant_ads")?.hash];
	};
	const [friends, ads] = hashes(() => {});
	const same = hashes((draft) => {
		draft.version = 3;
		at(Object.values(draft.locales), 0).summary.push("One line more.");
		draft.locales["de"] = structuredClone(at(Object.values(draft.locales), 0));
		at(Object.values(draft.locales), 1).purposes["friend_suggestions"] = { title: "Freunde", body: "Vorschlagen" };
	});
	assert.deepEqual(same, [friends, ads]);
	for (const change of [
		(draft: Draft) => Object.assign(at(draft.purposes, 0), { retentionDays: 366 }),
		(draft: Draft) => Object.assign(at(draft.purposes, 0), { recipients: ["family"] }),
		(draft: Draft) => Object.assign(at(draft.recipients, 1), { name: "Pictures" }),
		(draft: Draft) => Object.assign(at(draft.recipients, 1), { role: "processor" }),
		(draft: Draft) => Object.assign(wordsOf(draft)["friend_suggestions"] ?? {}, { body: "We give it away." }),
	]) {
		const [changed, others] = hashes(change);
		assert.notEqual(changed, friends);
		assert.equal(others, ads);
	}
});

test("what was taken back does not return under the words of an old yes", () => {
	const version = (number: number, change: (draft: Draft) => void = () => {}) => {
		const draft = { ...structuredClone(OPT_IN), version: number };
		change(draft);
		namesAll(draft);
		return parsePolicy(JSON.stringify(draft));
	};
	const without = (draft: Draft) => {
		draft.purposes.splice(1, 1);
		delete wordsOf(draft)["relevant_ads"];
	};
	const reworded = (draft: Draft) => Object.assign(wordsOf(draft)["relevant_ads"] ?? {}, { title: "Ads again" });
	const [two, three] = [version(2), version(3, without)];
	assert.deepEqual(lintSuccession(version(3), [two]), []);
	assert.deepEqual(lintSuccession(three, [two]), []);
	assert.deepEqual(
		lintSuccession(version(4), [two, three]).map(({ code, path }) => [code, path]),
		[["PURPOSE_REVIVED", "purposes.relevant_ads"]],
	);
	assert.deepEqual(lintSuccession(version(4, reworded), [two, three]), []);
});

test("a rule that was tightened does not loosen under the words of an old yes", async () => {
	const version = (number: number, change: (draft: Draft) => void = () => {}) => {
		const draft = structuredClone(OPT_OUT);
		draft.version = number;
		namesAll(draft);
		change(draft);
		return parsePolicy(JSON.stringify(draft));
	};
	const nowhere = (draft: Draft) => {
		draft.regions = ["CA"];
		at(draft.rules, 2)["regions"] = ["CA"];
	};
	const told = (policy: ReturnType<typeof version>, earlier: readonly ReturnType<typeof version>[]) =>
		lintSuccession(policy, earlier).map(({ code, path, message }) => [code, path, message.split(" ")[6]]);
	const [two, three] = [version(2), version(3, nowhere)];
	assert.deepEqual(told(version(3), [two]), []);
	// Who accepted version 2 is held by its stricter rule about Canada until they accept version 3.
	assert.deepEqual(told(three, [two]), []);
	assert.deepEqual(told(version(4), [two, three]), [
		["RULE_REVIVED", "rules.US", "friend_suggestions"],
		["RULE_REVIVED", "rules.US", "relevant_ads"],
	]);
	assert.deepEqual(told(version(4, nowhere), [two, three]), []);
	const reworded = (draft: Draft) => {
		for (const id of ["friend_suggestions", "relevant_ads"]) Object.assign(wordsOf(draft)[id] ?? {}, { body: "Anew." });
	};
	assert.deepEqual(told(version(4, reworded), [two, three]), []);
});
