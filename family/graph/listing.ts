/** Lists of objects out of the store, in the order and size that a page asks for. */
import { type SelectQueryBuilder, sql } from "kysely";
import * as v from "valibot";
import type { Records } from "../records/schema.ts";
import type { GraphCall } from "./endpoint.ts";
import type { GraphFields, GraphValue } from "./fields.ts";
import { GraphError } from "./graph-error.ts";
import { listAnswer, readPage } from "./paging.ts";
import { jsonOr, readParameters } from "./parameters.ts";

const Filtering = v.object({
	filtering: v.optional(jsonOr(v.array(v.object({ field: v.string(), operator: v.string(), value: v.unknown() }))), []),
});

export interface Listing<Tables extends keyof Records, Row> {
	/** What is listed, without order and limit. */
	readonly query: SelectQueryBuilder<Records, Tables, Row>;
	/** "table.column" of the id. */
	readonly id: string;
	/** Columns that a filter may name, by the field's name. */
	readonly filters: Readonly<Record<string, string>>;
	readonly fields: (row: Row) => GraphFields;
}

/** One page of a list, as the caller asked for it. Rejects with GraphError. */
export async function answerList<Tables extends keyof Records, Row>(
	call: GraphCall,
	{ query, id, filters, fields }: Listing<Tables, Row>,
): Promise<GraphValue> {
	const page = readPage(call.parameters);
	const filtered = filter(query, filters, call);
	const backward = page.before !== undefined;
	let paged = filtered.orderBy(sql.ref(id), backward ? "asc" : "desc").limit(page.limit + 1);
	if (page.after !== undefined) paged = paged.where(sql<boolean>`${sql.ref(id)} < ${page.after}`);
	if (page.before !== undefined) paged = paged.where(sql<boolean>`${sql.ref(id)} > ${page.before}`);
	const rows = await paged.execute();
	const more = rows.length > page.limit;
	const shown = rows.slice(0, page.limit);
	const objects = (backward ? shown.reverse() : shown).map(fields);
	return listAnswer(
		page,
		{ objects, more, total: page.summary ? await count(filtered) : 0 },
		call.url,
		call.parameters,
	);
}

async function count<Tables extends keyof Records, Row>(
	query: SelectQueryBuilder<Records, Tables, Row>,
): Promise<number> {
	const { total } = await query.clearSelect().select(sql<number>`count(*)`.as("total")).executeTakeFirstOrThrow();
	return total;
}

function filter<Tables extends keyof Records, Row>(
	query: SelectQueryBuilder<Records, Tables, Row>,
	filters: Readonly<Record<string, string>>,
	{ parameters }: GraphCall,
): SelectQueryBuilder<Records, Tables, Row> {
	let filtered = query;
	for (const { field, operator, value } of readParameters(Filtering, parameters).filtering) {
		const name = field.split(".").at(-1) ?? "";
		const column = Object.hasOwn(filters, name) ? filters[name] : undefined;
		if (column === undefined) throw new GraphError("invalidParameter", "filtering names a field that can not be used");
		const values = (Array.isArray(value) ? value : [value]).map(String);
		const left = sql.ref<string>(column);
		switch (operator) {
			case "EQUAL":
			case "IN":
				filtered = filtered.where(left, "in", values);
				break;
			case "NOT_EQUAL":
			case "NOT_IN":
				filtered = filtered.where(left, "not in", values);
				break;
			case "CONTAIN":
				filtered = filtered.where(sql<boolean>`instr(lower(${left}), lower(${values[0] ?? ""})) > 0`);
				break;
			default:
				throw new GraphError("invalidParameter", "filtering has an operator that is not known");
		}
	}
	return filtered;
}
