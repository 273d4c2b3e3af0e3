/**
 * Reads a CommitBundle: a commit, what it promises to those it adds, and the group as it is afterwards. Only the one
 * encoding of each that all members will read alike, and only the commits this protocol knows: adds and removes by
 * value, or one external init; with an UpdatePath unless members are only added, so that nobody follows it uninvited.
 */
import { type CommitBundle, LIMITS, Refusal } from "@troth/protocol";
import type { Commit } from "ts-mls/commit.js";
import type { FramedContentCommit } from "ts-mls/framedContent.js";
import type { GroupInfo } from "ts-mls/groupInfo.js";
import type { KeyPackage } from "ts-mls/keyPackage.js";
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from "ts-mls/message.js";
import type { UpdatePath } from "ts-mls/updatePath.js";
import type { Welcome } from "ts-mls/welcome.js";
import { readAuthenticatedData } from "../delivery/message-header.ts";
import { invalid, require } from "./invalid.ts";
import { equalBytes, SUITE_NAME } from "./mls-crypto.ts";

export interface ParsedBundle {
	readonly bundle: CommitBundle;
	readonly content: FramedContentCommit;
	readonly signature: Uint8Array;
	readonly confirmationTag: Uint8Array;
	/** The committing leaf; undefined for an external commit. */
	readonly senderLeaf: number | undefined;
	readonly adds: readonly KeyPackage[];
	readonly removes: readonly number[];
	/** Undefined where members are only added. */
	readonly path: UpdatePath | undefined;
	readonly welcome: Welcome | undefined;
	readonly groupInfo: GroupInfo;
}

/** Refuses with MALFORMED, TOO_LARGE or COMMIT_INVALID. What it gives shares no memory with the request. */
export function parseBundle(bundle: CommitBundle | undefined, group: Uint8Array): ParsedBundle {
	if (bundle === undefined) throw new Refusal("MALFORMED", "the commit is missing");
	const size = bundle.commit.length + bundle.welcome.length + bundle.groupInfo.length + bundle.ratchetTree.length;
	if (size > LIMITS.rpcBytes)
		throw new Refusal("TOO_LARGE", "the commit is too large", { limitBytes: LIMITS.rpcBytes });

	const { publicMessage } = readMessage(bundle.commit, "mls_public_message", "commit");
	const { content, auth } = publicMessage;
	require(content.contentType === "commit" && auth.contentType === "commit", "the commit is of another content type");
	require(equalBytes(content.groupId, group), "the commit is for another group");
	const { clientSeq } = readAuthenticatedData(content.authenticatedData);
	require(clientSeq === bundle.clientSeq, "the commit authenticates another number than its bundle");
	const senderLeaf = senderOf(content);
	const { path, adds, removes } = readProposals(content.commit, senderLeaf === undefined);
	const groupInfo = readMessage(bundle.groupInfo, "mls_group_info", "GroupInfo").groupInfo;
	return {
		bundle,
		content,
		signature: auth.signature,
		confirmationTag: auth.confirmationTag,
		senderLeaf,
		adds,
		removes,
		path,
		welcome: readWelcome(bundle.welcome, adds.length),
		groupInfo,
	};
}

function senderOf({ sender }: FramedContentCommit): number | undefined {
	if (sender.senderType === "member") return sender.leafIndex;
	require(sender.senderType === "new_member_commit", "the commit's sender is neither a member nor a new member");
	return undefined;
}

function readProposals({ proposals, path }: Commit, external: boolean) {
	const adds: KeyPackage[] = [];
	const removes: number[] = [];
	let inits = 0;
	for (const item of proposals) {
		require(item.proposalOrRefType === "proposal", "a proposal is by reference");
		const { proposal } = item;
		if (proposal.proposalType === "add") adds.push(proposal.add.keyPackage);
		else if (proposal.proposalType === "remove") removes.push(proposal.remove.removed);
		else if (proposal.proposalType === "external_init") inits++;
		else throw invalid("a proposal is neither an add nor a remove");
	}
	require(new Set(removes).size === removes.length, "a leaf is removed twice");
	require(inits === (external ? 1 : 0), "external init belongs into external commits, once");
	require(!external || adds.length === 0, "an external commit adds others");
	const onlyAdds = adds.length > 0 && adds.length === proposals.length;
	require(path !== undefined || onlyAdds, "the commit has no UpdatePath and does more than add");
	return { path, adds, removes };
}

function readWelcome(bytes: Uint8Array, added: number): Welcome | undefined {
	require(bytes.length > 0 === added > 0, "a Welcome belongs to added members, and only to them");
	if (bytes.length === 0) return undefined;
	const { welcome } = readMessage(bytes, "mls_welcome", "Welcome");
	require(welcome.cipherSuite === SUITE_NAME, "the Welcome is for another cipher suite");
	return welcome;
}

type Wireformat = MLSMessage["wireformat"];

function readMessage<W extends Wireformat>(
	bytes: Uint8Array,
	wireformat: W,
	what: string,
): Extract<MLSMessage, { wireformat: W }> {
	// ts-mls keeps views of its input.
	const copy = new Uint8Array(bytes);
	let message: MLSMessage | undefined;
	let canonical: Uint8Array | undefined;
	try {
		message = decodeMlsMessage(copy, 0)?.[0];
		canonical = message && encodeMlsMessage(message);
	} catch (error) {
		throw invalid(`the ${what} does not decode`, error);
	}
	require(message !== undefined &&
		canonical !== undefined &&
		equalBytes(canonical, copy), `the ${what} does not decode`);
	require(message.version === "mls10" && message.wireformat === wireformat, `the ${what} is another kind of message`);
	return message as Extract<MLSMessage, { wireformat: W }>;
}
