/** Adding and removing leaves (RFC 9420 section 7.7), also where nobody is left in between. */
import type { LeafNode, RatchetTree } from "ts-mls";
import { addLeafNode, removeLeafNode } from "ts-mls/ratchetTree.js";
import { nodeToLeafIndex, toLeafIndex } from "ts-mls/treemath.js";

/** The tree without this leaf; empty when it was the last one, which ts-mls does not allow for. */
export function withoutLeaf(tree: RatchetTree, leaf: number): RatchetTree {
	const others = tree.some((node, index) => node?.nodeType === "leaf" && index !== 2 * leaf);
	return others ? removeLeafNode(tree, toLeafIndex(leaf)) : [];
}

/** The tree with this leaf at the first blank place, and that place. */
export function withLeaf(tree: RatchetTree, node: LeafNode): readonly [tree: RatchetTree, leaf: number] {
	if (tree.length === 0) return [[{ nodeType: "leaf", leaf: node }], 0];
	const [extended, index] = addLeafNode(tree, node);
	return [extended, nodeToLeafIndex(index)];
}
