/** `GET /{waba}/message_templates`: with filters and pages. */
import * as v from "valibot";
import type { GatewayContext } from "../context.ts";
import type { StoredTemplate } from "../templates/templates.ts";
import { selectFields } from "./fields.ts";
import { ENVELOPE, readBody } from "./read-body.ts";

const Query = v.object({
	fields: v.optional(v.string()),
	limit: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}$/), v.transform(Number)), "25"),
	after: v.optional(v.string(), ""),
	name: v.optional(v.string()),
	status: v.optional(v.string()),
	category: v.optional(v.string()),
	language: v.optional(v.string()),
});

/** `here`: the URL of this request, for the one of the next page. */
export async function getMessageTemplates({ records }: GatewayContext, query: unknown, here: URL): Promise<unknown> {
	const { fields, limit, after, ...filters } = readBody(Query, query, ENVELOPE);
	const rows = await records
		.selectFrom("template")
		.selectAll()
		.where("id", ">", Buffer.from(after, "base64url").toString())
		.orderBy("id")
		.execute();
	const described = rows.map(describe).filter((template) => matches(template, filters));
	const page = described.slice(0, limit);
	const [first, last] = [page[0], page.at(-1)];
	if (first === undefined || last === undefined) return { data: [] };
	const cursors = { before: cursorOf(first), after: cursorOf(last) };
	const next = new URL(here);
	next.searchParams.set("after", cursors.after);
	next.searchParams.delete("access_token");
	return {
		data: page.map((template) => selectFields(template, fields)),
		paging: { cursors, ...(described.length > limit && { next: next.href }) },
	};
}

function describe({ id, name, language, purpose, status, body }: StoredTemplate) {
	return {
		id,
		name,
		language,
		status,
		category: purpose.toUpperCase(),
		parameter_format: "POSITIONAL",
		components: [{ type: "BODY", text: body }],
		quality_score: { score: "UNKNOWN" },
	};
}

type Described = ReturnType<typeof describe>;

function cursorOf({ id }: Described): string {
	return Buffer.from(id).toString("base64url");
}

/** A filter is a value, or a JSON array of values. */
function matches(
	template: Described,
	filters: Readonly<Partial<Record<"name" | "status" | "category" | "language", string | undefined>>>,
): boolean {
	return (["name", "status", "category", "language"] as const).every((field) => {
		const filter = filters[field];
		return filter === undefined || valuesOf(filter).includes(template[field]);
	});
}

function valuesOf(filter: string): readonly unknown[] {
	if (!filter.startsWith("[")) return [filter];
	try {
		const values: unknown = JSON.parse(filter);
		return Array.isArray(values) ? values : [filter];
	} catch {
		return [filter];
	}
}
