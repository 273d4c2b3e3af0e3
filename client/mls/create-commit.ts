/**
 * Creating a commit (RFC 9420 section 12.4.1) from ts-mls's parts instead of its `createCommit`, which leaves the
 * UpdatePath out where only members are added (we always send one, so that every commit heals), checks lifetimes
 * against the machine's clock, and takes a commit secret of zeros when the committer stays alone, so that whoever was
 * removed could follow into that epoch.
 */
import type { CiphersuiteImpl, ClientState, GroupInfo, KeyPackage, Proposal, PublicMessage, Welcome } from "ts-mls";
import { createGroupInfoWithExternalPub, emptyPskIndex } from "ts-mls";
import { type ApplyProposalsResult, applyProposals, nextEpochContext } from "ts-mls/clientState.js";
import { createGroupInfo } from "ts-mls/createCommit.js";
import { createConfirmationTag, createContentCommitSignature } from "ts-mls/framedContent.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { getCommitSecret, pathToPathSecrets } from "ts-mls/pathSecrets.js";
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from "ts-mls/privateKeyPath.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { type LeafIndex, leafToNodeIndex, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { createUpdatePath, firstCommonAncestor, type PathSecret } from "ts-mls/updatePath.js";
import { encryptGroupInfo, encryptGroupSecrets } from "ts-mls/welcome.js";
import { MlsRefusal } from "./engine.ts";
import { pastEpochs, secretTreeOf } from "./group-state.ts";
import { currentKeys } from "./private-path.ts";

export interface CreatedCommit {
	readonly state: ClientState;
	readonly commit: PublicMessage;
	readonly welcome: Welcome | undefined;
	readonly groupInfo: GroupInfo;
}

interface Change {
	readonly add: readonly KeyPackage[];
	readonly remove: readonly number[];
	readonly authenticatedData: Uint8Array;
}

/** `state.clientConfig.authService` has to accept the added leaves. */
export async function createCommit(state: ClientState, change: Change, suite: CiphersuiteImpl): Promise<CreatedCommit> {
	const own = toLeafIndex(state.privatePath.leafIndex);
	const proposals = [
		...change.remove.map((removed): Proposal => ({ proposalType: "remove", remove: { removed } })),
		...change.add.map((keyPackage): Proposal => ({ proposalType: "add", add: { keyPackage } })),
	].map((proposal) => ({ proposalOrRefType: "proposal" as const, proposal }));
	const applied = await applyProposals(state, proposals, own, emptyPskIndex, false, suite);
	if (applied.additionalResult.kind !== "memberCommit") throw new MlsRefusal("InvalidCommit", "not a member's commit");
	const added = applied.additionalResult.addedLeafNodes;

	const [tree, path, pathSecrets, leafKey] = await createUpdatePath(
		applied.tree,
		own,
		state.groupContext,
		state.signaturePrivateKey,
		suite,
		// They get the path secret in the Welcome.
		added.map(([leaf]) => leafToNodeIndex(leaf)),
	);
	const privatePath = mergePrivateKeyPaths(
		updateLeafKey(state.privatePath, await suite.hpke.exportPrivateKey(leafKey)),
		await toPrivateKeyPath(pathToPathSecrets(pathSecrets), own, suite),
	);

	const { signature, framedContent } = await createContentCommitSignature(
		state.groupContext,
		"mls_public_message",
		{ proposals, path },
		{ senderType: "member", leafIndex: own },
		change.authenticatedData,
		state.signaturePrivateKey,
		suite.signature,
	);
	const groupContext = await nextEpochContext(
		state.groupContext,
		"mls_public_message",
		framedContent,
		signature,
		await treeHashRoot(tree, suite.hash),
		state.confirmationTag,
		suite.hash,
	);
	const commitSecret = await commitSecretOf(tree, pathSecrets, suite);
	const epoch = await initializeEpoch(
		state.keySchedule.initSecret,
		commitSecret,
		groupContext,
		applied.pskSecret,
		suite.kdf,
	);
	commitSecret.fill(0);
	const confirmationTag = await createConfirmationTag(
		epoch.keySchedule.confirmationKey,
		groupContext.confirmedTranscriptHash,
		suite.hash,
	);
	const commit = await protectPublicMessage(
		state.keySchedule.membershipKey,
		state.groupContext,
		{
			wireformat: "mls_public_message",
			content: framedContent,
			auth: { contentType: "commit", signature, confirmationTag },
		},
		suite,
	);
	const next: ClientState = {
		...state,
		groupContext,
		ratchetTree: tree,
		secretTree: await secretTreeOf(tree.length, epoch.encryptionSecret, suite),
		keySchedule: epoch.keySchedule,
		privatePath: currentKeys(privatePath, tree),
		historicalReceiverData: pastEpochs(state),
		confirmationTag,
	};
	const welcome = await welcomeFor(next, added, pathSecrets, epoch, applied, suite);
	epoch.joinerSecret.fill(0);
	epoch.welcomeSecret.fill(0);
	for (const { secret } of pathSecrets) secret.fill(0);
	return { state: next, commit, welcome, groupInfo: await createGroupInfoWithExternalPub(next, [], suite) };
}

/**
 * Section 7.4. Without any node on the path there is nobody to agree with, so the secret only has to be one that a
 * removed member does not know.
 */
export async function commitSecretOf(
	tree: ClientState["ratchetTree"],
	pathSecrets: readonly PathSecret[],
	suite: CiphersuiteImpl,
): Promise<Uint8Array> {
	const last = pathSecrets.at(-1);
	if (last === undefined) return suite.rng.randomBytes(suite.kdf.size);
	return getCommitSecret(tree, toNodeIndex(last.nodeIndex), last.secret, suite.kdf);
}

async function welcomeFor(
	next: ClientState,
	added: readonly [LeafIndex, KeyPackage][],
	pathSecrets: readonly PathSecret[],
	epoch: Awaited<ReturnType<typeof initializeEpoch>>,
	applied: ApplyProposalsResult,
	suite: CiphersuiteImpl,
): Promise<Welcome | undefined> {
	if (added.length === 0) return undefined;
	const groupInfo = await createGroupInfo(next.groupContext, next.confirmationTag, next, [], suite);
	const encryptedGroupInfo = await encryptGroupInfo(groupInfo, epoch.welcomeSecret, suite);
	const secrets: Welcome["secrets"] = [];
	for (const [leaf, keyPackage] of added) {
		const ancestor = firstCommonAncestor(next.ratchetTree, leaf, toLeafIndex(next.privatePath.leafIndex));
		const { ct, enc } = await encryptGroupSecrets(
			await suite.hpke.importPublicKey(keyPackage.initKey),
			encryptedGroupInfo,
			{
				joinerSecret: epoch.joinerSecret,
				pathSecret: pathSecrets.find(({ nodeIndex }) => nodeIndex === ancestor)?.secret,
				psks: applied.pskIds,
			},
			suite.hpke,
		);
		secrets.push({
			newMember: await makeKeyPackageRef(keyPackage, suite.hash),
			encryptedGroupSecrets: { kemOutput: enc, ciphertext: ct },
		});
	}
	return { cipherSuite: next.groupContext.cipherSuite, secrets, encryptedGroupInfo };
}
