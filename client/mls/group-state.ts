/** ts-mls's state of a group behind the opaque `MlsGroup`, and what we change about it. */
import type { CiphersuiteImpl, ClientState, EpochReceiverData, SecretTree, SecretTreeNode } from "ts-mls";
import { createSecretTree } from "ts-mls/secretTree.js";
import { leafWidth } from "ts-mls/treemath.js";
import type { MlsGroup } from "./engine.ts";
import { require } from "./refusals.ts";
import { clientConfig } from "./suite.ts";

export function toGroup(state: ClientState): MlsGroup {
	return state as unknown as MlsGroup;
}

export function stateOf(group: MlsGroup): ClientState {
	return group as unknown as ClientState;
}

/** The state of a group this device is in. */
export function activeState(group: MlsGroup): ClientState {
	const state = stateOf(group);
	require(state.groupActiveState.kind === "active", "Removed", "this device is no longer in the group");
	return state;
}

/** Between steps a state trusts no leaf: what a step approved does not count for the next one. */
export function settled(state: ClientState): ClientState {
	return { ...state, clientConfig: clientConfig() };
}

/** Stands where no secret is needed. */
const BLANK = { secret: new Uint8Array(0), generation: 0, unusedGenerations: {} };
const BLANK_NODE: SecretTreeNode = { handshake: BLANK, application: BLANK };

/**
 * Keeps only the secrets that are used: the application ratchets of the leaves. Parent nodes have none by RFC 9420
 * section 9, and commits travel as PublicMessages, so the handshake ratchets would only lie there.
 */
export function trimSecretTree(tree: SecretTree): SecretTree {
	return tree.map((node, index) => (index % 2 === 0 ? { ...BLANK_NODE, application: node.application } : BLANK_NODE));
}

/** Consumes the encryption secret: it is zeroed. */
export async function secretTreeOf(
	nodes: number,
	encryptionSecret: Uint8Array,
	suite: CiphersuiteImpl,
): Promise<SecretTree> {
	const tree = trimSecretTree(await createSecretTree(leafWidth(nodes), encryptionSecret, suite.kdf));
	encryptionSecret.fill(0);
	return tree;
}

/** What reading an epoch's messages takes after the next one has begun; only the newest is kept. */
export function pastEpochs(state: ClientState): Map<bigint, EpochReceiverData> {
	return new Map([
		[
			state.groupContext.epoch,
			{
				secretTree: trimSecretTree(state.secretTree),
				ratchetTree: state.ratchetTree,
				senderDataSecret: state.keySchedule.senderDataSecret,
				groupContext: state.groupContext,
				// Resumption is not part of the protocol.
				resumptionPsk: new Uint8Array(0),
			},
		],
	]);
}
