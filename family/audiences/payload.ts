/**
 * The rows of an upload: hashed identifiers in columns that the schema names. Only PHONE and EMAIL are ever used; the
 * other columns are checked for their form and dropped here, because names and postcodes prove nothing about a person.
 */
import * as v from "valibot";
import { GraphError } from "../graph/graph-error.ts";
import { jsonOr, type Parameters, readParameters, WholeNumber } from "../graph/parameters.ts";

export const MOST_ROWS = 10_000;
const MOST_SAMPLES = 5;

export type KeyKind = "phone" | "email";

/** An identifier as it was uploaded: SHA-256 of the normalised value, 32 bytes. Not to be stored. */
export interface UploadedKey {
	readonly kind: KeyKind;
	readonly digest: Uint8Array;
}

export interface UploadSession {
	/** A 64-bit number of the caller's choice, as text. */
	readonly id: string;
	readonly batchSeq: number;
}

export interface Upload {
	readonly keys: readonly UploadedKey[];
	/** Rows, never matches. */
	readonly received: number;
	readonly invalid: number;
	/** What was wrong, by the row's number in the request; the first few only. */
	readonly samples: Readonly<Record<string, string>>;
	/** Undefined where the caller does not number its requests. */
	readonly session: UploadSession | undefined;
}

type Column = "phone" | "email" | "hashed" | "plain";

const COLUMNS: Readonly<Record<string, Column>> = {
	PHONE: "phone",
	PHONE_SHA256: "phone",
	EMAIL: "email",
	EMAIL_SHA256: "email",
	...Object.fromEntries(
		["GEN", "DOBY", "DOBM", "DOBD", "LN", "FN", "FI", "CT", "ST", "ZIP", "COUNTRY"].map((key) => [key, "hashed"]),
	),
	...Object.fromEntries(
		[
			"EXTERN_ID",
			"MADID",
			"MOBILE_ADVERTISER_ID",
			"UID",
			"APPUID",
			"LOOKALIKE_VALUE",
			"DATA_PROCESSING_OPTIONS",
			"DATA_PROCESSING_OPTIONS_COUNTRY",
			"DATA_PROCESSING_OPTIONS_STATE",
		].map((key) => [key, "plain"]),
	),
};

const Users = v.object({
	payload: jsonOr(
		v.object({
			schema: jsonOr(v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(40))])),
			data: jsonOr(v.array(v.unknown())),
		}),
	),
	session: v.optional(
		jsonOr(
			v.object({
				session_id: v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.regex(/^\d{1,20}$/)),
				batch_seq: v.optional(v.pipe(WholeNumber, v.minValue(1)), 1),
			}),
		),
	),
});

/**
 * Reads the rows of POST or DELETE /{audience}/users. A row counts as invalid when none of its cells has its form.
 * Throws GraphError: `invalidParameter` for a schema or a row width that is wrong, `updateFailed` for too many rows.
 */
export function readUpload(parameters: Parameters): Upload {
	const { payload, session } = readParameters(Users, parameters);
	const { schema, data } = payload;
	if (data.length > MOST_ROWS) {
		throw new GraphError("updateFailed", `a request holds at most ${MOST_ROWS} rows`, {
			userTitle: "Too many rows",
			userMessage: `Send at most ${MOST_ROWS} people per request, in several requests of one session.`,
		});
	}
	const columns = (typeof schema === "string" ? [schema] : schema).map(readColumn);
	const keys: UploadedKey[] = [];
	const samples: Record<string, string> = {};
	let invalid = 0;
	for (const [number, given] of data.entries()) {
		const cells = Array.isArray(given) ? given : [given];
		if (cells.length !== columns.length) {
			throw new GraphError("invalidParameter", "a row of data has not as many cells as the schema");
		}
		const found = columns.flatMap((column, index) => readCell(column, cells[index]) ?? []);
		for (const cell of found) if (cell.kind !== "other") keys.push({ kind: cell.kind, digest: cell.digest });
		if (found.length > 0) continue;
		if (invalid++ < MOST_SAMPLES) samples[number] = "no cell holds a SHA-256 in hexadecimal digits";
	}
	return {
		keys,
		received: data.length,
		invalid,
		samples,
		session: session && { id: session.session_id, batchSeq: session.batch_seq },
	};
}

function readColumn(name: string): Column {
	const column = Object.hasOwn(COLUMNS, name.toUpperCase()) ? COLUMNS[name.toUpperCase()] : undefined;
	if (column === undefined) throw new GraphError("invalidParameter", "payload.schema names an unknown key");
	return column;
}

type Cell = UploadedKey | { readonly kind: "other" };

/** Undefined for an empty cell and for one that is not of its form. */
function readCell(column: Column, cell: unknown): Cell | undefined {
	if (column === "plain") {
		// Options of a row say nothing about who it is; any text or number is one.
		return (typeof cell === "string" && cell !== "") || typeof cell === "number" ? { kind: "other" } : undefined;
	}
	if (typeof cell !== "string" || !/^[0-9a-f]{64}$/i.test(cell)) return undefined;
	return column === "hashed" ? { kind: "other" } : { kind: column, digest: Buffer.from(cell, "hex") };
}
