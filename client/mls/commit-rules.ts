/** What a commit may be in this protocol: less than RFC 9420 allows, and all of it checked here. */

import type { Commit, KeyPackage, LeafNode, RatchetTree, Sender } from "ts-mls";
import { constantTimeEqual } from "ts-mls/util/constantTimeCompare.js";
import { type GroupMember, MlsRefusal } from "./engine.ts";
import { leafNodeAt, memberAt, membersOf, ownerOf, sameOwner } from "./leaves.ts";
import { require } from "./refusals.ts";
import { sameClient } from "./suite.ts";

/** A commit that keeps the rules, in the terms the rest of the client speaks. */
export interface CheckedCommit {
	readonly external: boolean;
	/** The leaf of a member's commit; undefined for an external one, whose leaf is known when it is applied. */
	readonly committer: GroupMember | undefined;
	/** Of the UpdatePath; undefined where members are only added, to a large group. */
	readonly pathLeaf: LeafNode | undefined;
	readonly added: readonly KeyPackage[];
	readonly removed: readonly GroupMember[];
}

const forbidden = (message: string) => new MlsRefusal("InvalidCommit", message);

/**
 * Only Add and Remove by value, and ExternalInit; with an UpdatePath unless members are only added. Without one a
 * removed member could follow into the next epoch, and an update would heal nothing.
 */
export function checkCommit(commit: Commit, sender: Sender, tree: RatchetTree): CheckedCommit {
	const { path } = commit;
	const added: KeyPackage[] = [];
	const removed: GroupMember[] = [];
	let externalInits = 0;
	for (const item of commit.proposals) {
		if (item.proposalOrRefType === "reference") throw forbidden("a proposal by reference");
		const { proposal } = item;
		switch (proposal.proposalType) {
			case "add":
				added.push(proposal.add.keyPackage);
				break;
			case "remove": {
				const member = memberAt(tree, proposal.remove.removed);
				if (member === undefined) throw forbidden("a removal of no member");
				removed.push(member);
				break;
			}
			case "external_init":
				externalInits += 1;
				break;
			default:
				throw forbidden(`a proposal of type ${proposal.proposalType}`);
		}
	}
	require(path !== undefined ||
		(added.length > 0 &&
			added.length ===
				commit.proposals.length), "InvalidCommit", "a commit without an UpdatePath that does more than add");
	switch (sender.senderType) {
		case "member": {
			require(externalInits === 0, "InvalidCommit", "an ExternalInit by a member");
			return { ...memberCommit(sender.leafIndex, path?.leafNode, tree), added, removed };
		}
		case "new_member_commit": {
			require(externalInits === 1, "InvalidCommit", "an external commit with other than one ExternalInit");
			require(added.length === 0, "InvalidCommit", "an external commit that adds others");
			if (path === undefined) throw forbidden("an external commit without an UpdatePath");
			checkReplaced(path.leafNode, removed, tree);
			return { external: true, committer: undefined, pathLeaf: path.leafNode, added, removed };
		}
		default:
			throw forbidden(`a commit by a sender of type ${sender.senderType}`);
	}
}

function memberCommit(leaf: number, pathLeaf: LeafNode | undefined, tree: RatchetTree) {
	const committer = memberAt(tree, leaf);
	if (committer === undefined) throw forbidden("a commit by no member");
	// A device keeps its name and its key as long as it is in a group.
	require(pathLeaf === undefined ||
		sameOwner(committer, ownerOf(pathLeaf)), "InvalidCommit", "a commit that changes whose leaf it is");
	return { external: false, committer, pathLeaf };
}

/** An external commit may remove the leaf that the same device had before, and has to where there is one. */
function checkReplaced(leaf: LeafNode, removed: readonly GroupMember[], tree: RatchetTree): void {
	const former = membersOf(tree).filter((member) => {
		const node = leafNodeAt(tree, member.leaf);
		return node !== undefined && sameClient(leaf, node);
	});
	const leaves = (members: readonly GroupMember[]) => members.map((member) => member.leaf).join();
	require(leaves(former) ===
		leaves(removed), "InvalidCommit", "an external commit that removes others than its device's former leaf");
}

/** RFC 9420 section 12.2: every device, signature key and encryption key once. ts-mls compares only the old ones. */
export function requireUnique(tree: RatchetTree): void {
	const devices = new Set<string>();
	const [signatureKey, encryptionKey] = [once("signature key"), once("encryption key")];
	for (const node of tree) {
		if (node === undefined) continue;
		if (node.nodeType === "parent") {
			encryptionKey(node.parent.hpkePublicKey);
			continue;
		}
		const { device } = ownerOf(node.leaf);
		require(!devices.has(device), "InvalidCommit", "the same device twice in a group");
		devices.add(device);
		signatureKey(node.leaf.signaturePublicKey);
		encryptionKey(node.leaf.hpkePublicKey);
	}
}

/** Keys differ in their first bytes unless somebody makes them alike; then they are compared whole. */
const FIRST_BYTES = 6;

/** Refuses a key that it was given before. A text of a thousand bytes for each, to look it up, would take most of the time. */
function once(kind: string): (key: Uint8Array) => void {
	const seen = new Map<number, Uint8Array[]>();
	return (key) => {
		const first = key.subarray(0, FIRST_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
		const alike = seen.get(first);
		if (alike === undefined) return void seen.set(first, [key]);
		const again = alike.some((other) => constantTimeEqual(other, key));
		require(!again, "InvalidCommit", `the same ${kind} twice in a group`);
		alike.push(key);
	};
}
