/**
 * A policy as Cedar text (cedarpolicy.com), for who wants to read or check the decision in another language than ours.
 * `decide` does not use it; the tests ask both engines the same questions. One `permit` per purpose says what exists,
 * one `forbid` per reason says what stops it, under the reason's name.
 *
 * A request is `Person` `Action::"share"` `Recipient`; everything else that a decision is made from is its context, as
 * `SCHEMA` says. Several reasons may hold at once: `decide` names the first of them in the order of `REASONS`.
 */
import type { DecisionInput, DenyReason } from "../decision/decide.ts";
import type { Policy } from "./policy.ts";

export const SCHEMA = `entity Person;
entity Recipient;
action share appliesTo {
	principal: Person,
	resource: Recipient,
	context: {
		purpose: String,
		field: String,
		phase: String,
		choice: String,
		purposeHash: String,
		shownOn: Bool,
		regions: Set<String>,
		minor: Bool,
		sums: Bool,
		acceptedAtMs?: Long,
		agreedAtMs?: Long,
		nowMs: Long,
	}
};
`;

/** In the order in which `decide` looks at them. */
export const REASONS = [
	...(["CLOSED", "NOT_ACCEPTED", "PURPOSE_NOT_CURRENT", "PURPOSE_NOT_ACCEPTED", "PURPOSE_CHANGED"] as const),
	...(["SUSPENDED", "FIELD_NOT_LISTED", "RECIPIENT_NOT_LISTED", "MINOR", "REFUSED", "WITHDRAWN"] as const),
	...(["NOT_GRANTED", "GRANT_OUTDATED", "PRE_TICKED", "EMBARGO", "AGGREGATES_ONLY"] as const),
] satisfies readonly DenyReason[];

const DAY_MS = 24 * 3600 * 1000;

/** Purposes that go on while somebody is suspended, and purposes by which ads are chosen. */
const PROTECTING = ["spam_and_abuse", "security", "infringement"];
const PROFILED = ["relevant_ads"];

/** The policies of this pair of versions by their ids: reasons, and `permit …` for each purpose. */
export function toCedar(current: Policy, accepted: Policy | undefined): ReadonlyMap<string, string> {
	const then = accepted?.file.purposes ?? [];
	const now = current.file.purposes;
	const hashIn = (policy: Policy | undefined, id: string) => policy?.purposes.get(id)?.hash ?? "";
	const changed = then.filter(({ id }) => hashIn(current, id) !== "" && hashIn(current, id) !== hashIn(accepted, id));
	const withBasis = (...bases: readonly string[]) => then.filter(({ basis }) => bases.includes(basis));
	const policies = accepted === undefined ? [current] : [current, accepted];
	const forbids: Record<(typeof REASONS)[number], string> = {
		CLOSED: `context.phase == "CLOSED"`,
		NOT_ACCEPTED: accepted === undefined ? "true" : "!(context has acceptedAtMs)",
		PURPOSE_NOT_CURRENT: `!${purposeIn(now)}`,
		PURPOSE_NOT_ACCEPTED: `!${purposeIn(then)}`,
		PURPOSE_CHANGED: purposeIn(changed),
		SUSPENDED: `context.phase == "SUSPENDED" && !${set(PROTECTING)}.contains(context.purpose)`,
		FIELD_NOT_LISTED: each(then, ({ fields }) => `!${set(fields)}.contains(context.field)`),
		RECIPIENT_NOT_LISTED: each(then, ({ recipients }) => `!${set(recipients, "Recipient")}.contains(resource)`),
		MINOR: `context.minor && ${set(PROFILED)}.contains(context.purpose)`,
		REFUSED: `context.choice == "refused"`,
		WITHDRAWN: `context.choice == "withdrawn"`,
		NOT_GRANTED: `${purposeIn(withBasis("consent", "opt_out"))} && context.choice != "granted"`,
		GRANT_OUTDATED: each(
			then,
			({ id }) => `context.choice == "granted" && context.purposeHash != "${hashIn(accepted, id)}"`,
		),
		PRE_TICKED: anyOf([
			`context.shownOn && ${purposeIn(withBasis("consent"))}`,
			`context.shownOn && ${purposeIn(withBasis("opt_out"))} && (context.minor || !(${optOutHolds(policies)}))`,
		]),
		EMBARGO: each(withBasis("opt_out"), ({ embargoDays = 0 }) => {
			const within = (since: string) =>
				`context has ${since} && context.nowMs < context.${since} + ${embargoDays * DAY_MS}`;
			return `((${within("agreedAtMs")}) || (!(context has agreedAtMs) && ${within("acceptedAtMs")}))`;
		}),
		AGGREGATES_ONLY: `context.purpose == "usage_metrics" && !context.sums && (${anyOf(policies.map(aggregatesOnly))})`,
	};
	return new Map([
		...then.map(({ id, fields, recipients }) => {
			const what = `context.purpose == ${text(id)} && ${set(fields)}.contains(context.field)`;
			const whom = `${set(recipients, "Recipient")}.contains(resource)`;
			return [`permit ${id}`, policy(`permit ${id}`, "permit", `${what} && ${whom}`)] as const;
		}),
		...Object.entries(forbids).map(([reason, when]) => [reason, policy(reason, "forbid", when)] as const),
	]);
}

/** What a decision is made from, as the context of a Cedar request. */
export function cedarContext(input: DecisionInput) {
	const { purpose, field, phase, acceptedAtMs, agreedAtMs, choice, person, nowMs } = input;
	return {
		purpose,
		field,
		phase,
		choice: choice?.state ?? "unset",
		purposeHash: choice?.purposeHash ?? "",
		shownOn: choice?.shownOn ?? false,
		regions: [...person.regions],
		minor: person.minor,
		sums: input.sums ?? false,
		...(acceptedAtMs !== undefined && { acceptedAtMs }),
		...(agreedAtMs !== undefined && { agreedAtMs }),
		nowMs,
	};
}

function policy(id: string, effect: "permit" | "forbid", when: string): string {
	const scope = `principal is Person, action == Action::"share", resource is Recipient`;
	return `@id(${text(id)})\n${effect} (${scope})\nwhen { ${when} };\n`;
}

/** Some region is known, and in each an opt-out may hold, by both versions. */
function optOutHolds(policies: readonly Policy[]): string {
	const named = policies.map(({ file: { regions = [], rules } }) => {
		const holds = regions.filter((region) => rules?.find((rule) => rule.regions.includes(region))?.optOut ?? !rules);
		return `${set(holds)}.containsAll(context.regions)`;
	});
	return ["!context.regions.isEmpty()", ...named].join(" && ");
}

/** One of the regions demands sums; so does everywhere else where its row says so and a region has no row of its own. */
function aggregatesOnly({ file: { rules = [] } }: Policy): string {
	const regionsOf = (some: typeof rules) => some.flatMap(({ regions }) => regions).filter((region) => region !== "*");
	const strict = rules.filter(({ usageMetrics }) => usageMetrics === "aggregates");
	const elsewhere = strict.some(({ regions }) => regions.includes("*"));
	const unlisted = `context.regions.isEmpty() || !${set(regionsOf(rules))}.containsAll(context.regions)`;
	return `${set(regionsOf(strict))}.containsAny(context.regions)${elsewhere ? ` || ${unlisted}` : ""}`;
}

function purposeIn(purposes: readonly { readonly id: string }[]): string {
	return `${set(purposes.map(({ id }) => id))}.contains(context.purpose)`;
}

function each<Row extends { readonly id: string }>(rows: readonly Row[], when: (row: Row) => string): string {
	return anyOf(rows.map((row) => `context.purpose == ${text(row.id)} && ${when(row)}`));
}

function anyOf(conditions: readonly string[]): string {
	return conditions.length === 0 ? "false" : conditions.map((one) => `(${one})`).join(" || ");
}

function set(members: readonly string[], entity?: string): string {
	// Cedar can not tell what an empty set would have held.
	if (members.length === 0) return entity === undefined ? `[""]` : `[${entity}::""]`;
	return `[${members.map((one) => (entity === undefined ? text(one) : `${entity}::${text(one)}`)).join(", ")}]`;
}

/** A Cedar string. Ids are Unicode without control characters; quotes and backslashes are escaped alike in JSON. */
function text(words: string): string {
	return JSON.stringify(words);
}
