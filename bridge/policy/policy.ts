/**
 * A policy: the terms of one version as data, checked, hashed and compiled into the table that decisions are made from.
 * Whoever holds a `Policy` holds one that keeps the rules of `lint.ts`, or kept those of the day it was published on.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
	canonicalJson,
	ELSEWHERE,
	type Field,
	type Json,
	type PersonFacts,
	type PolicyFile,
	type PolicyPurpose,
	purposeBytes,
	type Rule,
	type RuleTable,
	ruleTable,
	strictestOf,
	type TermsText,
	termsTextBytes,
	toHex,
} from "@troth/protocol";
import { readDraft } from "./draft.ts";
import { type Finding, lintPolicy } from "./lint.ts";
import { PolicyError } from "./policy-error.ts";

/** One locale's text and its hash. */
export interface PolicyText extends TermsText {
	readonly hash: Uint8Array;
}

/** A purpose of one version, ready to decide with. */
export interface CompiledPurpose extends PolicyPurpose {
	/** What a consent is bound to (hazard 27): 64 hex digits. */
	readonly hash: string;
	readonly fieldSet: ReadonlySet<Field>;
	readonly recipientSet: ReadonlySet<string>;
}

export interface Policy {
	readonly version: number;
	readonly file: PolicyFile;
	/** Canonical JSON of the whole file. */
	readonly canonical: string;
	/** SHA-256 of the canonical JSON. */
	readonly hash: Uint8Array;
	/** The text for a BCP 47 locale: that of its language, or that of the reference locale. */
	text(locale: string): PolicyText;
	readonly texts: readonly PolicyText[];
	readonly purposes: ReadonlyMap<string, CompiledPurpose>;
	/** What differs by where a person lives. */
	readonly rules: RuleTable;
}

/** The policies that the project ships: the old promise, and the two models of version 2 (B5). */
export function shippedPolicyPath(name: "v1" | "opt-in" | "opt-out"): URL {
	return new URL(`../../policies/${name}.json`, import.meta.url);
}

/** Reads a policy file. Rejects with PolicyError, or with the error of reading it. */
export async function readPolicyFile(path: string | URL): Promise<Policy> {
	return parsePolicy(await readFile(path, "utf8"));
}

/** Throws PolicyError, with the linter's findings where it has some. */
export function parsePolicy(text: string): Policy {
	const draft = readDraft(text);
	const findings = lintPolicy(draft);
	if (findings.length > 0) {
		const told = findings.map(({ code, path, message }) => `${path}: ${code}, ${message}`);
		throw new PolicyError("AGAINST_RULES", told.join("; "), findings);
	}
	// The linter has just found every name of it in the catalogue.
	return compile(draft as unknown as PolicyFile);
}

/**
 * A policy as it was published: it kept the rules of its day, people accepted it, and it goes on holding when the rules
 * for what is published next grow stricter. Throws PolicyError where it is none at all.
 */
export function readPublishedPolicy(text: string): Policy {
	const draft = readDraft(text);
	try {
		return compile(draft as unknown as PolicyFile);
	} catch (cause) {
		throw new PolicyError("NOT_A_POLICY", "the file names what it does not describe", [], cause);
	}
}

function compile(file: PolicyFile): Policy {
	const canonical = toCanonical(file);
	const texts = Object.entries(file.locales).map(([locale, words]) => {
		const text = { locale, ...words };
		return { ...text, hash: sha256(termsTextBytes(text)) };
	});
	const purposes = file.purposes.map((purpose) => ({
		...purpose,
		hash: toHex(purposeHash(file, purpose.id)),
		fieldSet: new Set(purpose.fields),
		recipientSet: new Set(purpose.recipients),
	}));
	return Object.freeze({
		version: file.version,
		file,
		canonical,
		hash: sha256(canonical),
		texts,
		text: chooser(texts, file.referenceLocale),
		purposes: new Map(purposes.map((purpose) => [purpose.id, purpose])),
		rules: ruleTable(file),
	});
}

/** What this policy's rules are for a person: of all the regions that apply to them, the stricter wins (B11). */
export function strictestRule({ rules }: Pick<Policy, "rules">, { regions }: Pick<PersonFacts, "regions">): Rule {
	return strictestOf(rules, regions);
}

/** The SHA-256 that a consent to this purpose is bound to (hazard 27). Throws TypeError where the file has none such. */
export function purposeHash(file: PolicyFile, purpose: string): Uint8Array {
	return sha256(purposeBytes(file, purpose));
}

/**
 * What is wrong with publishing `policy` after `earlier` (in the order of their versions): a purpose or a rule that was
 * taken back must not return under the words of an old yes, because then a publication would let something flow (B8).
 */
export function lintSuccession(policy: Policy, earlier: readonly Policy[]): readonly Finding[] {
	const inForce = earlier.at(-1);
	if (inForce === undefined) return [];
	const revived = [...policy.purposes.values()].flatMap(({ id, hash }) => {
		const before = earlier.some(({ purposes }) => purposes.get(id)?.hash === hash);
		if (!before || inForce.purposes.get(id)?.hash === hash) return [];
		const message = "an earlier version had it in the same words: it needs new ones, and new answers";
		return [{ code: "PURPOSE_REVIVED" as const, path: `purposes.${id}`, message }];
	});
	return [...revived, ...lintLoosened(policy, inForce, earlier)];
}

/** Rules that are as loose again as they were before the version in force, for a purpose in the words of then. */
function* lintLoosened(policy: Policy, inForce: Policy, earlier: readonly Policy[]): Iterable<Finding> {
	const regions = new Set([policy, inForce, ...earlier].flatMap(({ rules }) => [...rules.byRegion.keys()]));
	for (const region of [...regions, ELSEWHERE])
		for (const [is, loose] of LOOSE) {
			const looseIn = ({ rules }: Policy) => loose(strictestOf(rules, [region]));
			if (!looseIn(policy) || looseIn(inForce)) continue;
			const then = earlier.filter(looseIn);
			for (const { id, hash, basis } of policy.purposes.values()) {
				if (!is(id, basis) || !then.some(({ purposes }) => purposes.get(id)?.hash === hash)) continue;
				const message = `an earlier version allowed it for ${id} in the same words: it needs new ones, and new answers`;
				yield { code: "RULE_REVIVED", path: `rules.${region}`, message };
			}
		}
}

/** Which purposes a rule is about, and when it lets more flow. */
const LOOSE: readonly (readonly [(id: string, basis: string) => boolean, (rule: Rule) => boolean])[] = [
	[(_id, basis) => basis === "opt_out", ({ optOut }) => optOut],
	[(id) => id === "usage_metrics", ({ usageMetrics }) => usageMetrics === "pseudonym"],
];

function chooser(texts: readonly PolicyText[], reference: string): (locale: string) => PolicyText {
	const byLocale = new Map(texts.map((text) => [text.locale.toLowerCase(), text]));
	return (locale) => {
		const wanted = locale.toLowerCase();
		const text =
			byLocale.get(wanted) ?? byLocale.get(wanted.split("-")[0] ?? "") ?? byLocale.get(reference.toLowerCase());
		if (text === undefined) throw new TypeError("the reference locale has no text");
		return text;
	};
}

function toCanonical(file: PolicyFile): string {
	try {
		return canonicalJson(file as unknown as Json);
	} catch (error) {
		throw new PolicyError("NOT_JSON", "the policy has no canonical form", [], error);
	}
}

function sha256(data: Uint8Array | string): Uint8Array {
	return createHash("sha256").update(data).digest();
}
