/**
 * Whether the parent hashes of a tree hold (RFC 9420 section 7.9.2): every parent was put there by exactly one of the
 * nodes below it. ts-mls checks the same, but hashes a half of the tree anew for each leaf: eleven seconds for a
 * thousand. Here each subtree is hashed once, and again only where a parent does not count leaves that came later.
 */
import type { Hash, RatchetTree } from "ts-mls";
import { encodeParentHashInput } from "ts-mls/parentHash.js";
import { directPath, isLeaf, leafWidth, left, nodeToLeafIndex, right, toNodeIndex } from "ts-mls/treemath.js";
import { constantTimeEqual } from "ts-mls/util/constantTimeCompare.js";
import { hashOfLeaf, hashOfParent, parentAt, type TreeHashes, treeHashes } from "./tree-hashes.ts";

type NodeIndex = ReturnType<typeof toNodeIndex>;

/** The tree's nodes have to be in their places and its unmerged leaves below the nodes that list them. */
export async function parentHashesHold(tree: RatchetTree, hash: Hash): Promise<boolean> {
	const width = leafWidth(tree.length);
	const hashes = new HashesWithout(tree, hash, await treeHashes(tree, hash));
	const children = new Map<number, number>();
	for (const [at, node] of tree.entries()) {
		const told = node && parentHashOf(node);
		if (told === undefined) continue;
		const index = toNodeIndex(at);
		const ancestor = directPath(index, width).find((above) => tree[above] !== undefined);
		const parent = ancestor === undefined ? undefined : parentAt(tree, ancestor);
		if (ancestor === undefined || parent === undefined) continue;
		const sibling = index < ancestor ? right(ancestor) : left(ancestor);
		const originalSiblingTreeHash = await hashes.of(sibling, new Set(parent.unmergedLeaves));
		const { hpkePublicKey: encryptionKey, parentHash } = parent;
		const expected = await hash.digest(encodeParentHashInput({ encryptionKey, parentHash, originalSiblingTreeHash }));
		if (constantTimeEqual(expected, told)) children.set(ancestor, (children.get(ancestor) ?? 0) + 1);
	}
	return tree.every((node, at) => node?.nodeType !== "parent" || children.get(at) === 1);
}

/** What a node says about the one above it; undefined where it was never on a path. */
function parentHashOf(node: NonNullable<RatchetTree[number]>): Uint8Array | undefined {
	if (node.nodeType === "parent") return node.parent.parentHash;
	return node.leaf.leafNodeSource === "commit" ? node.leaf.parentHash : undefined;
}

/** The hash of a subtree as if these leaves had not been there; `whole` are those of the tree as it is. */
class HashesWithout {
	readonly #tree: RatchetTree;
	readonly #hash: Hash;
	readonly #whole: TreeHashes;

	constructor(tree: RatchetTree, hash: Hash, whole: TreeHashes) {
		this.#tree = tree;
		this.#hash = hash;
		this.#whole = whole;
	}

	async of(index: NodeIndex, without: ReadonlySet<number>): Promise<Uint8Array> {
		const known = without.size > 0 && hasBelow(index, without) ? undefined : this.#whole[index];
		if (known !== undefined) return known;
		if (isLeaf(index)) return hashOfLeaf(this.#tree, index, this.#hash, without.has(nodeToLeafIndex(index)));
		const [leftHash, rightHash] = [await this.of(left(index), without), await this.of(right(index), without)];
		const node = parentAt(this.#tree, index);
		const unmergedLeaves = node?.unmergedLeaves.filter((leaf) => !without.has(leaf)) ?? [];
		return hashOfParent(node && { ...node, unmergedLeaves }, leftHash, rightHash, this.#hash);
	}
}

/** Is one of the leaves in the subtree? Its leaves are as many on both sides of the index as its level has bits. */
function hasBelow(index: number, leaves: ReadonlySet<number>): boolean {
	// The lowest zero bit stands for the level (section C.1): all below it are ones.
	const half = (~index & (index + 1)) - 1;
	for (const leaf of leaves) if (2 * leaf >= index - half && 2 * leaf <= index + half) return true;
	return false;
}
