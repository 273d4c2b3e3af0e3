/** C2SP tlog-checkpoint: origin, size and root of a log's tree, as the text of a signed note. */
import { TREE_HASH_BYTES } from "../merkle/hash.ts";
import type { TreeHead } from "../merkle/tree.ts";
import { fromBase64, toBase64 } from "../note/base64.ts";
import { required } from "../proof-error.ts";

export interface Checkpoint extends TreeHead {
	/** Which log. */
	readonly origin: string;
}

/** The text that is signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
	return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads a checkpoint's text; extension lines are allowed and ignored. Throws ProofError (MALFORMED). */
export function parseCheckpoint(text: string): Checkpoint {
	return required(readCheckpoint(text), "this is no checkpoint");
}

function readCheckpoint(text: string): Checkpoint | undefined {
	if (!text.endsWith("\n")) return undefined;
	const lines = text.slice(0, -1).split("\n");
	const [origin = "", sizeLine = "", rootLine = ""] = lines;
	const size = parseDecimal(sizeLine);
	const root = parseTreeHash(rootLine);
	if (size === undefined || root === undefined || lines.includes("")) return undefined;
	return { origin, size, root };
}

/** Sizes and indexes: ASCII digits without leading zeroes, at most 2^53 − 1; undefined for everything else. */
export function parseDecimal(text: string): number | undefined {
	const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
	return Number.isSafeInteger(value) ? value : undefined;
}

/** A line with one hash in base 64; undefined where it is none. */
export function parseTreeHash(line: string): Uint8Array<ArrayBuffer> | undefined {
	const hash = fromBase64(line);
	return hash?.length === TREE_HASH_BYTES ? hash : undefined;
}
