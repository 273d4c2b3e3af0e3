/**
 * Looks for a text in bytes the way a careful investigator would (hazard 33): as UTF-8, UTF-16, hex in both cases, and
 * base64 or base64url at each of the three offsets at which it can lie in an encoded stream.
 */
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Trace {
	readonly where: string;
	readonly marker: string;
	readonly form: string;
}

/** All forms in which `marker` may hide, with their names. Bytes hide in their text forms, and as they are. */
function formsOf(marker: string | Uint8Array): readonly { readonly form: string; readonly bytes: Buffer }[] {
	const utf8 = Buffer.from(marker);
	const hex = utf8.toString("hex");
	const wide = typeof marker === "string" ? Buffer.from(marker, "utf16le") : undefined;
	const base64 = [0, 1, 2].flatMap((offset) => {
		const text = Buffer.concat([Buffer.alloc(offset), utf8])
			.toString("base64")
			.replaceAll("=", "");
		// The characters at both ends also depend on the neighbours' bits: only the middle is certain.
		const middle = text.slice(offset === 0 ? 0 : offset + 1, -2);
		return [
			{ form: `base64 at offset ${offset}`, bytes: Buffer.from(middle) },
			{ form: `base64url at offset ${offset}`, bytes: Buffer.from(middle.replaceAll("+", "-").replaceAll("/", "_")) },
		];
	});
	return [
		{ form: "as it is", bytes: utf8 },
		...(wide === undefined
			? []
			: [
					{ form: "utf-16le", bytes: wide },
					{ form: "utf-16be", bytes: Buffer.from(wide).swap16() },
				]),
		{ form: "hex", bytes: Buffer.from(hex) },
		{ form: "HEX", bytes: Buffer.from(hex.toUpperCase()) },
		...base64,
	];
}

/** Shorter ones are found by chance. */
const SHORTEST_MARKER = 10;

/** Every form of every marker found in the bytes. Throws RangeError for markers that are too short. */
export function tracesIn(
	where: string,
	bytes: Uint8Array,
	markers: readonly (string | Uint8Array)[],
): readonly Trace[] {
	const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return markers.flatMap((marker) => {
		if (marker.length < SHORTEST_MARKER) throw new RangeError("a marker needs at least 10 characters");
		const name = typeof marker === "string" ? marker : Buffer.from(marker).toString("hex");
		return formsOf(marker)
			.filter((form) => haystack.includes(form.bytes))
			.map(({ form }) => ({ where, marker: name, form }));
	});
}

/** The same over every file below a directory, database files, journals and all. */
export function tracesBelow(directory: string, markers: readonly (string | Uint8Array)[]): readonly Trace[] {
	return globSync("**/*", { cwd: directory })
		.filter((file) => statSync(join(directory, file)).isFile())
		.flatMap((file) => tracesIn(file, readFileSync(join(directory, file)), markers));
}
