/** `fields`: what a read gives. Without it, the id alone. */
import { GraphError } from "./graph-error.ts";
import { type Parameters, parseJson } from "./parameters.ts";

export type GraphValue =
	| string
	| number
	| boolean
	| null
	| readonly GraphValue[]
	| { readonly [name: string]: GraphValue };

/** Everything that can be read of an object, by field. `id` is always among it. */
export type GraphFields = Readonly<Record<string, GraphValue>>;

/** The names asked for: a comma string, a list, or a list as JSON text. Throws GraphError. */
export function readFields(parameters: Parameters): readonly string[] {
	const given = parameters.get("fields");
	if (given === undefined || given === "" || given === null) return [];
	const listed = typeof given === "string" && given.startsWith("[") ? parseJson(given) : given;
	const names = typeof listed === "string" ? listed.split(",") : listed;
	if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
		throw new GraphError("invalidParameter", "fields has to be a list of names");
	}
	return names.map((name) => name.trim()).filter((name) => name !== "");
}

/** The object as the caller asked for it. Throws GraphError for a field that objects of this kind do not have. */
export function selectFields(object: GraphFields, fields: readonly string[]): GraphFields {
	const selected: Record<string, GraphValue> = { id: object["id"] ?? "" };
	for (const name of fields) {
		const value = Object.hasOwn(object, name) ? object[name] : undefined;
		if (value === undefined) {
			throw new GraphError("invalidParameter", `tried accessing a field that does not exist: ${printable(name)}`);
		}
		selected[name] = value;
	}
	return selected;
}

function printable(name: string): string {
	return /^\w{1,60}$/.test(name) ? name : "(not a name)";
}
