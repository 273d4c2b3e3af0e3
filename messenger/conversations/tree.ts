/** The ratchet tree as the delivery service reads it: whose leaves are in it, and what a change makes of it. */
import { fromBinary } from "@bufbuild/protobuf";
import { type AccountId, type DeviceId, LeafCredentialSchema, LIMITS, readId, toHex } from "@troth/protocol";
import type { LeafNode } from "ts-mls/leafNode.js";
import {
	addLeafNode,
	decodeRatchetTree,
	encodeRatchetTree,
	type RatchetTree,
	removeLeafNode,
} from "ts-mls/ratchetTree.js";
import { nodeToLeafIndex, toLeafIndex } from "ts-mls/treemath.js";
import { invalid, require } from "./invalid.ts";
import { equalBytes } from "./mls-crypto.ts";

export type { LeafNode, RatchetTree };

/** Whose leaf it is, by its credential. */
export interface LeafOwner {
	readonly leaf: number;
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly signatureKey: Uint8Array;
}

/** X-Wing keys, credentials and signatures come to about 2 KB per node. */
const MAX_TREE_BYTES = LIMITS.groupLeaves * 16 * 1024;

/** A ratchet_tree extension's bytes. Refuses with COMMIT_INVALID. */
export function readTree(bytes: Uint8Array): RatchetTree {
	require(bytes.length <= MAX_TREE_BYTES, "the ratchet tree is too large");
	try {
		const decoded = decodeRatchetTree(bytes, 0);
		if (decoded !== undefined && decoded[1] === bytes.length) return decoded[0];
	} catch (error) {
		throw invalid("the ratchet tree does not decode", error);
	}
	throw invalid("the ratchet tree does not decode");
}

/** Is this the one encoding of the tree? */
export function isEncodingOf(bytes: Uint8Array, tree: RatchetTree): boolean {
	return equalBytes(bytes, encodeRatchetTree(tree));
}

export function leafNodeAt(tree: RatchetTree, leaf: number): LeafNode | undefined {
	const node = tree[2 * leaf];
	return node?.nodeType === "leaf" ? node.leaf : undefined;
}

/** Whose leaf this is. Refuses with COMMIT_INVALID where the credential is not one of ours. */
export function ownerOf({ credential, signaturePublicKey }: LeafNode, leaf: number): LeafOwner {
	require(credential.credentialType === "basic" && "identity" in credential, "a credential is not basic");
	let account: AccountId | undefined;
	let device: DeviceId | undefined;
	try {
		const named = fromBinary(LeafCredentialSchema, credential.identity);
		account = readId(named.accountId);
		device = readId(named.deviceId);
	} catch (error) {
		throw invalid("a credential is not a LeafCredential", error);
	}
	require(account !== undefined && device !== undefined, "a credential names no account or no device");
	return { leaf, account, device, signatureKey: signaturePublicKey };
}

/** All leaves that are not blank, in order. */
export function leavesOf(tree: RatchetTree): readonly LeafOwner[] {
	const owners: LeafOwner[] = [];
	for (let leaf = 0; 2 * leaf < tree.length; leaf++) {
		const node = leafNodeAt(tree, leaf);
		if (node !== undefined) owners.push(ownerOf(node, leaf));
	}
	return owners;
}

/** The tree without this leaf; empty when it was the last one, which ts-mls does not allow for. */
export function withoutLeaf(tree: RatchetTree, leaf: number): RatchetTree {
	const others = tree.some((node, index) => node?.nodeType === "leaf" && index !== 2 * leaf);
	return others ? removeLeafNode(tree, toLeafIndex(leaf)) : [];
}

/** The tree with this leaf at the first blank place (RFC 9420 section 7.7), and that place. */
export function withLeaf(tree: RatchetTree, node: LeafNode): readonly [tree: RatchetTree, leaf: number] {
	if (tree.length === 0) return [[{ nodeType: "leaf", leaf: node }], 0];
	const [extended, index] = addLeafNode(tree, node);
	return [extended, nodeToLeafIndex(index)];
}

/** RFC 9420 section 12.2: every device, signature key and encryption key once, or no member could apply the commit. */
export function requireUnique(tree: RatchetTree): void {
	const seen = new Set<string>();
	const once = (kind: string, value: string) => {
		const key = `${kind} ${value}`;
		require(!seen.has(key), `the same ${kind} is twice in the tree`);
		seen.add(key);
	};
	for (const [index, node] of tree.entries()) {
		if (node?.nodeType === "leaf") {
			once("device", ownerOf(node.leaf, index / 2).device);
			once("signature key", toHex(node.leaf.signaturePublicKey));
			once("encryption key", toHex(node.leaf.hpkePublicKey));
		} else if (node !== undefined) once("encryption key", toHex(node.parent.hpkePublicKey));
	}
}
