/**
 * Whom an ad set is for. What is stored is the targeting as it was given and what of it can be decided here: lists and
 * age. What we do not know about people (gender, interests, where they are within a country) can not be targeted, and
 * is refused instead of being ignored.
 */
import * as v from "valibot";
import { GraphError } from "../graph/graph-error.ts";
import { GraphId, jsonOr, WholeNumber } from "../graph/parameters.ts";

const YOUNGEST = 13;
/** Without `age_min` an ad is for adults. */
const ADULT = 18;
/** As an upper end this means "and older". */
const OLDEST = 65;

const Lists = v.optional(
	jsonOr(
		v.array(
			v.union([
				v.pipe(
					v.object({ id: GraphId }),
					v.transform(({ id }) => id),
				),
				GraphId,
			]),
		),
	),
	[],
);
const Age = v.pipe(WholeNumber, v.minValue(YOUNGEST), v.maxValue(OLDEST));
const Countries = v.array(v.pipe(v.string(), v.regex(/^[A-Za-z]{2}$/)));

export const Targeting = jsonOr(
	v.looseObject({
		age_min: v.optional(Age, ADULT),
		age_max: v.optional(Age, OLDEST),
		custom_audiences: Lists,
		excluded_custom_audiences: Lists,
		geo_locations: v.optional(jsonOr(v.looseObject({ countries: v.optional(Countries, []) }))),
	}),
);

export type TargetingInput = v.InferOutput<typeof Targeting>;

/** What serving decides by. */
export interface Rules {
	readonly ageMin: number;
	readonly ageMax: number;
	/** One of them is enough; empty for everybody. */
	readonly included: ReadonlySet<string>;
	/** One of them is too many, whatever is included. */
	readonly excluded: ReadonlySet<string>;
}

/** Narrower than what we can tell of a person. */
const UNKNOWN_HERE = [
	"genders",
	"interests",
	"behaviors",
	"flexible_spec",
	"exclusions",
	"excluded_geo_locations",
	"relationship_statuses",
	"education_statuses",
];
const PLACES = ["regions", "cities", "zips", "custom_locations", "places", "geo_markets", "neighborhoods"];

/** Throws GraphError for targeting that would not do what it says. */
export function checkTargeting(targeting: TargetingInput, special: boolean): void {
	const used = (value: unknown) =>
		Array.isArray(value)
			? value.length > 0
			: typeof value === "object" && value !== null && Object.keys(value).length > 0;
	const unknown =
		UNKNOWN_HERE.find((name) => used(targeting[name])) ?? PLACES.find((name) => used(targeting.geo_locations?.[name]));
	if (unknown !== undefined) {
		throw new GraphError("invalidParameter", `targeting.${unknown} can not be used: it is not known about people here`);
	}
	if (targeting.age_min > targeting.age_max) {
		throw new GraphError("invalidParameter", "targeting.age_min is above age_max");
	}
	if (special && (targeting.age_min > ADULT || targeting.age_max < OLDEST)) {
		throw new GraphError("invalidParameter", "ads of a special category can not be targeted by age");
	}
}

/** Lists are those the ad set named: one that was deleted since contains nobody, it does not stand for everybody. */
export function rulesOf(targeting: TargetingInput): Rules {
	return {
		ageMin: targeting.age_min,
		ageMax: targeting.age_max,
		included: new Set(targeting.custom_audiences),
		excluded: new Set(targeting.excluded_custom_audiences),
	};
}

/** A person, as far as an ad may know. */
export interface Facts {
	/** In whole years, the least they can be. */
	readonly age: number;
	/** Lists that may be used for this person at this moment; undefined where no profiled ad may be shown. */
	readonly lists: ReadonlySet<string> | undefined;
}

/** May this ad be shown to this person? An ad that looks at lists, be it to leave people out, is a profiled one. */
export function isEligible(rules: Rules, { age, lists }: Facts): boolean {
	if (age < rules.ageMin || (rules.ageMax < OLDEST && age > rules.ageMax)) return false;
	if (rules.included.size === 0 && rules.excluded.size === 0) return true;
	if (lists === undefined || [...rules.excluded].some((list) => lists.has(list))) return false;
	return rules.included.size === 0 || [...rules.included].some((list) => lists.has(list));
}
