/**
 * Creating a commit (RFC 9420 section 12.4.1) from ts-mls's parts instead of its `createCommit`, which leaves the
 * UpdatePath out where only members are added (we always send one, so that every commit heals) and checks lifetimes
 * against the machine's clock.
 */
import type { CiphersuiteImpl, ClientState, GroupInfo, KeyPackage, Proposal, PublicMessage, Welcome } from "ts-mls";
import { applyProposals } from "ts-mls/clientState.js";
import { createGroupInfo, createGroupInfoWithExternalPub } from "ts-mls/createCommit.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { pathToPathSecrets } from "ts-mls/pathSecrets.js";
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from "ts-mls/privateKeyPath.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { type LeafIndex, leafToNodeIndex, toLeafIndex } from "ts-mls/treemath.js";
import { createUpdatePath, firstCommonAncestor, type PathSecret } from "ts-mls/updatePath.js";
import { encryptGroupInfo, encryptGroupSecrets } from "ts-mls/welcome.js";
import { requireUnique } from "./commit-rules.ts";
import { MlsRefusal } from "./engine.ts";
import { pastEpochs } from "./group-state.ts";
import { type After, nextEpoch } from "./next-epoch.ts";
import { currentKeys } from "./private-path.ts";

export interface CreatedCommit {
	readonly state: ClientState;
	readonly commit: PublicMessage;
	readonly welcome: Welcome | undefined;
	readonly groupInfo: GroupInfo;
}

export interface Change {
	readonly add: readonly KeyPackage[];
	readonly remove: readonly number[];
	readonly authenticatedData: Uint8Array;
}

/** `state.clientConfig.authService` has to accept the added leaves. */
export async function createCommit(state: ClientState, change: Change, suite: CiphersuiteImpl): Promise<CreatedCommit> {
	const own = toLeafIndex(state.privatePath.leafIndex);
	const proposals: readonly Proposal[] = [
		...change.remove.map((removed): Proposal => ({ proposalType: "remove", remove: { removed } })),
		...change.add.map((keyPackage): Proposal => ({ proposalType: "add", add: { keyPackage } })),
	];
	const byValue = proposals.map((proposal) => ({ proposalOrRefType: "proposal" as const, proposal }));
	const applied = await applyProposals(state, byValue, own, emptyPskIndex, false, suite);
	if (applied.additionalResult.kind !== "memberCommit") throw new MlsRefusal("InvalidCommit", "not a member's commit");
	const added = applied.additionalResult.addedLeafNodes;
	requireUnique(applied.tree);

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
	const after = await nextEpoch(
		{
			groupContext: state.groupContext,
			confirmationTag: state.confirmationTag,
			initSecret: state.keySchedule.initSecret,
			membershipKey: state.keySchedule.membershipKey,
		},
		{
			sender: { senderType: "member", leafIndex: own },
			signaturePrivateKey: state.signaturePrivateKey,
			proposals,
			path,
			authenticatedData: change.authenticatedData,
		},
		tree,
		pathSecrets,
		suite,
	);
	const next: ClientState = {
		...state,
		groupContext: after.groupContext,
		ratchetTree: tree,
		secretTree: after.secretTree,
		keySchedule: after.keySchedule,
		privatePath: currentKeys(privatePath, tree),
		historicalReceiverData: pastEpochs(state),
		confirmationTag: after.confirmationTag,
	};
	const welcome = await welcomeFor(next, added, pathSecrets, after, suite);
	after.joinerSecret.fill(0);
	after.welcomeSecret.fill(0);
	for (const { secret } of pathSecrets) secret.fill(0);
	return {
		state: next,
		commit: after.commit,
		welcome,
		groupInfo: await createGroupInfoWithExternalPub(next, [], suite),
	};
}

/** Section 12.4.3.1: one for all who were added, each with the secret of the first node they share with us. */
async function welcomeFor(
	next: ClientState,
	added: readonly [LeafIndex, KeyPackage][],
	pathSecrets: readonly PathSecret[],
	{ joinerSecret, welcomeSecret }: After,
	suite: CiphersuiteImpl,
): Promise<Welcome | undefined> {
	if (added.length === 0) return undefined;
	const groupInfo = await createGroupInfo(next.groupContext, next.confirmationTag, next, [], suite);
	const encryptedGroupInfo = await encryptGroupInfo(groupInfo, welcomeSecret, suite);
	const secrets: Welcome["secrets"] = [];
	for (const [leaf, keyPackage] of added) {
		const ancestor = firstCommonAncestor(next.ratchetTree, leaf, toLeafIndex(next.privatePath.leafIndex));
		const pathSecret = pathSecrets.find(({ nodeIndex }) => nodeIndex === ancestor)?.secret;
		const { ct, enc } = await encryptGroupSecrets(
			await suite.hpke.importPublicKey(keyPackage.initKey),
			encryptedGroupInfo,
			{ joinerSecret, pathSecret, psks: [] },
			suite.hpke,
		);
		secrets.push({
			newMember: await makeKeyPackageRef(keyPackage, suite.hash),
			encryptedGroupSecrets: { kemOutput: enc, ciphertext: ct },
		});
	}
	return { cipherSuite: next.groupContext.cipherSuite, secrets, encryptedGroupInfo };
}
