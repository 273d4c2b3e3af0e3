/** From a commit's content to the next epoch and the message that leads others there (RFC 9420 sections 8 and 12.4). */
import type { CiphersuiteImpl, GroupContext, KeySchedule, Proposal, PublicMessage, RatchetTree, Sender } from "ts-mls";
import { nextEpochContext } from "ts-mls/clientState.js";
import { createConfirmationTag, createContentCommitSignature } from "ts-mls/framedContent.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { getCommitSecret } from "ts-mls/pathSecrets.js";
import { leafWidth, toNodeIndex } from "ts-mls/treemath.js";
import type { PathSecret, UpdatePath } from "ts-mls/updatePath.js";
import { type SecretTree, secretTreeOf } from "./secret-tree.ts";
import { treeHashOf } from "./tree-hashes.ts";

/** The epoch a commit starts from. */
export interface Before {
	readonly ratchetTree: RatchetTree;
	readonly groupContext: GroupContext;
	readonly confirmationTag: Uint8Array;
	/** The epoch's own, or for an external commit the one that was encapsulated. */
	readonly initSecret: Uint8Array;
	/** Empty for an external commit, which has no membership tag. */
	readonly membershipKey: Uint8Array;
}

export interface Content {
	readonly sender: Sender;
	readonly signaturePrivateKey: Uint8Array;
	readonly proposals: readonly Proposal[];
	/** Undefined where members are only added, to a large group. */
	readonly path: UpdatePath | undefined;
	readonly authenticatedData: Uint8Array;
}

export interface After {
	readonly groupContext: GroupContext;
	readonly keySchedule: KeySchedule;
	readonly secretTree: SecretTree;
	readonly confirmationTag: Uint8Array;
	/** For the Welcome; the caller zeroes both. */
	readonly joinerSecret: Uint8Array;
	readonly welcomeSecret: Uint8Array;
	readonly commit: PublicMessage;
}

/** `tree` and `pathSecrets` are those after the commit's UpdatePath, where it has one. */
export async function nextEpoch(
	before: Before,
	content: Content,
	tree: RatchetTree,
	pathSecrets: readonly PathSecret[],
	suite: CiphersuiteImpl,
): Promise<After> {
	const { signature, framedContent } = await createContentCommitSignature(
		before.groupContext,
		"mls_public_message",
		{
			proposals: content.proposals.map((proposal) => ({ proposalOrRefType: "proposal", proposal })),
			path: content.path,
		},
		content.sender,
		content.authenticatedData,
		content.signaturePrivateKey,
		suite.signature,
	);
	const groupContext = await nextEpochContext(
		before.groupContext,
		"mls_public_message",
		framedContent,
		signature,
		await treeHashOf(tree, suite.hash, before.ratchetTree),
		before.confirmationTag,
		suite.hash,
	);
	// Section 8: zeros without a path.
	const commitSecret =
		content.path === undefined ? new Uint8Array(suite.kdf.size) : await commitSecretOf(tree, pathSecrets, suite);
	// Pre-shared keys are not part of the protocol: their secret is zeros.
	const noPsk = new Uint8Array(suite.kdf.size);
	const epoch = await initializeEpoch(before.initSecret, commitSecret, groupContext, noPsk, suite.kdf);
	commitSecret.fill(0);
	const confirmationTag = await createConfirmationTag(
		epoch.keySchedule.confirmationKey,
		groupContext.confirmedTranscriptHash,
		suite.hash,
	);
	const commit = await protectPublicMessage(
		before.membershipKey,
		before.groupContext,
		{
			wireformat: "mls_public_message",
			content: framedContent,
			auth: { contentType: "commit", signature, confirmationTag },
		},
		suite,
	);
	return {
		groupContext,
		keySchedule: epoch.keySchedule,
		secretTree: secretTreeOf(leafWidth(tree.length), epoch.encryptionSecret),
		confirmationTag,
		joinerSecret: epoch.joinerSecret,
		welcomeSecret: epoch.welcomeSecret,
		commit,
	};
}

/**
 * Section 7.4, for a commit with a path. Without any node on the path there is nobody to agree with; ts-mls then takes zeros, and a member
 * whose removal left the committer alone could follow into the epoch.
 */
async function commitSecretOf(
	tree: RatchetTree,
	pathSecrets: readonly PathSecret[],
	suite: CiphersuiteImpl,
): Promise<Uint8Array> {
	const last = pathSecrets.at(-1);
	if (last === undefined) return suite.rng.randomBytes(suite.kdf.size);
	return getCommitSecret(tree, toNodeIndex(last.nodeIndex), last.secret, suite.kdf);
}
