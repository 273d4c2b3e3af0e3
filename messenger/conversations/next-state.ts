/**
 * What a commit makes of a group, computed from the group before it, and compared with what the committer claims. After
 * this, a GroupInfo and a tree that are stored are those that every member who applies the commit arrives at
 * (promises 4 and 5), as far as can be seen without any secret.
 */

import { verifyFramedContentSignature } from "ts-mls/framedContent.js";
import { encodeGroupContext, type GroupContext } from "ts-mls/groupContext.js";
import { type GroupInfo, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { verifyLeafNodeSignature } from "ts-mls/leafNode.js";
import { filteredDirectPathAndCopathResolution } from "ts-mls/ratchetTree.js";
import { createConfirmedHash, createInterimHash } from "ts-mls/transcriptHash.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { leafToNodeIndex, toLeafIndex } from "ts-mls/treemath.js";
import { applyUpdatePath, type UpdatePath } from "ts-mls/updatePath.js";
import type { ParsedBundle } from "./bundle.ts";
import { invalid, require } from "./invalid.ts";
import { equalBytes, HASH, SIGNATURE, SUITE_NAME } from "./mls-crypto.ts";
import {
	isEncodingOf,
	type LeafOwner,
	leafNodeAt,
	leavesOf,
	ownerOf,
	type RatchetTree,
	requireUnique,
	withLeaf,
	withoutLeaf,
} from "./tree.ts";

/** The group a commit starts from. */
export interface GroupBefore {
	readonly tree: RatchetTree;
	readonly groupInfo: GroupInfo;
}

export interface GroupAfter {
	/** All leaves after the commit. */
	readonly leaves: readonly LeafOwner[];
	readonly committer: LeafOwner;
	readonly added: readonly LeafOwner[];
	readonly removed: readonly LeafOwner[];
}

/** A public key of X-Wing: ML-KEM-768 and X25519. */
const EXTERNAL_PUB_BYTES = 1184 + 32;

/**
 * Applies the commit. `before` is undefined for the first commit of a group, whose epoch 0 only its creator knows; then
 * what hangs on that epoch (the commit's own signature, its transcript) can not be compared.
 * Refuses with COMMIT_INVALID.
 */
export async function applyCommit(parsed: ParsedBundle, before: GroupBefore | undefined): Promise<GroupAfter> {
	try {
		return await apply(parsed, before);
	} catch (error) {
		// Parts of ts-mls throw on trees and paths that do not fit.
		if (error instanceof Error && error.name !== "Refusal") throw invalid("the commit can not be applied", error);
		throw error;
	}
}

async function apply(parsed: ParsedBundle, before: GroupBefore | undefined): Promise<GroupAfter> {
	const { path, senderLeaf } = parsed;
	const start = before?.tree ?? firstTree(path);
	const removed = parsed.removes.map((leaf) => leafAt(start, leaf));
	let tree = parsed.removes.reduce(withoutLeaf, start);
	const added: LeafOwner[] = [];
	for (const { leafNode } of parsed.adds) {
		const [next, leaf] = withLeaf(tree, leafNode);
		tree = next;
		added.push(ownerOf(leafNode, leaf));
	}
	let leaf = senderLeaf;
	if (leaf === undefined && path !== undefined) [tree, leaf] = withLeaf(tree, path.leafNode);
	const leafNode = path?.leafNode ?? (leaf === undefined ? undefined : leafNodeAt(tree, leaf));
	if (leaf === undefined || leafNode === undefined || leafNodeAt(tree, leaf) === undefined)
		throw invalid("the committer is no member, or removes itself");
	const committer = ownerOf(leafNode, leaf);
	if (before !== undefined && senderLeaf !== undefined) requireSameOwner(leafAt(before.tree, leaf), committer);
	const joins = before === undefined || senderLeaf === undefined;
	const after = path === undefined ? tree : await alongPath(parsed, path, tree, leaf, joins, added);
	requireUnique(after);
	require(isEncodingOf(parsed.bundle.ratchetTree, after), "the ratchet tree is not what the commit makes of it");
	await requireGroupInfo(parsed, before, after, committer);
	await requireWelcome(parsed);
	return { leaves: leavesOf(after), committer, added, removed };
}

/** The creator's first leaf is replaced by the path; what else was in it plays no part. */
function firstTree(path: UpdatePath | undefined): RatchetTree {
	if (path === undefined) throw invalid("the first commit of a group has no UpdatePath");
	return withLeaf([], path.leafNode)[0];
}

/** The tree after the path, which has to fit. */
async function alongPath(
	{ content }: ParsedBundle,
	path: UpdatePath,
	tree: RatchetTree,
	leaf: number,
	joins: boolean,
	added: readonly LeafOwner[],
): Promise<RatchetTree> {
	requirePathFits(tree, leaf, path, added);
	const after = await applyUpdatePath(tree, toLeafIndex(leaf), path, HASH, joins);
	const signed = await verifyLeafNodeSignature(path.leafNode, content.groupId, leaf, SIGNATURE);
	require(signed, "the new leaf's signature does not verify");
	return after;
}

function leafAt(tree: RatchetTree, leaf: number): LeafOwner {
	const node = leafNodeAt(tree, leaf);
	if (node === undefined) throw invalid("there is no member at a leaf");
	return ownerOf(node, leaf);
}

/** A device keeps its name and its key as long as it is in a group. */
function requireSameOwner(before: LeafOwner, after: LeafOwner): void {
	const same = before.device === after.device && before.account === after.account;
	require(same && equalBytes(before.signatureKey, after.signatureKey), "the path changes whose leaf it is");
}

/** Each node of the path is encrypted to exactly those who need it (RFC 9420 section 7.6), or some could not follow. */
function requirePathFits(tree: RatchetTree, leaf: number, path: UpdatePath, added: readonly LeafOwner[]): void {
	const invited = new Set<number>(added.map((owner) => leafToNodeIndex(toLeafIndex(owner.leaf))));
	const nodes = filteredDirectPathAndCopathResolution(toLeafIndex(leaf), tree);
	require(nodes.length === path.nodes.length, "the path has the wrong length");
	for (const [level, { resolution }] of nodes.entries()) {
		const readers = resolution.filter((node) => !invited.has(node)).length;
		require(path.nodes[level]?.encryptedPathSecret.length === readers, "the path is encrypted to the wrong members");
	}
}

async function requireGroupInfo(
	{ content, signature, confirmationTag, groupInfo }: ParsedBundle,
	before: GroupBefore | undefined,
	tree: RatchetTree,
	committer: LeafOwner,
): Promise<void> {
	const { groupContext } = groupInfo;
	require(groupContext.cipherSuite === SUITE_NAME, "the GroupInfo is for another cipher suite");
	require(groupContext.extensions.length === 0, "the group has extensions, which the protocol does not know");
	const treeHash = await treeHashRoot(tree, HASH);
	require(equalBytes(groupContext.treeHash, treeHash), "the GroupInfo's tree_hash is not that of the ratchet tree");
	const expected: GroupContext = {
		version: "mls10",
		cipherSuite: SUITE_NAME,
		groupId: content.groupId,
		epoch: content.epoch + 1n,
		treeHash,
		confirmedTranscriptHash: groupContext.confirmedTranscriptHash,
		extensions: [],
	};
	if (before !== undefined) {
		const old = before.groupInfo;
		const signed = await verifyFramedContentSignature(
			committer.signatureKey,
			"mls_public_message",
			content,
			{ contentType: "commit", signature, confirmationTag },
			old.groupContext,
			SIGNATURE,
		);
		require(signed, "the commit's signature does not verify");
		const interim = await createInterimHash(old.groupContext.confirmedTranscriptHash, old.confirmationTag, HASH);
		const input = { wireformat: "mls_public_message", content, signature } as const;
		expected.confirmedTranscriptHash = await createConfirmedHash(interim, input, HASH);
	}
	require(equalBytes(
		encodeGroupContext(groupContext),
		encodeGroupContext(expected),
	), "the GroupInfo is not of the epoch that the commit leads to");
	require(equalBytes(groupInfo.confirmationTag, confirmationTag), "the GroupInfo has another confirmation tag");
	const [external, ...others] = groupInfo.extensions;
	require(external?.extensionType === "external_pub" &&
		external.extensionData.length === EXTERNAL_PUB_BYTES &&
		others.length === 0, "the GroupInfo has to have external_pub and nothing else");
	require(groupInfo.signer === committer.leaf, "the GroupInfo is signed by another member");
	require(await verifyGroupInfoSignature(
		groupInfo,
		committer.signatureKey,
		SIGNATURE,
	), "the GroupInfo's signature does not verify");
}

async function requireWelcome({ welcome, adds }: ParsedBundle): Promise<void> {
	if (welcome === undefined) return;
	const refs = await Promise.all(adds.map(async (added) => hex(await makeKeyPackageRef(added, HASH))));
	const welcomed = welcome.secrets.map(({ newMember }) => hex(newMember));
	require(refs.sort().join() === welcomed.sort().join(), "the Welcome is for others than were added");
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}
