/** Opening a PrivateMessage (RFC 9420 section 6.3) with what an epoch's readers have. */
import type { CiphersuiteImpl, EpochReceiverData, PrivateMessage, SecretTree } from "ts-mls";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { verifyFramedContentSignature } from "ts-mls/framedContent.js";
import {
	decodePrivateMessageContent,
	decryptSenderData,
	privateContentAADEncoder,
	toAuthenticatedContent,
} from "ts-mls/privateMessage.js";
import { deriveKey, derivePrivateMessageNonce } from "ts-mls/secretTree.js";
import type { SenderData } from "ts-mls/sender.js";
import { MlsRefusal } from "./engine.ts";
import { leafNodeAt } from "./leaves.ts";
import { ratchetTo } from "./message-ratchet.ts";
import { refusing, require } from "./refusals.ts";

/** What it takes to read an epoch's messages. */
export type EpochKeys = Omit<EpochReceiverData, "resumptionPsk">;

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
	const index = 2 * sender.leafIndex;
	const leaf = leafNodeAt(keys.ratchetTree, sender.leafIndex);
	const node = keys.secretTree[index];
	if (leaf === undefined || node === undefined) throw forged();
	const { secret, next } = await ratchetTo(node.application, sender.generation, suite);
	const key = await deriveKey(secret, sender.generation, suite);
	const nonce = await derivePrivateMessageNonce(secret, sender.generation, sender.reuseGuard, suite);
	// The ratchet's own secret and the skipped ones still belong to the state before.
	if (sender.generation > node.application.generation) secret.fill(0);
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
	const secretTree = keys.secretTree.slice();
	secretTree[index] = { ...node, application: next };
	return { plaintext: content.applicationData, secretTree };
}
