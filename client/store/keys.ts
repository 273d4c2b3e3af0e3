/** What a key may be, the same in all stores. */

/**
 * Keys are printable ASCII: only there do JavaScript, SQLite and IndexedDB agree on the order of strings. Throws
 * RangeError for anything else: keys are ours, so this is a defect.
 */
export function checkKey(key: string): void {
	if (!/^[\x20-\x7e]+$/.test(key)) throw new RangeError("a key of a local store is printable ASCII and not empty");
}

/** A limit as given, or none. Throws RangeError for what is no count. */
export function checkLimit(limit: number | undefined): number | undefined {
	if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0)) {
		throw new RangeError("a limit is a whole number");
	}
	return limit;
}

/** The first key after all that begin with `prefix`; with it, `range(prefix, prefixEnd(prefix))` is all of them. */
export function prefixEnd(prefix: string): string {
	checkKey(prefix);
	const last = prefix.charCodeAt(prefix.length - 1);
	return prefix.slice(0, -1) + String.fromCharCode(last + 1);
}
