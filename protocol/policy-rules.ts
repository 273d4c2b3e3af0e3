/**
 * The rules of a policy that depend on where a person lives and how old they are (B11). Where several regions apply to
 * a person, the stricter of each two rules wins. The messenger decides by this, and the device shows by it: the same
 * functions over the same signed file.
 */
import type { PolicyFile, PolicyPurpose, PolicyRule } from "./policy-file.ts";
import type { Purpose } from "./purposes.ts";

/** Where a person lives and how old they are, as far as rules depend on it. */
export interface PersonFacts {
	/** All that apply, ISO 3166-1 alpha-2; empty where none is known. */
	readonly regions: readonly string[];
	/** They said that they are younger than their rule's `minorBelow`. Who says nothing counts as grown up. */
	readonly minor: boolean;
}

/** What holds for a person. */
export type Rule = Omit<PolicyRule, "regions">;

/** The rows of one policy by region, with the one for everywhere else. */
export interface RuleTable {
	readonly byRegion: ReadonlyMap<string, Rule>;
	readonly elsewhere: Rule;
}

/** "Everywhere else" in a row's regions. */
export const ELSEWHERE = "*";

/** Nobody below this age is shown ads by a profile, anywhere; a rule can only raise it. */
export const LEAST_MINOR_BELOW = 18;

/** Purposes by which somebody is shown ads that fit them: not for minors, whatever they answered. */
const PROFILED: ReadonlySet<string> = new Set<Purpose>(["relevant_ads"]);

/**
 * The table of a file; a file without rules says no more than where its `opt_out` holds. An opt-out holds nowhere that
 * the file does not name among its regions, whatever a row says.
 */
export function ruleTable({ rules, regions = [] }: Pick<PolicyFile, "rules" | "regions">): RuleTable {
	const unsaid: Rule = { minorBelow: LEAST_MINOR_BELOW, optOut: false, usageMetrics: "pseudonym" };
	const rows = rules ?? [{ ...unsaid, regions, optOut: true }];
	const byRegion = new Map<string, Rule>();
	let elsewhere = unsaid;
	for (const { regions: of, ...rule } of rows)
		for (const region of of) {
			if (region === ELSEWHERE) elsewhere = { ...rule, optOut: false };
			else byRegion.set(region, { ...rule, optOut: rule.optOut && regions.includes(region) });
		}
	return { byRegion, elsewhere };
}

/** The strictest of what holds in these regions; without any, what holds everywhere else. */
export function strictestOf({ byRegion, elsewhere }: RuleTable, regions: readonly string[]): Rule {
	let strictest: Rule | undefined;
	for (const region of regions) {
		const rule = byRegion.get(region) ?? elsewhere;
		strictest = strictest === undefined ? rule : stricter(strictest, rule);
	}
	return strictest ?? elsewhere;
}

/** Both at once: the higher age, no opt-out unless both have it, aggregates if one demands them. */
export function stricter(a: Rule, b: Rule): Rule {
	if (a === b) return a;
	return {
		minorBelow: Math.max(a.minorBelow, b.minorBelow),
		optOut: a.optOut && b.optOut,
		usageMetrics: a.usageMetrics === "aggregates" ? a.usageMetrics : b.usageMetrics,
	};
}

/** Is this purpose closed to the person, whatever they answer? */
export function isBarred(purpose: string, { minor }: Pick<PersonFacts, "minor">): boolean {
	return minor && PROFILED.has(purpose);
}

/** May silence count as a yes for this person? Where it may not, an `opt_out` is asked for like a consent. */
export function optOutHolds(rule: Pick<Rule, "optOut">, { minor }: Pick<PersonFacts, "minor">): boolean {
	return rule.optOut && !minor;
}

/** Does the control stand on before this person touched it? Under `opt_out` only, and only where that may hold. */
export function isShownOn(
	{ id, basis, initial }: Pick<PolicyPurpose, "id" | "basis" | "initial">,
	rule: Pick<Rule, "optOut">,
	person: PersonFacts,
): boolean {
	return initial === "on" && basis === "opt_out" && optOutHolds(rule, person) && !isBarred(id, person);
}
