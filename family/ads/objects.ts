/** What campaigns, ad sets, creatives and ads have in common on the Graph surface. */
import * as v from "valibot";
import { GraphError } from "../graph/graph-error.ts";
import { WholeNumber } from "../graph/parameters.ts";
import type { Wanted } from "./tables.ts";

const WANTED = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED"] as const satisfies readonly Wanted[];

/** Money in whole minor units, up to a hundred million of the major one. */
export const Money = v.pipe(WholeNumber, v.minValue(0), v.maxValue(10_000_000_000));

/** What an object is made with: it spends nothing unless its owner says so. */
export const NewStatus = v.optional(v.picklist(["ACTIVE", "PAUSED"]), "PAUSED");

export const ChangedStatus = v.optional(v.picklist(WANTED));

/** Unix seconds or ISO 8601, to UTC milliseconds. */
export const Time = v.pipe(
	v.union([
		v.pipe(
			WholeNumber,
			v.transform((seconds) => seconds * 1000),
		),
		v.pipe(v.string(), v.transform(Date.parse)),
	]),
	v.safeInteger(),
	v.minValue(0),
);

/** ISO 8601, as the Graph writes times. */
export const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** Money is text on the way out. */
export const money = (minor: number | null) => (minor === null ? null : String(minor));

/** Throws what an id that is somebody else's, or nobody's, is answered with. */
export function found<Row>(row: Row | undefined): Row {
	if (row === undefined) throw new GraphError("noSuchObject", "this object does not exist, or you may not see it");
	return row;
}
