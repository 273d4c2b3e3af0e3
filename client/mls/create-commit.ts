/**
 * Creating a commit (RFC 9420 section 12.4.1) from ts-mls's parts instead of its `createCommit`, which always leaves
 * the UpdatePath out where only members are added (we send one as long as the group can bear it, so that commits heal)
 * and checks lifetimes against the machine's clock.
 */
import type { CiphersuiteImpl, GroupInfo, KeyPackage, Proposal, PublicMessage, Welcome } from "ts-mls";
import { applyProposals } from "ts-mls/clientState.js";
import { createGroupInfo, createGroupInfoWithExternalPub } from "ts-mls/createCommit.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { pathToPathSecrets } from "ts-mls/pathSecrets.js";
import { mergePrivateKeyPaths, toPrivateKeyPath, updateLeafKey } from "ts-mls/privateKeyPath.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { filteredDirectPathAndCopathResolution, type RatchetTree } from "ts-mls/ratchetTree.js";
import { type LeafIndex, leafToNodeIndex, toLeafIndex } from "ts-mls/treemath.js";
import { createUpdatePath, firstCommonAncestor, type PathSecret, type UpdatePath } from "ts-mls/updatePath.js";
import { encryptGroupInfo, encryptGroupSecrets } from "ts-mls/welcome.js";
import { requireUnique } from "./commit-rules.ts";
import { MlsRefusal } from "./engine.ts";
import { type GroupState, pastEpochsOf, withoutMessageSecrets } from "./group-state.ts";
import { type After, nextEpoch } from "./next-epoch.ts";
import { currentKeys } from "./private-path.ts";

export interface CreatedCommit {
	readonly state: GroupState;
	readonly commit: PublicMessage;
	readonly welcome: Welcome | undefined;
	readonly groupInfo: GroupInfo;
}

export interface Change {
	readonly add: readonly KeyPackage[];
	readonly remove: readonly number[];
	readonly authenticatedData: Uint8Array;
	readonly pathReaders: number;
}

/**
 * A commit that only adds may do without an UpdatePath (section 12.4), and does where one would be encrypted to more
 * members than this: among a thousand of whom few have committed yet, a path is a second of work and a megabyte for each.
 */
export const PATH_READERS = 64;

/** `state.clientConfig.authService` has to accept the added leaves. */
export async function createCommit(state: GroupState, change: Change, suite: CiphersuiteImpl): Promise<CreatedCommit> {
	const own = toLeafIndex(state.privatePath.leafIndex);
	const proposals: readonly Proposal[] = [
		...change.remove.map((removed): Proposal => ({ proposalType: "remove", remove: { removed } })),
		...change.add.map((keyPackage): Proposal => ({ proposalType: "add", add: { keyPackage } })),
	];
	const byValue = proposals.map((proposal) => ({ proposalOrRefType: "proposal" as const, proposal }));
	const applied = await applyProposals(withoutMessageSecrets(state), byValue, own, emptyPskIndex, false, suite);
	if (applied.additionalResult.kind !== "memberCommit") throw new MlsRefusal("InvalidCommit", "not a member's commit");
	const added = applied.additionalResult.addedLeafNodes;
	requireUnique(applied.tree);

	const addedNodes = added.map(([leaf]) => leafToNodeIndex(leaf));
	const onlyAdds = change.add.length > 0 && change.remove.length === 0;
	const { tree, path, pathSecrets, privatePath }: Renewed =
		onlyAdds && readersOfPath(applied.tree, own, addedNodes) > change.pathReaders
			? { tree: applied.tree, path: undefined, pathSecrets: [], privatePath: state.privatePath }
			: await renew(state, applied.tree, addedNodes, suite);
	const after = await nextEpoch(
		{
			ratchetTree: state.ratchetTree,
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
	const next: GroupState = {
		...state,
		groupContext: after.groupContext,
		ratchetTree: tree,
		secretTree: after.secretTree,
		keySchedule: after.keySchedule,
		privatePath: currentKeys(privatePath, tree),
		pastEpochs: pastEpochsOf(state),
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
		groupInfo: await createGroupInfoWithExternalPub(withoutMessageSecrets(next), [], suite),
	};
}

/** What the committer's own keys are after the commit, and what tells the others of it. */
interface Renewed {
	readonly tree: RatchetTree;
	readonly path: UpdatePath | undefined;
	readonly pathSecrets: readonly PathSecret[];
	readonly privatePath: GroupState["privatePath"];
}

type NodeIndex = ReturnType<typeof leafToNodeIndex>;

/** To how many keys an UpdatePath would be encrypted; those who are added get its secret in the Welcome. */
function readersOfPath(tree: RatchetTree, own: LeafIndex, added: readonly NodeIndex[]): number {
	const excluded = new Set(added);
	return filteredDirectPathAndCopathResolution(own, tree).reduce(
		(sum, { resolution }) => sum + resolution.filter((node) => !excluded.has(node)).length,
		0,
	);
}

async function renew(
	state: GroupState,
	before: RatchetTree,
	added: readonly NodeIndex[],
	suite: CiphersuiteImpl,
): Promise<Renewed> {
	const own = toLeafIndex(state.privatePath.leafIndex);
	const { groupContext, signaturePrivateKey } = state;
	const made = await createUpdatePath(before, own, groupContext, signaturePrivateKey, suite, [...added]);
	const [tree, path, pathSecrets, leafKey] = made;
	const privatePath = mergePrivateKeyPaths(
		updateLeafKey(state.privatePath, await suite.hpke.exportPrivateKey(leafKey)),
		await toPrivateKeyPath(pathToPathSecrets(pathSecrets), own, suite),
	);
	return { tree, path, pathSecrets, privatePath };
}

/** Section 12.4.3.1: one for all who were added, each with the secret of the first node they share with us. */
async function welcomeFor(
	next: GroupState,
	added: readonly [LeafIndex, KeyPackage][],
	pathSecrets: readonly PathSecret[],
	{ joinerSecret, welcomeSecret }: After,
	suite: CiphersuiteImpl,
): Promise<Welcome | undefined> {
	if (added.length === 0) return undefined;
	const groupInfo = await createGroupInfo(
		next.groupContext,
		next.confirmationTag,
		withoutMessageSecrets(next),
		[],
		suite,
	);
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
