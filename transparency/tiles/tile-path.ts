/** Where C2SP tlog-tiles keeps a tile or an entry bundle: `tile/<L>/<N>[.p/<W>]`. */
import { parseDecimal } from "../checkpoint/checkpoint.ts";

/** Hashes side by side in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Levels of the tree from one tile to the next. */
export const TILE_HEIGHT = 8;
const HIGHEST_LEVEL = 63;

export interface TileAddress {
	/** Level of the tiles, or the entry bundles beside level 0. */
	readonly level: number | "entries";
	readonly index: number;
	/** 1 to 256; 256 is full. */
	readonly width: number;
}

/** The path below the log's URL, without a slash in front. */
export function tilePath({ level, index, width }: TileAddress): string {
	const groups: string[] = [];
	for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
		groups.unshift(`${groups.length === 0 ? "" : "x"}${String(rest % 1000).padStart(3, "0")}`);
	return `tile/${level}/${groups.join("/")}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** Reads a path; undefined for everything that `tilePath` would not have written. */
export function parseTilePath(path: string): TileAddress | undefined {
	const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
	if (match === null) return undefined;
	const [, levelText = "", groups = "", widthText] = match;
	const level = levelText === "entries" ? ("entries" as const) : parseDecimal(levelText);
	const index = Number(groups.replaceAll(/[x/]/g, ""));
	const width = widthText === undefined ? TILE_WIDTH : parseDecimal(widthText);
	if (level === undefined || width === undefined || !Number.isSafeInteger(index)) return undefined;
	if ((level !== "entries" && level > HIGHEST_LEVEL) || width < 1 || (widthText !== undefined && width >= TILE_WIDTH))
		return undefined;
	const address: TileAddress = { level, index, width };
	return tilePath(address) === path ? address : undefined;
}

/** How many hashes level `level` of the tiles has in a tree of this size: each is a full tile of the level below. */
export function hashesAtLevel(size: number, level: number): number {
	return Math.floor(size / TILE_WIDTH ** level);
}

/** The tile of a tree of this size in which the hash with this index stands; undefined where there is none. */
export function tileAt(size: number, level: number | "entries", tileIndex: number): TileAddress | undefined {
	const width = Math.min(TILE_WIDTH, hashesAtLevel(size, level === "entries" ? 0 : level) - tileIndex * TILE_WIDTH);
	return width > 0 ? { level, index: tileIndex, width } : undefined;
}
