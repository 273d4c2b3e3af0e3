/**
 * Batch requests: several calls in one POST. The Node SDK writes an entry's body as `k=v&k=v` with JSON values that
 * are NOT percent-encoded, the Python SDK encodes them; both are read here.
 */
import * as v from "valibot";
import { GraphError } from "./graph-error.ts";
import { jsonOr, type Parameters, parseJson, readParameters } from "./parameters.ts";

export const MOST_BATCHED = 50;

export interface BatchedCall {
	readonly method: "GET" | "POST" | "DELETE";
	readonly relativeUrl: string;
	readonly body: Parameters;
}

const Batch = v.object({
	batch: jsonOr(
		v.array(
			v.object({
				method: v.pipe(v.string(), v.toUpperCase(), v.picklist(["GET", "POST", "DELETE"])),
				relative_url: v.pipe(v.string(), v.maxLength(2_000_000)),
				body: v.optional(v.string(), ""),
			}),
		),
	),
});

/** The calls of a batch, in their order. Throws GraphError. */
export function readBatch(parameters: Parameters): readonly BatchedCall[] {
	const { batch } = readParameters(Batch, parameters);
	if (batch.length > MOST_BATCHED) {
		throw new GraphError("invalidParameter", `a batch holds at most ${MOST_BATCHED} calls`);
	}
	return batch.map(({ method, relative_url, body }) => {
		return { method, relativeUrl: relative_url, body: readBatchedBody(body) };
	});
}

const NAME = /([A-Za-z_][\w.-]*)=/y;

/**
 * `k=v&k=v`, encoded or not. An `&` parts two parameters only outside of raw JSON and before the next `name=`. A value
 * with a character that percent-encoding would not have left is taken as it stands. Never throws.
 */
export function readBatchedBody(body: string): Parameters {
	const read = new Map<string, unknown>();
	let at = 0;
	while (at < body.length) {
		const name = nameAt(body, at);
		if (name === undefined) break;
		const start = at + name.length + 1;
		const end = valueEnd(body, start);
		read.set(name, decoded(body.slice(start, end)));
		at = end + 1;
	}
	return read;
}

function nameAt(text: string, at: number): string | undefined {
	NAME.lastIndex = at;
	return NAME.exec(text)?.[1];
}

function valueEnd(body: string, start: number): number {
	let end = jsonEnd(body, start) ?? start;
	while (
		end < body.length &&
		!(body[end] === "&" && (end + 1 === body.length || nameAt(body, end + 1) !== undefined))
	) {
		end++;
	}
	return end;
}

/** Where raw JSON that begins here ends; undefined where none begins or it never ends. */
function jsonEnd(text: string, start: number): number | undefined {
	const first = text[start];
	if (first !== "{" && first !== "[" && first !== '"') return undefined;
	let depth = 0;
	let quoted = false;
	for (let at = start; at < text.length; at++) {
		const character = text[at];
		if (quoted) {
			if (character === "\\") at++;
			else if (character === '"') quoted = false;
		} else if (character === '"') quoted = true;
		else if (character === "{" || character === "[") depth++;
		else if (character === "}" || character === "]") depth--;
		if (depth === 0 && !quoted) return at + 1;
	}
	return undefined;
}

function decoded(value: string): unknown {
	if (!/^[\w.~!*'():;,/?@$%+-]*$/.test(value)) return unquoted(value);
	try {
		return unquoted(decodeURIComponent(value.replaceAll("+", " ")));
	} catch {
		return value;
	}
}

/** The Node SDK writes text as a JSON string too. */
function unquoted(value: string): unknown {
	if (!/^".*"$/s.test(value)) return value;
	try {
		return parseJson(value);
	} catch {
		return value;
	}
}
