/**
 * What somebody outside can check about a log with nothing but its URL and its key: that the checkpoint is signed and
 * witnessed, that it goes on from an earlier one, and that the entries it gives out are those it signed.
 */
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { keysOf, type LogTrust, openCheckpoint, type Witnessed } from "../checkpoint/open-checkpoint.ts";
import { HashTiles } from "../log/hash-tiles.ts";
import { leafHash, nodeHash, sameHash } from "../merkle/hash.ts";
import { consistencyProof, type HashReader, inclusionProof, type TreeHead, treeRoot } from "../merkle/tree.ts";
import { verifyConsistency, verifyInclusion } from "../merkle/verify.ts";
import { ProofError } from "../proof-error.ts";
import { hashesInTiles, tileOfHash } from "../tiles/tile.ts";
import { TILE_WIDTH, tileAt, tilePath } from "../tiles/tile-path.ts";
import { FetchedLog, forEach, type Get } from "./log-files.ts";

export type { Get } from "./log-files.ts";

export interface AuditOptions {
	/** Where the log is; `/checkpoint` is below it. */
	readonly url: string;
	readonly trust: LogTrust;
	/** A tree that was seen earlier; without a root only its size is held against the log. */
	readonly since?: { readonly size: number; readonly root?: Uint8Array | undefined } | undefined;
	readonly get: Get;
	/** Any whole number below the limit, not to be foreseen by the log. */
	readonly random: (below: number) => number;
	/** A log of up to so many leaves is recomputed as a whole; 65 536 where it is left out. */
	readonly wholeUpTo?: number | undefined;
}

export interface Audit {
	readonly checkpoint: Checkpoint;
	readonly witnessed: readonly Witnessed[];
	/** The earlier tree as the log has it. */
	readonly since: TreeHead | undefined;
	/** How many leaves were held against the root. */
	readonly leaves: number;
	/** Every leaf and every tile was. */
	readonly whole: boolean;
	/** All entries, in their order; undefined where only some were read. */
	readonly entries: readonly Uint8Array[] | undefined;
}

const WHOLE_UP_TO = 65_536;
const SAMPLES = 64;

/** Audits a log. Rejects with ProofError, whose code says what does not hold. */
export async function auditLog(options: AuditOptions): Promise<Audit> {
	keysOf(options.trust);
	const log = new FetchedLog(options.url, options.get);
	const { witnessed, ...checkpoint } = openCheckpoint(await log.checkpoint(), options.trust);
	const { size } = checkpoint;
	const whole = size <= (options.wholeUpTo ?? WHOLE_UP_TO);
	const read = whole ? await readWholeTree(log, checkpoint) : undefined;
	const since = options.since && (await checkSince(options.since, checkpoint, read?.reading ?? tilesOf(log, size)));
	if (whole) return { checkpoint, witnessed, since, leaves: size, whole, entries: read?.entries };
	const leaves = sampleOf(size, options.random);
	await forEach(leaves, (index) => checkLeaf(log, checkpoint, index));
	return { checkpoint, witnessed, since, leaves: leaves.size, whole, entries: undefined };
}

/** Makes the tree anew from the entries, and holds every tile against it. */
async function readWholeTree(log: FetchedLog, { size, root }: TreeHead): Promise<WholeTree> {
	const bundles: (readonly Uint8Array[])[] = [];
	await forEach(Array.from({ length: Math.ceil(size / TILE_WIDTH) }).keys(), async (index) => {
		bundles[index] = await log.entries(size, index);
	});
	const tree = new HashTiles(0, unreachable, nodeHash);
	const entries = bundles.flat();
	for (const entry of entries) tree.append(leafHash(entry));
	if (!sameHash(treeRoot(size, tree.read), root))
		throw new ProofError("NOT_INCLUDED", "the entries are not those that the checkpoint signs");
	await forEach(tree.changed(0, size), async ({ address, bytes }) => {
		const tile = await log.tile(address);
		if (!sameHash(tile, bytes)) throw new ProofError("TILE_INVALID", `${tilePath(address)} is of another tree`);
	});
	return { entries, reading: async (run) => run(tree.read) };
}

interface WholeTree {
	readonly entries: readonly Uint8Array[];
	readonly reading: Reading;
}

/** Runs something that reads hashes of the log's tree. */
type Reading = <Value>(run: (read: HashReader) => Value) => Promise<Value>;

/** Finds out which hashes are read, fetches the tiles they stand in, and runs it on those. */
function tilesOf(log: FetchedLog, size: number): Reading {
	return async (run) => {
		const needed = new Map<string, { level: number; index: number }>();
		run((level, index) => {
			const tile = tileOfHash(level, index);
			needed.set(`${tile.level}/${tile.index}`, tile);
			return NO_HASH;
		});
		const tiles = new Map<string, Uint8Array>();
		await forEach(needed, async ([key, { level, index }]) => {
			const address = tileAt(size, level, index);
			if (address !== undefined) tiles.set(key, await log.tile(address));
		});
		return run(hashesInTiles((level, index) => tiles.get(`${level}/${index}`) ?? NO_HASH.subarray(0, 0)));
	};
}

const NO_HASH = new Uint8Array(32);

/** The tree that was seen earlier is the beginning of this one. */
async function checkSince(
	since: NonNullable<AuditOptions["since"]>,
	now: TreeHead,
	reading: Reading,
): Promise<TreeHead> {
	if (since.size > now.size)
		throw new ProofError("INCONSISTENT", `the log has ${now.size} leaves and had ${since.size}`);
	const root = await reading((read) => treeRoot(since.size, read));
	const proof = await reading((read) => consistencyProof(since.size, now.size, read));
	const head = { size: since.size, root: since.root ?? root };
	if (!sameHash(root, head.root) || !verifyConsistency(head, now, proof))
		throw new ProofError("INCONSISTENT", `the log's first ${since.size} leaves are not those it had`);
	return head;
}

async function checkLeaf(log: FetchedLog, head: TreeHead, index: number): Promise<void> {
	const entries = await log.entries(head.size, Math.floor(index / TILE_WIDTH));
	const entry = entries[index % TILE_WIDTH];
	const proof = await tilesOf(log, head.size)((read) => inclusionProof(index, head.size, read));
	if (entry === undefined || !verifyInclusion(leafHash(entry), index, proof, head))
		throw new ProofError("NOT_INCLUDED", `the checkpoint does not sign entry ${index}`);
}

/** Always the first and the last; the rest anywhere. */
function sampleOf(size: number, random: AuditOptions["random"]): Set<number> {
	const sample = new Set([0, size - 1]);
	while (sample.size < Math.min(SAMPLES, size)) sample.add(random(size));
	return sample;
}

function unreachable(): never {
	throw new RangeError("a tree that is made anew has no stored tiles");
}
