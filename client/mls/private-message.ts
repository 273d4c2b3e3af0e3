/** PrivateMessages (RFC 9420 section 6.3): written by a member, opened with what an epoch's readers have. */
import type { CiphersuiteImpl, PrivateMessage } from "ts-mls";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { signFramedContentApplicationOrProposal, verifyFramedContentSignature } from "ts-mls/framedContent.js";
import {
	decodePrivateMessageContent,
	decryptSenderData,
	encodePrivateMessageContent,
	encryptSenderData,
	privateContentAADEncoder,
	toAuthenticatedContent,
} from "ts-mls/privateMessage.js";
import { deriveKey, derivePrivateMessageNonce } from "ts-mls/secretTree.js";
import type { ReuseGuard, SenderData } from "ts-mls/sender.js";
import { MlsRefusal } from "./engine.ts";
import type { EpochKeys, GroupState } from "./group-state.ts";
import { leafNodeAt } from "./leaves.ts";
import { ratchetTo } from "./message-ratchet.ts";
import { paddingFor } from "./padding.ts";
import { refusing, require } from "./refusals.ts";
import { type SecretTree, takeRatchet, withRatchet } from "./secret-tree.ts";

const forged = (cause?: unknown) => new MlsRefusal("Undecryptable", "the message can not be read", { cause });

/** Who says to have sent it, as only members can write it; the signature is checked in `openMessage`. */
export async function readSender(
	keys: EpochKeys,
	message: PrivateMessage,
	suite: CiphersuiteImpl,
): Promise<SenderData> {
	const sender = await refusing("OtherKeys", "the sender can not be read", () =>
		decryptSenderData(message, keys.senderDataSecret, suite),
	);
	if (sender === undefined || sender.reuseGuard.length !== 4) throw forged();
	return sender;
}

export interface OpenedMessage {
	readonly plaintext: Uint8Array;
	/** The epoch's, without the secret that was used. */
	readonly secretTree: SecretTree;
}

/** Decrypts an application message and verifies its signature. Leaves `keys` as they are. */
export async function openMessage(
	keys: EpochKeys,
	message: PrivateMessage,
	sender: SenderData,
	suite: CiphersuiteImpl,
): Promise<OpenedMessage> {
	const leaf = leafNodeAt(keys.ratchetTree, sender.leafIndex);
	if (leaf === undefined) throw forged();
	const { ratchet, tree } = await takeRatchet(keys.secretTree, sender.leafIndex, suite);
	const { secret, next } = await ratchetTo(ratchet, sender.generation, suite);
	const key = await deriveKey(secret, sender.generation, suite);
	const nonce = await derivePrivateMessageNonce(secret, sender.generation, sender.reuseGuard, suite);
	// The ratchet's own secret and the skipped ones still belong to the state before.
	if (sender.generation > ratchet.generation) secret.fill(0);
	const decoded = await refusing("Undecryptable", "the message can not be read", async () => {
		const additionalData = encode(privateContentAADEncoder)(message);
		const padded = await suite.hpke.decryptAead(key, nonce, additionalData, message.ciphertext);
		return decodePrivateMessageContent("application")(padded, 0)?.[0];
	});
	key.fill(0);
	if (decoded === undefined) throw forged();
	const { content, auth } = toAuthenticatedContent(decoded, message, sender.leafIndex);
	if (content.contentType !== "application") throw forged();
	const signed = await verifyFramedContentSignature(
		leaf.signaturePublicKey,
		"mls_private_message",
		content,
		auth,
		keys.groupContext,
		suite.signature,
	);
	require(signed, "Undecryptable", "a message that its sender did not sign");
	return { plaintext: content.applicationData, secretTree: withRatchet(tree, sender.leafIndex, next) };
}

export interface SealedMessage {
	readonly message: PrivateMessage;
	/** The epoch's, without the secret that was used. */
	readonly secretTree: SecretTree;
}

/** Signs and encrypts an application message of this member, padded (`padding.ts`). Leaves `state` as it is. */
export async function sealMessage(
	state: GroupState,
	applicationData: Uint8Array,
	authenticatedData: Uint8Array,
	suite: CiphersuiteImpl,
): Promise<SealedMessage> {
	const { groupContext, signaturePrivateKey, keySchedule } = state;
	const { leafIndex } = state.privatePath;
	const { groupId, epoch, version: protocolVersion } = groupContext;
	const contentType = "application";
	const sender = { senderType: "member", leafIndex } as const;
	const content = { contentType, applicationData, groupId, epoch, sender, authenticatedData } as const;
	const signed = { protocolVersion, wireformat: "mls_private_message", content } as const;
	const auth = await signFramedContentApplicationOrProposal(
		signaturePrivateKey,
		{ ...signed, senderType: "member", context: groupContext },
		suite,
	);
	const { ratchet, tree } = await takeRatchet(state.secretTree, leafIndex, suite);
	const { generation } = ratchet;
	// The secret of this generation still belongs to the state before, which the caller may keep.
	const { secret, next } = await ratchetTo(ratchet, generation, suite);
	const reuseGuard = suite.rng.randomBytes(4) as ReuseGuard;
	const key = await deriveKey(secret, generation, suite);
	const nonce = await derivePrivateMessageNonce(secret, generation, reuseGuard, suite);
	const padding = { kind: "alwaysPad", paddingLength: paddingFor(applicationData.length) } as const;
	const padded = encodePrivateMessageContent(padding)({ ...content, auth });
	const header = { groupId, epoch, contentType } as const;
	const additionalData = encode(privateContentAADEncoder)({ ...header, authenticatedData });
	const ciphertext = await suite.hpke.encryptAead(key, nonce, additionalData, padded);
	key.fill(0);
	const senderData = { leafIndex, generation, reuseGuard };
	const { senderDataSecret } = keySchedule;
	const encryptedSenderData = await encryptSenderData(senderDataSecret, senderData, header, ciphertext, suite);
	return {
		message: { ...header, authenticatedData, encryptedSenderData, ciphertext },
		secretTree: withRatchet(tree, leafIndex, next),
	};
}
