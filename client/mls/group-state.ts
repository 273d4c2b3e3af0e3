/** A group's state behind the opaque `MlsGroup`: ts-mls's, with a secret tree of our own. */
import type { ClientState, GroupContext, RatchetTree } from "ts-mls";
import type { MlsGroup } from "./engine.ts";
import { require } from "./refusals.ts";
import type { SecretTree } from "./secret-tree.ts";
import { clientConfig } from "./suite.ts";

/** What it takes to read an epoch's messages. */
export interface EpochKeys {
	readonly secretTree: SecretTree;
	readonly ratchetTree: RatchetTree;
	readonly senderDataSecret: Uint8Array;
	readonly groupContext: GroupContext;
}

export interface GroupState extends Omit<ClientState, "secretTree" | "historicalReceiverData"> {
	readonly secretTree: SecretTree;
	/** By epoch: what was sent before a commit and comes after it. */
	readonly pastEpochs: ReadonlyMap<bigint, EpochKeys>;
}

export function toGroup(state: GroupState): MlsGroup {
	return state as unknown as MlsGroup;
}

export function stateOf(group: MlsGroup): GroupState {
	return group as unknown as GroupState;
}

/** For ts-mls, which gets no secrets of messages: encrypting and decrypting them is ours (`private-message.ts`). */
export function withoutMessageSecrets({ pastEpochs: _past, ...state }: GroupState): ClientState {
	return { ...state, secretTree: [], historicalReceiverData: new Map() };
}

/** The state of a group this device is in. */
export function activeState(group: MlsGroup): GroupState {
	const state = stateOf(group);
	require(state.groupActiveState.kind === "active", "Removed", "this device is no longer in the group");
	return state;
}

/** Between steps a state trusts no leaf: what a step approved does not count for the next one. */
export function settled(state: GroupState): GroupState {
	return { ...state, clientConfig: clientConfig() };
}

/** What reading the present epoch's messages takes. */
export function keysOf({ keySchedule, secretTree, ratchetTree, groupContext }: GroupState): EpochKeys {
	return { senderDataSecret: keySchedule.senderDataSecret, secretTree, ratchetTree, groupContext };
}

/** What the next state reads of epochs before its own: only the newest is kept. */
export function pastEpochsOf(state: GroupState): ReadonlyMap<bigint, EpochKeys> {
	return new Map([[state.groupContext.epoch, keysOf(state)]]);
}
