/** `?fields=a,b{c}`: the id and what was asked for. */
import { CloudError } from "./errors.ts";

type Described = Readonly<Record<string, unknown>> & { readonly id: string };

/** Throws CloudError 100 for a field that there is not. `usual`: what is given where nothing is asked for. */
export function selectFields(
	object: Described,
	fields: string | undefined,
	usual: readonly string[] = Object.keys(object),
): Readonly<Record<string, unknown>> {
	const named = fields
		?.replaceAll(/\{[^{}]*\}/g, "")
		.split(",")
		.map((field) => field.trim())
		.filter(Boolean);
	const asked = new Set(["id", ...(named ?? usual)]);
	for (const field of asked)
		if (!Object.hasOwn(object, field)) throw new CloudError(100, `there is no field ${field.slice(0, 64)}`);
	return Object.fromEntries([...asked].map((field) => [field, object[field]]));
}
