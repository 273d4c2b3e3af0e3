/**
 * Checks of a ratchet tree that comes from outside (RFC 9420 section 12.4.3.1). ts-mls 1.6.4 has them too, but asks
 * that ancestors above a node list the same unmerged leaves as the node, which is not the RFC's rule: it refuses
 * trees of five leaves and more that its own commits make.
 */
import { ID_BYTES } from "@troth/protocol";
import type { CiphersuiteImpl, GroupContext, LeafNode, RatchetTree } from "ts-mls";
import { extensionsSupportedByCapabilities } from "ts-mls/extension.js";
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { constantTimeEqual } from "ts-mls/util/constantTimeCompare.js";
import { requireUnique } from "./commit-rules.ts";
import { leafNodeAt } from "./leaves.ts";
import { parentHashesHold } from "./parent-hashes.ts";
import { refusing, require } from "./refusals.ts";
import { SUITE_NAME } from "./suite.ts";

/** Refuses with InvalidCommit a tree that is not the one of `context` or breaks a rule. Asks nobody about the leaves. */
export async function validateTree(tree: RatchetTree, context: GroupContext, suite: CiphersuiteImpl): Promise<void> {
	require(context.cipherSuite === SUITE_NAME, "Malformed", "a group of another suite");
	require(context.groupId.length === ID_BYTES, "Malformed", "a group whose id is no conversation's");
	require(context.version === "mls10", "Malformed", "a group of another version");
	require(context.extensions.length === 0, "Malformed", "a group with extensions, which the protocol does not know");
	for (const [index, node] of tree.entries()) {
		if (node === undefined) continue;
		require((node.nodeType === "leaf") === (index % 2 === 0), "InvalidCommit", "a tree with a node in a wrong place");
		if (node.nodeType === "leaf") await requireLeaf(node.leaf, index / 2, context, suite);
		else requireUnmerged(tree, index, node.parent.unmergedLeaves);
	}
	requireUnique(tree);
	await refusing("InvalidCommit", "a tree whose hashes can not be computed", async () => {
		require(await parentHashesHold(tree, suite.hash), "InvalidCommit", "a tree with a wrong parent hash");
		const hash = await treeHashRoot(tree, suite.hash);
		require(constantTimeEqual(hash, context.treeHash), "InvalidCommit", "not the tree of this group");
	});
}

/** Section 7.3, without the credential and the lifetime: a member may have joined long ago. */
export async function requireLeaf(
	leaf: LeafNode,
	index: number,
	context: GroupContext,
	suite: CiphersuiteImpl,
): Promise<void> {
	const signed = await refusing("InvalidCommit", "a leaf that does not verify", async () => {
		switch (leaf.leafNodeSource) {
			case "key_package":
				return verifyLeafNodeSignatureKeyPackage(leaf, suite.signature);
			case "commit":
				return verifyLeafNodeSignature(leaf, context.groupId, index, suite.signature);
			case "update":
				// There are no Update proposals here.
				return false;
		}
	});
	require(signed, "InvalidCommit", "a leaf that does not verify");
	const { versions, ciphersuites, credentials } = leaf.capabilities;
	require(versions.includes("mls10") &&
		ciphersuites.includes(SUITE_NAME) &&
		credentials.includes("basic"), "InvalidCommit", "a leaf that can not do what the group needs");
	require(extensionsSupportedByCapabilities(
		leaf.extensions,
		leaf.capabilities,
	), "InvalidCommit", "a leaf with an extension that it does not list");
}

/** Section 7.9: an unmerged leaf lies below the node, and the nodes between the two list it as well. */
function requireUnmerged(tree: RatchetTree, node: number, unmerged: readonly number[]): void {
	for (const leaf of unmerged) {
		require(leafNodeAt(tree, leaf) !== undefined, "InvalidCommit", "an unmerged leaf that is blank");
		const path = directPath(leafToNodeIndex(toLeafIndex(leaf)), leafWidth(tree.length));
		const height = path.indexOf(toNodeIndex(node));
		require(height >= 0, "InvalidCommit", "an unmerged leaf of another subtree");
		for (const between of path.slice(0, height)) {
			const parent = tree[between];
			require(parent === undefined ||
				(parent.nodeType === "parent" &&
					parent.parent.unmergedLeaves.includes(
						leaf,
					)), "InvalidCommit", "an unmerged leaf that a node below does not list");
		}
	}
}
