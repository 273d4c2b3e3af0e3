/** Applying others' commits (RFC 9420 section 12.4.2). */
import type { CiphersuiteImpl, ClientState, LeafNode, PublicMessage } from "ts-mls";
import { emptyPskIndex, processPublicMessage } from "ts-mls";
import { unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { addLeafNode, removeLeafNode } from "ts-mls/ratchetTree.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import { checkCommit, requireUnique } from "./commit-rules.ts";
import { type LeafAuthority, MlsRefusal, type Processed } from "./engine.ts";
import { pastEpochs, settled, toGroup, trimSecretTree } from "./group-state.ts";
import { accepting, approve, type LeafOwner, membersOf, ownerOf, sameOwner } from "./leaves.ts";
import { currentKeys, newKeysFit } from "./private-path.ts";
import { requireGroup } from "./process-message.ts";
import { refusing, require } from "./refusals.ts";
import { clientConfig } from "./suite.ts";

export async function processCommit(
	state: ClientState,
	message: PublicMessage,
	authority: LeafAuthority,
	suite: CiphersuiteImpl,
): Promise<Processed> {
	const { content } = message;
	requireGroup(state, content.groupId);
	require(content.contentType === "commit", "InvalidCommit", "a PublicMessage that is no commit");
	require(content.epoch ===
		state.groupContext
			.epoch, "WrongEpoch", `a commit of epoch ${content.epoch}, we are in ${state.groupContext.epoch}`);
	const { sender } = content;
	const checked = checkCommit(content.commit, sender, state.ratchetTree);
	await refusing("Undecryptable", "the commit does not verify", () =>
		unprotectPublicMessage(state.keySchedule.membershipKey, state.groupContext, state.ratchetTree, message, suite),
	);
	const own = state.privatePath.leafIndex;
	require(checked.committer?.leaf !== own, "OwnMessage", "a commit of our own: its state was stored before sending");

	const newLeaves = [...checked.added.map(({ leafNode }) => leafNode), ...(checked.external ? [checked.pathLeaf] : [])];
	const newcomers = newLeaves.map((leaf) => ownerOf(leaf));
	await approve(newcomers, authority);
	const replaced = checked.external && checked.removed.some(({ leaf }) => leaf === own);
	const applied = replaced ? replacedBy(state, checked.pathLeaf) : await apply(state, message, newcomers, suite);
	const selfRemoved = applied.groupActiveState.kind === "removedFromGroup";

	const arrived = membersOf(applied.ratchetTree).filter((member) => newcomers.some((one) => sameOwner(one, member)));
	const committer = checked.committer ?? arrived[0];
	if (committer === undefined) throw new MlsRefusal("InvalidCommit", "an external commit that adds no leaf");
	return {
		kind: "commit",
		next: toGroup(selfRemoved ? withoutSecrets(applied) : settled(applied)),
		committer,
		external: checked.external,
		added: checked.external ? [] : arrived,
		removed: checked.removed,
		selfRemoved,
		authenticatedData: content.authenticatedData,
	};
}

async function apply(
	state: ClientState,
	message: PublicMessage,
	newcomers: readonly LeafOwner[],
	suite: CiphersuiteImpl,
): Promise<ClientState> {
	const known = accepting([...membersOf(state.ratchetTree), ...newcomers]);
	const { newState } = await refusing("InvalidCommit", "the commit can not be applied", () =>
		processPublicMessage({ ...state, clientConfig: clientConfig(known) }, message, emptyPskIndex, suite),
	);
	requireUnique(newState.ratchetTree);
	require(await newKeysFit(
		newState.privatePath,
		state.privatePath,
		newState.ratchetTree,
		suite,
	), "InvalidCommit", "path keys that do not fit");
	return {
		...newState,
		secretTree: trimSecretTree(newState.secretTree),
		privatePath: currentKeys(newState.privatePath, newState.ratchetTree),
		historicalReceiverData: pastEpochs(state),
	};
}

/** This device rejoined from elsewhere (a restored profile, say): the state here ends. */
function replacedBy(state: ClientState, leaf: LeafNode): ClientState {
	const without = removeLeafNode(state.ratchetTree, toLeafIndex(state.privatePath.leafIndex));
	return { ...state, ratchetTree: addLeafNode(without, leaf)[0], groupActiveState: { kind: "removedFromGroup" } };
}

/** Whoever was removed has no use for the group's keys, and a stolen profile should not either. */
function withoutSecrets(state: ClientState): ClientState {
	const none = new Uint8Array(0);
	return {
		...settled(state),
		secretTree: [],
		historicalReceiverData: new Map(),
		privatePath: { leafIndex: state.privatePath.leafIndex, privateKeys: {} },
		signaturePrivateKey: none,
		keySchedule: {
			senderDataSecret: none,
			exporterSecret: none,
			externalSecret: none,
			confirmationKey: none,
			membershipKey: none,
			resumptionPsk: none,
			epochAuthenticator: state.keySchedule.epochAuthenticator,
			initSecret: none,
		},
	};
}
