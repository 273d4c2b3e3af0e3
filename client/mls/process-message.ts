/** Applying application messages of the log. */
import type { CiphersuiteImpl, PrivateMessage } from "ts-mls";
import { constantTimeEqual } from "ts-mls/util/constantTimeCompare.js";
import { MlsRefusal, type Processed } from "./engine.ts";
import { type GroupState, keysOf, toGroup } from "./group-state.ts";
import { memberAt } from "./leaves.ts";
import { openMessage, readSender } from "./private-message.ts";
import { require } from "./refusals.ts";

/** Groups are told apart before anything is computed: keys of one must not be tried on another's messages. */
export function requireGroup(state: GroupState, groupId: Uint8Array): void {
	require(constantTimeEqual(groupId, state.groupContext.groupId), "WrongEpoch", "a message of another group");
}

export async function processApplication(
	state: GroupState,
	message: PrivateMessage,
	suite: CiphersuiteImpl,
): Promise<Processed> {
	requireGroup(state, message.groupId);
	require(message.contentType ===
		"application", "InvalidCommit", "commits and proposals travel as PublicMessages, never encrypted");
	const past = state.pastEpochs.get(message.epoch);
	const keys = message.epoch === state.groupContext.epoch ? keysOf(state) : past;
	if (keys === undefined) {
		throw new MlsRefusal("WrongEpoch", `a message of epoch ${message.epoch}, we are in ${state.groupContext.epoch}`);
	}
	const senderData = await readSender(keys, message, suite);
	// The leaf stays the same as long as this state lives: a device that rejoins begins a state without past epochs.
	require(senderData.leafIndex !==
		state.privatePath.leafIndex, "OwnMessage", "a message of our own can not be decrypted");
	const sender = memberAt(keys.ratchetTree, senderData.leafIndex);
	if (sender === undefined) throw new MlsRefusal("Undecryptable", "a message of no member");
	const { plaintext, secretTree } = await openMessage(keys, message, senderData, suite);
	const next: GroupState =
		past === undefined
			? { ...state, secretTree }
			: { ...state, pastEpochs: new Map(state.pastEpochs).set(message.epoch, { ...past, secretTree }) };
	return {
		kind: "application",
		next: toGroup(next),
		sender,
		plaintext,
		authenticatedData: message.authenticatedData,
	};
}
