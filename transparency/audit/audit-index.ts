/** Makes the index of chain values anew from the leaves of the share log, and holds the published one against it. */
import { chainIndexRoot, chainValueOf } from "../chain-index/buckets.ts";
import { type ChainIndexEntry, parseIndexEntry } from "../chain-index/chain-index.ts";
import { HashTiles } from "../log/hash-tiles.ts";
import { leafHash, nodeHash, sameHash } from "../merkle/hash.ts";
import { treeRoot } from "../merkle/tree.ts";
import { ProofError, required } from "../proof-error.ts";

export interface IndexAuditOptions {
	/** Origin of the share log. */
	readonly origin: string;
	/** All leaves of the share log, in their order. */
	readonly leaves: readonly Uint8Array[];
	/** All entries of the log of the index. */
	readonly entries: readonly Uint8Array[];
	/** Any whole number below the limit, not to be foreseen by the log. */
	readonly random: (below: number) => number;
}

export interface IndexAudit {
	/** The newest state; undefined where there is none yet. */
	readonly newest: ChainIndexEntry | undefined;
	/** How many states were made anew. */
	readonly checked: number;
}

/** Each costs a sorting of all leaves up to it. */
const MOST_STATES = 16;

/**
 * Checks the newest state of the index and some older ones: what people were told is in the log, and stays there. Throws
 * ProofError (INDEX_WRONG, MALFORMED) where one is not what the leaves say.
 */
export function auditIndex({ origin, leaves, entries, random }: IndexAuditOptions): IndexAudit {
	const states = entries.map((entry) => {
		return required(parseIndexEntry(new TextDecoder().decode(entry)), "an entry of the index is none");
	});
	let before = 0;
	for (const { origin: about, size } of states) {
		if (about !== origin) throw new ProofError("INDEX_WRONG", "a state of the index is of another log");
		if (size < before || size > leaves.length)
			throw new ProofError("INDEX_WRONG", `a state of the index has ${size} leaves, the log ${leaves.length}`);
		before = size;
	}
	const tree = new HashTiles(0, () => new Uint8Array(), nodeHash);
	const values = leaves.map((leaf, index) => {
		tree.append(leafHash(leaf));
		return required(chainValueOf(leaf), `leaf ${index} is none of a share log`);
	});
	const chosen = choose(states.length, random);
	for (const at of chosen) {
		const state = states[at];
		if (state === undefined) continue;
		const { size, shareRoot, bits, root } = state;
		if (!sameHash(treeRoot(size, tree.read), shareRoot))
			throw new ProofError("INDEX_WRONG", `the index is of another log of ${size} leaves`);
		const anew = chainIndexRoot(values.slice(0, size), bits, { leaf: leafHash, node: nodeHash });
		if (!sameHash(anew, root))
			throw new ProofError("INDEX_WRONG", `the index of ${size} leaves is not that of their chain values`);
	}
	return { newest: states.at(-1), checked: chosen.size };
}

/** The last one always. */
function choose(count: number, random: (below: number) => number): Set<number> {
	const chosen = new Set(count === 0 ? [] : [count - 1]);
	while (chosen.size < Math.min(count, MOST_STATES)) chosen.add(random(count));
	return chosen;
}
