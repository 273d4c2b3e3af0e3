/**
 * Entering a group without being added, by external commit (RFC 9420 section 12.4.3.2): a device of a member account
 * that was linked, or that lost its state. Where the device had a leaf, the commit replaces it.
 */
import type { CiphersuiteImpl, GroupInfo, Proposal, PublicMessage, RatchetTree } from "ts-mls";
import { exportSecret } from "ts-mls/clientState.js";
import { pathToPathSecrets } from "ts-mls/pathSecrets.js";
import { toPrivateKeyPath, updateLeafKey } from "ts-mls/privateKeyPath.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import { createUpdatePath } from "ts-mls/updatePath.js";
import { requireUnique } from "./commit-rules.ts";
import { type LeafAuthority, MlsRefusal } from "./engine.ts";
import type { GroupState } from "./group-state.ts";
import { requireSigned } from "./joining.ts";
import type { OwnKeyPackage } from "./key-packages.ts";
import { approve, leafNodeAt, membersOf, ownerOf } from "./leaves.ts";
import { nextEpoch } from "./next-epoch.ts";
import { refusing } from "./refusals.ts";
import { clientConfig, sameClient } from "./suite.ts";
import { withLeaf, withoutLeaf } from "./tree-edits.ts";
import { validateTree } from "./tree-validation.ts";

export interface ExternalJoin {
	readonly state: GroupState;
	readonly commit: PublicMessage;
}

export async function joinByExternalCommit(
	groupInfo: GroupInfo,
	tree: RatchetTree,
	own: OwnKeyPackage,
	authenticatedData: Uint8Array,
	authority: LeafAuthority,
	suite: CiphersuiteImpl,
): Promise<ExternalJoin> {
	const externalPub = groupInfo.extensions.find(({ extensionType }) => extensionType === "external_pub");
	if (externalPub === undefined) throw new MlsRefusal("Malformed", "a GroupInfo without external_pub");
	await requireSigned(groupInfo, tree, suite);
	await validateTree(tree, groupInfo.groupContext, suite);
	await approve([...membersOf(tree), ownerOf(own.keyPackage.leafNode)], authority);
	const { enc: kemOutput, secret: initSecret } = await refusing("Malformed", "an external_pub that is no key", () =>
		exportSecret(externalPub.extensionData, suite),
	);

	const former = membersOf(tree).find(({ leaf }) => {
		const node = leafNodeAt(tree, leaf);
		return node !== undefined && sameClient(own.keyPackage.leafNode, node);
	});
	const remaining = former === undefined ? tree : withoutLeaf(tree, former.leaf);
	const [joinedTree, leaf] = withLeaf(remaining, own.keyPackage.leafNode);
	requireUnique(joinedTree);
	const [nextTree, path, pathSecrets, leafKey] = await createUpdatePath(
		joinedTree,
		toLeafIndex(leaf),
		groupInfo.groupContext,
		own.privateKeys.signaturePrivateKey,
		suite,
	);
	const privatePath = updateLeafKey(
		await toPrivateKeyPath(pathToPathSecrets(pathSecrets), leaf, suite),
		await suite.hpke.exportPrivateKey(leafKey),
	);
	const init: Proposal = { proposalType: "external_init", externalInit: { kemOutput } };
	const remove: readonly Proposal[] =
		former === undefined ? [] : [{ proposalType: "remove", remove: { removed: former.leaf } }];
	const after = await nextEpoch(
		{
			ratchetTree: tree,
			groupContext: groupInfo.groupContext,
			confirmationTag: groupInfo.confirmationTag,
			initSecret,
			membershipKey: new Uint8Array(0),
		},
		{
			sender: { senderType: "new_member_commit" },
			signaturePrivateKey: own.privateKeys.signaturePrivateKey,
			proposals: [init, ...remove],
			path,
			authenticatedData,
		},
		nextTree,
		pathSecrets,
		suite,
	);
	for (const secret of [initSecret, after.joinerSecret, after.welcomeSecret]) secret.fill(0);
	for (const { secret } of pathSecrets) secret.fill(0);
	return {
		commit: after.commit,
		state: {
			groupContext: after.groupContext,
			ratchetTree: nextTree,
			privatePath,
			signaturePrivateKey: own.privateKeys.signaturePrivateKey,
			confirmationTag: after.confirmationTag,
			unappliedProposals: {},
			keySchedule: after.keySchedule,
			secretTree: after.secretTree,
			pastEpochs: new Map(),
			groupActiveState: { kind: "active" },
			clientConfig: clientConfig(),
		},
	};
}
