/**
 * Lists in pages. `next` and `previous` are absolute URLs on our own public address that clients call verbatim, so
 * they carry the token as they did in the request.
 */
import * as v from "valibot";
import { type GraphFields, type GraphValue, readFields, selectFields } from "./fields.ts";
import { GraphError } from "./graph-error.ts";
import { Flag, type Parameters, readParameters, WholeNumber } from "./parameters.ts";

const DEFAULT_LIMIT = 25;
const MOST_LISTED = 500;

const Paging = v.object({
	limit: v.optional(v.pipe(WholeNumber, v.minValue(1), v.maxValue(MOST_LISTED)), DEFAULT_LIMIT),
	after: v.optional(v.string(), ""),
	before: v.optional(v.string(), ""),
	summary: v.optional(v.unknown()),
});

/** Which objects of a list are asked for; lists are in descending order of ids, the newest first. */
export interface Page {
	readonly limit: number;
	/** Only ids below this one. */
	readonly after: string | undefined;
	/** Only ids above this one, the nearest first. */
	readonly before: string | undefined;
	readonly summary: boolean;
	readonly fields: readonly string[];
}

/** Throws GraphError. */
export function readPage(parameters: Parameters): Page {
	const { limit, after, before, summary } = readParameters(Paging, parameters);
	return {
		limit,
		after: readCursor(after),
		before: readCursor(before),
		summary: summary !== undefined && !(v.is(Flag, summary) && v.parse(Flag, summary) === false),
		fields: readFields(parameters),
	};
}

export const writeCursor = (id: string) => Buffer.from(id).toString("base64url");

function readCursor(cursor: string): string | undefined {
	if (cursor === "") return undefined;
	const id = Buffer.from(cursor, "base64url").toString("latin1");
	if (!/^\d{1,20}$/.test(id)) throw new GraphError("invalidParameter", "the cursor is not one of ours");
	return id;
}

/** What a store found for a page: one object more than the limit where there are more. */
export interface Found {
	readonly objects: readonly GraphFields[];
	readonly more: boolean;
	readonly total: number;
}

/** The answer of a list. @param url where it was asked for, absolute, without the query string */
export function listAnswer(page: Page, found: Found, url: string, parameters: Parameters): GraphValue {
	const data = found.objects.map((object) => selectFields(object, page.fields));
	const first = found.objects[0]?.["id"];
	const last = found.objects.at(-1)?.["id"];
	const summary = page.summary ? { summary: { total_count: found.total } } : {};
	if (typeof first !== "string" || typeof last !== "string") return { data, ...summary };
	const [after, before] = [writeCursor(last), writeCursor(first)];
	const backward = page.before !== undefined;
	const next = backward || found.more ? { next: link(url, parameters, { after }) } : {};
	const cameFromNewer = backward ? found.more : page.after !== undefined;
	const previous = cameFromNewer ? { previous: link(url, parameters, { before }) } : {};
	return { data, paging: { cursors: { before, after }, ...next, ...previous }, ...summary };
}

function link(url: string, parameters: Parameters, cursor: { after: string } | { before: string }): string {
	const query = new URLSearchParams();
	for (const [name, value] of parameters) {
		if (name === "after" || name === "before" || value === undefined || value === null) continue;
		query.set(name, typeof value === "string" ? value : JSON.stringify(value));
	}
	for (const [name, value] of Object.entries(cursor)) query.set(name, value);
	return `${url}?${query}`;
}
