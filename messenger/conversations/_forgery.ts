/**
 * A member who breaks the rules and signs what she says: everything the server can check without a secret of the group
 * is made to fit, except what the test changes.
 */
import assert from "node:assert/strict";
import type { CommitResult } from "@troth/client/mls/engine.ts";
import { nodeCryptoProvider } from "@troth/client/mls/provider.node.ts";
import { SUITE } from "@troth/client/mls/suite.ts";
import type { CommitBundle } from "@troth/protocol";
import { type FramedContentCommit, signFramedContentTBS, toTbs } from "ts-mls/framedContent.js";
import { type GroupInfo, signGroupInfo } from "ts-mls/groupInfo.js";
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from "ts-mls/message.js";
import type { PublicMessage } from "ts-mls/publicMessage.js";
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from "ts-mls/ratchetTree.js";
import { createConfirmedHash, createInterimHash } from "ts-mls/transcriptHash.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { bundleOf, type MlsDevice } from "./_members.ts";

export const suite = await nodeCryptoProvider.getCiphersuiteImpl(SUITE);

type Wireformat = MLSMessage["wireformat"];
type Part<W extends Wireformat> = Extract<MLSMessage, { wireformat: W }>;

export function decode<W extends Wireformat>(bytes: Uint8Array, wireformat: W): Part<W> {
	const message = decodeMlsMessage(new Uint8Array(bytes), 0)?.[0];
	assert.equal(message?.wireformat, wireformat);
	return message as Part<W>;
}

export function encode(message: MLSMessage): Uint8Array<ArrayBuffer> {
	return new Uint8Array(encodeMlsMessage(message));
}

export interface Forgery {
	readonly content?: (content: FramedContentCommit) => FramedContentCommit;
	readonly tree?: (tree: RatchetTree) => RatchetTree;
	readonly groupInfo?: (groupInfo: GroupInfo) => GroupInfo;
}

/** The commit with these changes, signed again by its committer, and GroupInfo and tree to go with it. */
export async function forge(
	by: MlsDevice,
	before: Uint8Array,
	made: CommitResult,
	clientSeq: number,
	forgery: Forgery,
): Promise<CommitBundle> {
	const old = decode(before, "mls_group_info").groupInfo;
	const honest = decode(made.commit, "mls_public_message");
	const { publicMessage } = honest;
	assert.ok(publicMessage.content.contentType === "commit" && publicMessage.auth.contentType === "commit");
	const content = forgery.content?.(publicMessage.content as FramedContentCommit) ?? publicMessage.content;
	const tbs = toTbs(content, "mls_public_message", old.groupContext);
	const signature = await signFramedContentTBS(by.keys.privateKey, tbs, suite.signature);
	const auth = { ...publicMessage.auth, signature };
	const interim = await createInterimHash(old.groupContext.confirmedTranscriptHash, old.confirmationTag, suite.hash);
	const input = { wireformat: "mls_public_message", content: content as FramedContentCommit, signature } as const;
	const confirmedTranscriptHash = await createConfirmedHash(interim, input, suite.hash);

	const decoded = decodeRatchetTree(new Uint8Array(made.ratchetTree), 0)?.[0] ?? assert.fail("no tree");
	const tree = forgery.tree?.(decoded) ?? decoded;
	const info = decode(made.groupInfo, "mls_group_info");
	const treeHash = await treeHashRoot(tree, suite.hash);
	const groupContext = { ...info.groupInfo.groupContext, confirmedTranscriptHash, treeHash };
	const changed = forgery.groupInfo?.({ ...info.groupInfo, groupContext }) ?? { ...info.groupInfo, groupContext };
	const groupInfo = await signGroupInfo(changed, by.keys.privateKey, suite.signature);
	const bundle = bundleOf(made, clientSeq);
	bundle.commit = encode({ ...honest, publicMessage: { ...publicMessage, content, auth } as PublicMessage });
	bundle.groupInfo = encode({ ...info, groupInfo });
	bundle.ratchetTree = new Uint8Array(encodeRatchetTree(tree));
	return bundle;
}
