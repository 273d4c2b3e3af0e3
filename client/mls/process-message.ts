/** Reading application messages (RFC 9420 section 6.3). */
import type { CiphersuiteImpl, ClientState, PrivateMessage, SecretTree } from "ts-mls";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { decryptSenderData } from "ts-mls/privateMessage.js";
import { constantTimeEqual } from "ts-mls/util/constantTimeCompare.js";
import { MlsRefusal, type Processed } from "./engine.ts";
import { settled, toGroup } from "./group-state.ts";
import { memberAt } from "./leaves.ts";
import { refusing, require } from "./refusals.ts";

/** Groups are told apart before anything is computed: keys of one must not be tried on another's messages. */
export function requireGroup(state: ClientState, groupId: Uint8Array): void {
	require(constantTimeEqual(groupId, state.groupContext.groupId), "WrongEpoch", "a message of another group");
}

export async function processApplication(
	state: ClientState,
	message: PrivateMessage,
	suite: CiphersuiteImpl,
): Promise<Processed> {
	requireGroup(state, message.groupId);
	require(message.contentType ===
		"application", "InvalidCommit", "commits and proposals travel as PublicMessages, never encrypted");
	const past = state.historicalReceiverData.get(message.epoch);
	const epoch =
		message.epoch === state.groupContext.epoch
			? { ...state, senderDataSecret: state.keySchedule.senderDataSecret }
			: past;
	if (epoch === undefined) {
		throw new MlsRefusal("WrongEpoch", `a message of epoch ${message.epoch}, we are in ${state.groupContext.epoch}`);
	}
	const senderData = await refusing("Undecryptable", "the sender can not be read", () =>
		decryptSenderData(message, epoch.senderDataSecret, suite),
	);
	const sender = senderData && memberAt(epoch.ratchetTree, senderData.leafIndex);
	if (senderData === undefined || sender === undefined) {
		throw new MlsRefusal("Undecryptable", "a message of no member");
	}
	// A rejoined device has a leaf of its own in both epochs, not always the same one; only this one can not be read.
	require(past === epoch ||
		senderData.leafIndex !== state.privatePath.leafIndex, "OwnMessage", "a message of our own can not be decrypted");
	const { tree, content, consumed } = await refusing("Undecryptable", "the message can not be read", () =>
		unprotectPrivateMessage(
			epoch.senderDataSecret,
			message,
			epoch.secretTree,
			epoch.ratchetTree,
			epoch.groupContext,
			state.clientConfig.keyRetentionConfig,
			suite,
		),
	);
	if (content.content.contentType !== "application")
		throw new MlsRefusal("Undecryptable", "not an application message");
	zeroConsumed(consumed, epoch.secretTree, senderData.leafIndex);
	const next =
		past === epoch
			? {
					...state,
					historicalReceiverData: new Map(state.historicalReceiverData).set(message.epoch, {
						...past,
						secretTree: tree,
					}),
				}
			: { ...state, secretTree: tree };
	return {
		kind: "application",
		next: toGroup(settled(next)),
		sender,
		plaintext: content.content.applicationData,
		authenticatedData: message.authenticatedData,
	};
}

/**
 * Zeroes the secrets of a step, except those the state before it still holds: that one has to stay valid until the
 * next one is stored.
 */
export function zeroConsumed(consumed: readonly Uint8Array[], before: SecretTree, leaf: number): void {
	const ratchet = before[2 * leaf]?.application;
	const held = new Set(ratchet && [ratchet.secret, ...Object.values(ratchet.unusedGenerations)]);
	for (const secret of consumed) if (!held.has(secret)) secret.fill(0);
}
