/**
 * From others' commits to the next epoch (RFC 9420 section 12.4.2), from ts-mls's parts instead of its
 * `processPublicMessage`: that derives every secret of the new epoch and hashes the whole tree twice, which in a large
 * group is nearly all of the work.
 */
import type { CiphersuiteImpl, PrivateKeyPath, PublicMessage, RatchetTree } from "ts-mls";
import {
	type ApplyProposalsResult,
	applyProposals,
	nextEpochContext,
	throwIfDefined,
	validateLeafNodeCredentialAndKeyUniqueness,
	validateLeafNodeUpdateOrCommit,
} from "ts-mls/clientState.js";
import { applyUpdatePathSecret } from "ts-mls/createCommit.js";
import { deriveSecret } from "ts-mls/crypto/kdf.js";
import { verifyConfirmationTag } from "ts-mls/framedContent.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { pathToRoot } from "ts-mls/pathSecrets.js";
import { mergePrivateKeyPaths, toPrivateKeyPath } from "ts-mls/privateKeyPath.js";
import { emptyPskIndex, type PskIndex } from "ts-mls/pskIndex.js";
import { addLeafNode } from "ts-mls/ratchetTree.js";
import { type LeafIndex, leafToNodeIndex, leafWidth, root, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { applyUpdatePath, type UpdatePath } from "ts-mls/updatePath.js";
import { MlsRefusal } from "./engine.ts";
import { type GroupState, pastEpochsOf, withoutMessageSecrets } from "./group-state.ts";
import { currentKeys } from "./private-path.ts";
import { require } from "./refusals.ts";
import { secretTreeOf } from "./secret-tree.ts";
import { treeHashOf } from "./tree-hashes.ts";

/**
 * The state after a commit whose signature and membership tag were verified, and that does not remove this device. That it
 * keeps our own rules is checked around it (`process-commit.ts`). `state.clientConfig.authService` has to accept the
 * leaves that it brings. Refuses with InvalidCommit, or throws what ts-mls throws, where it can not be applied.
 */
export async function applyCommit(
	state: GroupState,
	{ content, auth }: PublicMessage,
	suite: CiphersuiteImpl,
	psks: PskIndex = emptyPskIndex,
): Promise<GroupState> {
	if (content.contentType !== "commit" || auth.contentType !== "commit")
		throw new MlsRefusal("InvalidCommit", "a PublicMessage that is no commit");
	const { sender, commit } = content;
	const { authService } = state.clientConfig;
	const member = sender.senderType === "member" ? toLeafIndex(sender.leafIndex) : undefined;
	const applied = await applyProposals(withoutMessageSecrets(state), commit.proposals, member, psks, false, suite);
	require(commit.path !== undefined || !applied.needsUpdatePath, "InvalidCommit", "an UpdatePath is required");
	const committer = member ?? newMemberOf(applied);
	if (commit.path !== undefined) {
		const { leafNode } = commit.path;
		throwIfDefined(
			await validateLeafNodeUpdateOrCommit(leafNode, committer, state.groupContext, authService, suite.signature),
		);
		throwIfDefined(await validateLeafNodeCredentialAndKeyUniqueness(applied.tree, leafNode, committer));
	}
	const { tree, privatePath, commitSecret } =
		commit.path === undefined
			? // Section 8: zeros without a path.
				{ tree: applied.tree, privatePath: state.privatePath, commitSecret: new Uint8Array(suite.kdf.size) }
			: await followPath(state, applied, commit.path, { committer, isNew: member === undefined }, suite);
	const groupContext = await nextEpochContext(
		state.groupContext,
		"mls_public_message",
		content,
		auth.signature,
		await treeHashOf(tree, suite.hash, state.ratchetTree),
		state.confirmationTag,
		suite.hash,
	);
	const { additionalResult: result } = applied;
	const initSecret = result.kind === "externalCommit" ? result.externalInitSecret : state.keySchedule.initSecret;
	const epoch = await initializeEpoch(initSecret, commitSecret, groupContext, applied.pskSecret, suite.kdf);
	for (const secret of [commitSecret, epoch.joinerSecret, epoch.welcomeSecret]) secret.fill(0);
	const { confirmedTranscriptHash } = groupContext;
	const { confirmationKey } = epoch.keySchedule;
	const confirmed = await verifyConfirmationTag(
		confirmationKey,
		auth.confirmationTag,
		confirmedTranscriptHash,
		suite.hash,
	);
	require(confirmed, "InvalidCommit", "a commit whose confirmation tag does not verify");
	return {
		...state,
		groupContext,
		ratchetTree: tree,
		keySchedule: epoch.keySchedule,
		secretTree: secretTreeOf(leafWidth(tree.length), epoch.encryptionSecret),
		privatePath: currentKeys(privatePath, tree),
		unappliedProposals: {},
		confirmationTag: auth.confirmationTag,
		pastEpochs: pastEpochsOf(state),
	};
}

function newMemberOf({ additionalResult: result }: ApplyProposalsResult): LeafIndex {
	if (result.kind === "externalCommit") return result.newMemberLeafIndex;
	throw new MlsRefusal("InvalidCommit", "a commit of nobody");
}

interface Followed {
	readonly tree: RatchetTree;
	readonly privatePath: PrivateKeyPath;
	readonly commitSecret: Uint8Array;
}

/** Sections 7.5 and 7.6: the committer's new keys, and the secret that this member can read. */
async function followPath(
	state: GroupState,
	applied: ApplyProposalsResult,
	path: UpdatePath,
	{ committer, isNew }: { readonly committer: LeafIndex; readonly isNew: boolean },
	suite: CiphersuiteImpl,
): Promise<Followed> {
	const before = isNew ? addLeafNode(applied.tree, path.leafNode)[0] : applied.tree;
	const tree = await applyUpdatePath(before, committer, path, suite.hash, isNew);
	const treeHash = await treeHashOf(tree, suite.hash, state.ratchetTree);
	const { groupContext, privatePath } = state;
	const provisional = { ...groupContext, treeHash, epoch: groupContext.epoch + 1n };
	const found = await applyUpdatePathSecret(
		tree,
		privatePath,
		committer,
		provisional,
		path,
		newLeavesOf(applied, committer),
		suite,
	);
	const secrets = await pathToRoot(tree, toNodeIndex(found.nodeIndex), found.pathSecret, suite.kdf);
	const secretOfRoot = secrets[root(leafWidth(tree.length))];
	require(secretOfRoot !== undefined, "InvalidCommit", "an UpdatePath that does not reach the root");
	const keys = await toPrivateKeyPath(secrets, privatePath.leafIndex, suite);
	const commitSecret = await deriveSecret(secretOfRoot, "path", suite.kdf);
	for (const secret of Object.values(secrets)) secret.fill(0);
	return { tree, privatePath: mergePrivateKeyPaths(privatePath, keys), commitSecret };
}

/** To whom the path is not encrypted: they have its secrets from their Welcome, or made them. */
function newLeavesOf({ additionalResult: result }: ApplyProposalsResult, committer: LeafIndex) {
	const leaves =
		result.kind === "memberCommit" ? result.addedLeafNodes.map(([leaf]) => toLeafIndex(leaf)) : [committer];
	return leaves.map(leafToNodeIndex);
}
