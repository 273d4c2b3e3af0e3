/**
 * Tree hashes (RFC 9420 section 7.8) of a ratchet tree, each subtree hashed once: where a tree came from another one by a
 * commit, only what lies above the changed nodes is hashed anew. Trees and their nodes are never changed in place.
 */
import type { Hash, RatchetTree } from "ts-mls";
import { encodeLeafNodeHashInput, encodeParentNodeHashInput } from "ts-mls/treeHash.js";
import { directPath, isLeaf, leafWidth, left, nodeToLeafIndex, right, root, toNodeIndex } from "ts-mls/treemath.js";

type NodeIndex = ReturnType<typeof toNodeIndex>;
type ParentNode = Extract<RatchetTree[number], { nodeType: "parent" }>["parent"];

/** By node index. */
export type TreeHashes = readonly Uint8Array[];

/** They live as long as their tree does. */
const known = new WeakMap<RatchetTree, TreeHashes>();

/** @param before the tree that this one came from */
export async function treeHashes(tree: RatchetTree, hash: Hash, before?: RatchetTree): Promise<TreeHashes> {
	const done = known.get(tree);
	if (done !== undefined) return done;
	const former = before && known.get(before);
	const hashes: Uint8Array[] = former === undefined ? [] : [...former];
	const changed = before === undefined || former === undefined ? undefined : changedNodes(tree, before);
	const make = async (index: NodeIndex): Promise<Uint8Array> => {
		const same = changed?.has(index) === false ? hashes[index] : undefined;
		if (same !== undefined) return same;
		const made = isLeaf(index)
			? await hashOfLeaf(tree, index, hash)
			: await hashOfParent(parentAt(tree, index), await make(left(index)), await make(right(index)), hash);
		hashes[index] = made;
		return made;
	};
	await make(root(leafWidth(tree.length)));
	known.set(tree, hashes);
	return hashes;
}

/** What is another node than it was, or lies above one. */
function changedNodes(tree: RatchetTree, before: RatchetTree): ReadonlySet<number> {
	const width = leafWidth(tree.length);
	const changed = new Set<number>();
	for (const [at, node] of tree.entries()) {
		if (at < before.length && node === before[at]) continue;
		const index = toNodeIndex(at);
		for (const one of [index, ...directPath(index, width)]) changed.add(one);
	}
	return changed;
}

/** The hash of the whole tree, as the group's context has it. */
export async function treeHashOf(tree: RatchetTree, hash: Hash, before?: RatchetTree): Promise<Uint8Array> {
	const whole = (await treeHashes(tree, hash, before))[root(leafWidth(tree.length))];
	if (whole === undefined) throw new TypeError("a tree without a root");
	return whole;
}

/** @param blank as if nobody were there */
export function hashOfLeaf(tree: RatchetTree, index: NodeIndex, hash: Hash, blank = false): Promise<Uint8Array> {
	const node = blank ? undefined : tree[index];
	const leafNode = node?.nodeType === "leaf" ? node.leaf : undefined;
	return hash.digest(encodeLeafNodeHashInput({ nodeType: "leaf", leafIndex: nodeToLeafIndex(index), leafNode }));
}

export function hashOfParent(
	parentNode: ParentNode | undefined,
	leftHash: Uint8Array,
	rightHash: Uint8Array,
	hash: Hash,
): Promise<Uint8Array> {
	return hash.digest(encodeParentNodeHashInput({ nodeType: "parent", parentNode, leftHash, rightHash }));
}

export function parentAt(tree: RatchetTree, index: number): ParentNode | undefined {
	const node = tree[index];
	return node?.nodeType === "parent" ? node.parent : undefined;
}
