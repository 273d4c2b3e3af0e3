/** What a Graph path addresses: `/{version}/{node}/{edge}`, version and trailing slash optional. */

export interface Address {
	/** "v24.0", or empty where the path has none. */
	readonly version: string;
	/** Empty for the root, where batches go. */
	readonly node: string;
	readonly edge: string;
}

const PATH = /^\/?(?:(v\d{1,3}\.\d{1,3})(?:\/|$))?(?:([A-Za-z0-9_.-]+)(?:\/([A-Za-z0-9_.-]+))?\/?)?$/;

/** Undefined for what is no Graph path. */
export function readAddress(path: string): Address | undefined {
	const [whole, version = "", node = "", edge = ""] = PATH.exec(path) ?? [];
	return whole === undefined ? undefined : { version, node, edge };
}

/** Parts a path or relative URL from its query string. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
	const at = url.indexOf("?");
	return at < 0 ? { path: url, query: "" } : { path: url.slice(0, at), query: url.slice(at + 1) };
}
