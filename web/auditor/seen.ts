/** What this browser saw of each log the last time: the one thing that nobody else can tell it. */
import { parseDecimal, parseTreeHash, type TreeHead, toBase64 } from "@troth/transparency";

export interface Seen extends TreeHead {
	/** UTC milliseconds. */
	readonly atMs: number;
}

const PREFIX = "troth-auditor ";

/** Of the log with this key; undefined where this browser never saw it. */
export function lastSeen(vkey: string): Seen | undefined {
	const [sizeText = "", rootText = "", timeText = ""] = localStorage.getItem(PREFIX + vkey)?.split(" ") ?? [];
	const size = parseDecimal(sizeText);
	const root = parseTreeHash(rootText);
	const atMs = parseDecimal(timeText);
	return size === undefined || root === undefined || atMs === undefined ? undefined : { size, root, atMs };
}

export function remember(vkey: string, { size, root, atMs }: Seen): void {
	localStorage.setItem(PREFIX + vkey, `${size} ${toBase64(root)} ${atMs}`);
}
