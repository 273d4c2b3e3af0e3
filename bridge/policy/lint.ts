/** The rules of a policy that may be published (B5, B6, C1, C2): what a file breaks, by closed codes. */
import {
	type Basis,
	CATALOGUE,
	type CatalogueRow,
	ELSEWHERE,
	isBarred,
	isRegion,
	LEAST_MINOR_BELOW,
	type Purpose,
} from "@troth/protocol";
import type { PolicyDraft, PurposeDraft } from "./draft.ts";
import { lintSize } from "./lint-size.ts";
import { lintTexts } from "./lint-texts.ts";

export const LEAST_EMBARGO_DAYS = 30;

export type FindingCode =
	/** A yes that nobody gave: the basis `consent`, or one without a choice, with the control shown on. */
	| "PRE_TICKED"
	/** `opt_out` needs at least LEAST_EMBARGO_DAYS in which nothing flows. */
	| "EMBARGO_TOO_SHORT"
	/** An embargo where no `opt_out` needs one. */
	| "EMBARGO_WITHOUT_OPT_OUT"
	/** A file has the model `opt_out` exactly where a purpose has that basis. */
	| "MODEL_DIFFERS"
	/** `opt_out` holds in named regions only. */
	| "REGIONS_MISSING"
	/** Neither an ISO 3166-1 alpha-2 code nor, in a rule, "*". */
	| "REGION_UNKNOWN"
	/** Two rules about one region. */
	| "REGION_TWICE"
	/** Rules without a row for everywhere else. */
	| "RULES_INCOMPLETE"
	/** The rules let `opt_out` hold in other regions than the file names. */
	| "OPT_OUT_REGIONS_DIFFER"
	/** An age under which a child could be shown ads by a profile. */
	| "MINORS_PROFILED"
	/** The operator has to answer for `opt_out` with its own words. */
	| "ACKNOWLEDGEMENT_MISSING"
	/** Without a name or an address to write to. */
	| "RECIPIENT_UNNAMED"
	/** Neither controller, joint nor processor. */
	| "RECIPIENT_WITHOUT_ROLE"
	| "RECIPIENT_TWICE"
	/** A purpose names a recipient that the file does not describe. */
	| "RECIPIENT_UNDEFINED"
	| "PURPOSE_OUTSIDE_CATALOGUE"
	| "PURPOSE_TWICE"
	| "PURPOSE_WITHOUT_RECIPIENT"
	| "PURPOSE_WITHOUT_FIELDS"
	| "BASIS_OUTSIDE_CATALOGUE"
	| "FIELD_OUTSIDE_CATALOGUE"
	| "FIELD_TWICE"
	/** A purpose without a choice has more fields than C1 leaves it. */
	| "RESIDUAL_TOO_WIDE"
	/** Nothing may be kept for ever. */
	| "RETENTION_MISSING"
	/** A locale in which a purpose has no words could not ask for it. */
	| "WORDS_MISSING"
	| "WORDS_WITHOUT_PURPOSE"
	/** More bytes than an entry of the public log of policies can have. */
	| "TOO_LARGE"
	/** A file with purposes explains them in a document `privacy`, in every language. */
	| "PRIVACY_DOCUMENT_MISSING"
	/** A privacy document that does not name somebody who gets something. */
	| "TEXT_OMITS_RECIPIENT"
	/** A privacy document that does not name a purpose as the choice does. */
	| "TEXT_OMITS_PURPOSE"
	/** A privacy document whose row for a purpose names other recipients or another time. */
	| "TEXT_CONTRADICTS_TABLE"
	/** An earlier version had exactly this purpose and a later one took it back: old answers would come to life again. */
	| "PURPOSE_REVIVED"
	/** An earlier version had a rule as loose as this for the same words, and a later one took it back. */
	| "RULE_REVIVED"
	/** Beside a host (`beside/facts/offers.ts`): it has no facts for this purpose. */
	| "PURPOSE_NOT_OFFERED"
	/** It has others, and not this field. */
	| "FIELD_NOT_OFFERED"
	/** A recipient with whom no key for names of numbers is agreed on. */
	| "RECIPIENT_WITHOUT_KEY";

export interface Finding {
	readonly code: FindingCode;
	/** Where, e.g. "purposes.0.fields.2". */
	readonly path: string;
	/** For people. */
	readonly message: string;
}

const ROLES: readonly string[] = ["controller", "joint", "processor"];

/** What is wrong with a policy file; nothing for one that may be published. */
export function lintPolicy(file: PolicyDraft): readonly Finding[] {
	const facts = [
		...lintSize(file),
		...lintModel(file),
		...lintRules(file),
		...lintRecipients(file),
		...lintPurposes(file),
		...lintWords(file),
	];
	// Prose can be held against a table only where the table is in order.
	return facts.length > 0 ? facts : [...lintTexts(file)];
}

function* lintModel(file: PolicyDraft): Iterable<Finding> {
	const optOut = file.purposes.some(({ basis }) => basis === "opt_out");
	if (optOut !== (file.model === "opt_out"))
		yield { code: "MODEL_DIFFERS", path: "model", message: "opt_out is the model where a purpose has that basis" };
	if (!optOut) return;
	if ((file.regions ?? []).filter(isSaid).length === 0)
		yield { code: "REGIONS_MISSING", path: "regions", message: "opt_out holds in named regions only" };
	if (!isSaid(file.acknowledgement))
		yield { code: "ACKNOWLEDGEMENT_MISSING", path: "acknowledgement", message: "the operator answers for opt_out" };
}

function* lintRules(file: PolicyDraft): Iterable<Finding> {
	const { rules } = file;
	// An opt-out that names no region at all is another finding.
	const regions = (file.regions ?? []).filter(isSaid);
	const unnamed = file.model === "opt_out" && regions.length === 0;
	for (const [n, region] of regions.entries())
		if (!isRegion(region))
			yield { code: "REGION_UNKNOWN", path: `regions.${n}`, message: "not an ISO 3166-1 alpha-2 code" };
	if (rules === undefined) return;
	const before = new Set<string>();
	for (const [at, rule] of rules.entries()) {
		const path = `rules.${at}`;
		for (const [n, region] of rule.regions.entries()) {
			const there = `${path}.regions.${n}`;
			if (region !== ELSEWHERE && !isRegion(region))
				yield { code: "REGION_UNKNOWN", path: there, message: `neither an ISO 3166-1 alpha-2 code nor "${ELSEWHERE}"` };
			if (before.has(region)) yield { code: "REGION_TWICE", path: there, message: "another rule is about it" };
			before.add(region);
			const holds = regions.includes(region);
			if (rule.optOut !== holds && !unnamed)
				yield { code: "OPT_OUT_REGIONS_DIFFER", path: there, message: "`regions` says where opt_out holds" };
		}
		if (rule.minorBelow < LEAST_MINOR_BELOW && file.purposes.some(({ id }) => isBarred(id, { minor: true })))
			yield {
				code: "MINORS_PROFILED",
				path: `${path}.minorBelow`,
				message: `no profiled ads for anybody under ${LEAST_MINOR_BELOW}`,
			};
	}
	if (!before.has(ELSEWHERE))
		yield { code: "RULES_INCOMPLETE", path: "rules", message: `a row for everywhere else, "${ELSEWHERE}"` };
	for (const [n, region] of regions.entries())
		if (!before.has(region))
			yield { code: "OPT_OUT_REGIONS_DIFFER", path: `regions.${n}`, message: "no rule says that opt_out holds there" };
}

function* lintRecipients({ recipients }: PolicyDraft): Iterable<Finding> {
	for (const [at, { id, name, role, contact }] of recipients.entries()) {
		const path = `recipients.${at}`;
		if (!isSaid(name) || !isSaid(contact))
			yield { code: "RECIPIENT_UNNAMED", path, message: "a recipient has a name and an address to write to" };
		if (!ROLES.includes(role))
			yield { code: "RECIPIENT_WITHOUT_ROLE", path: `${path}.role`, message: `one of ${ROLES.join(", ")}` };
		if (recipients.findIndex((other) => other.id === id) < at)
			yield { code: "RECIPIENT_TWICE", path: `${path}.id`, message: "described before" };
	}
}

function* lintPurposes(file: PolicyDraft): Iterable<Finding> {
	for (const [at, purpose] of file.purposes.entries()) {
		const path = `purposes.${at}`;
		if (file.purposes.findIndex(({ id }) => id === purpose.id) < at)
			yield { code: "PURPOSE_TWICE", path: `${path}.id`, message: "stands above already" };
		yield* lintChoice(purpose, path);
		yield* lintAgainstCatalogue(purpose, path);
		if (purpose.retentionDays < 1)
			yield { code: "RETENTION_MISSING", path: `${path}.retentionDays`, message: "how many days it may be kept" };
		if (purpose.recipients.length === 0)
			yield { code: "PURPOSE_WITHOUT_RECIPIENT", path: `${path}.recipients`, message: "who gets it?" };
		for (const [n, recipient] of purpose.recipients.entries()) {
			const there = `${path}.recipients.${n}`;
			if (!file.recipients.some(({ id }) => id === recipient))
				yield { code: "RECIPIENT_UNDEFINED", path: there, message: "not among the recipients of this file" };
			if (purpose.recipients.indexOf(recipient) < n)
				yield { code: "RECIPIENT_TWICE", path: there, message: "stands before already" };
		}
	}
}

function* lintChoice(purpose: PurposeDraft, path: string): Iterable<Finding> {
	const { basis, initial, embargoDays } = purpose;
	if (basis === "opt_out") {
		if ((embargoDays ?? 0) < LEAST_EMBARGO_DAYS)
			yield {
				code: "EMBARGO_TOO_SHORT",
				path: `${path}.embargoDays`,
				message: `nothing flows for at least ${LEAST_EMBARGO_DAYS} days`,
			};
		return;
	}
	if (initial === "on")
		yield { code: "PRE_TICKED", path: `${path}.initial`, message: "only opt_out may be shown as on" };
	if (embargoDays !== undefined)
		yield { code: "EMBARGO_WITHOUT_OPT_OUT", path: `${path}.embargoDays`, message: "only opt_out has an embargo" };
}

function* lintAgainstCatalogue({ id, basis, fields }: PurposeDraft, path: string): Iterable<Finding> {
	if (fields.length === 0)
		yield { code: "PURPOSE_WITHOUT_FIELDS", path: `${path}.fields`, message: "a purpose needs something" };
	if (!isPurpose(id)) {
		yield { code: "PURPOSE_OUTSIDE_CATALOGUE", path: `${path}.id`, message: "not a purpose of the catalogue" };
		return;
	}
	const row: CatalogueRow = CATALOGUE[id];
	if (!(row.bases as readonly string[]).includes(basis))
		yield { code: "BASIS_OUTSIDE_CATALOGUE", path: `${path}.basis`, message: `one of ${row.bases.join(", ")}` };
	const code = row.bases.some(isChoice) ? "FIELD_OUTSIDE_CATALOGUE" : "RESIDUAL_TOO_WIDE";
	for (const [n, field] of fields.entries()) {
		const there = `${path}.fields.${n}`;
		if (!(row.fields as readonly string[]).includes(field))
			yield { code, path: there, message: `the purpose has no more than ${row.fields.join(", ")}` };
		if (fields.indexOf(field) < n) yield { code: "FIELD_TWICE", path: there, message: "stands before already" };
	}
}

function* lintWords(file: PolicyDraft): Iterable<Finding> {
	for (const [locale, { purposes = {} }] of Object.entries(file.locales)) {
		for (const { id } of file.purposes) {
			const words = Object.hasOwn(purposes, id) ? purposes[id] : undefined;
			if (!isSaid(words?.title) || !isSaid(words?.body))
				yield { code: "WORDS_MISSING", path: `locales.${locale}.purposes.${id}`, message: "a title and a body" };
		}
		for (const id of Object.keys(purposes))
			if (!file.purposes.some((purpose) => purpose.id === id))
				yield { code: "WORDS_WITHOUT_PURPOSE", path: `locales.${locale}.purposes.${id}`, message: "no such purpose" };
	}
}

function isPurpose(id: string): id is Purpose {
	return Object.hasOwn(CATALOGUE, id);
}

/** Does this basis ask the person? */
export function isChoice(basis: Basis): boolean {
	return basis === "consent" || basis === "opt_out";
}

function isSaid(text: string | undefined): boolean {
	return text !== undefined && text.trim() !== "";
}
