/** Entering a group: by Welcome (RFC 9420 section 12.4.3.1) or by external commit (section 12.4.3.2). */
import { toHex } from "@troth/protocol";
import {
	type CiphersuiteImpl,
	type ClientState,
	emptyPskIndex,
	type GroupInfo,
	joinGroup,
	joinGroupExternal,
	type PublicMessage,
	type RatchetTree,
} from "ts-mls";
import { decodeRatchetTree } from "ts-mls/ratchetTree.js";
import { decodeAll, decodeMessage } from "./decoding.ts";
import type { LeafAuthority } from "./engine.ts";
import { trimSecretTree } from "./group-state.ts";
import { type OwnKeyPackage, readSecret } from "./key-packages.ts";
import { approve, membersOf, ownerOf } from "./leaves.ts";
import { newKeysFit } from "./private-path.ts";
import { refusing, require } from "./refusals.ts";
import { clientConfig, SUITE_NAME, sameClient } from "./suite.ts";

export function readTree(bytes: Uint8Array): RatchetTree {
	return decodeAll(decodeRatchetTree, bytes, "a ratchet tree");
}

/** The one of `refs` that a Welcome addresses. */
export function addressedRef(message: Uint8Array, refs: ReadonlySet<string>): string | undefined {
	const { welcome } = decodeMessage(message, "mls_welcome");
	return welcome.secrets.map(({ newMember }) => toHex(newMember)).find((ref) => refs.has(ref));
}

export async function joinByWelcome(
	message: Uint8Array,
	secret: Uint8Array,
	treeBytes: Uint8Array,
	authority: LeafAuthority,
	suite: CiphersuiteImpl,
): Promise<ClientState> {
	const { welcome } = decodeMessage(message, "mls_welcome");
	require(welcome.cipherSuite === SUITE_NAME, "Malformed", "a Welcome of another suite");
	const tree = readTree(treeBytes);
	const own = readSecret(secret);
	const authService = await approve(membersOf(tree), authority);
	const state = await refusing("Undecryptable", "the Welcome can not be used", () =>
		joinGroup(
			welcome,
			own.keyPackage,
			own.privateKeys,
			emptyPskIndex,
			suite,
			tree,
			undefined,
			clientConfig(authService),
		),
	);
	require(await newKeysFit(state.privatePath, undefined, tree, suite), "InvalidCommit", "path keys that do not fit");
	return { ...state, secretTree: trimSecretTree(state.secretTree) };
}

export async function joinByExternalCommit(
	groupInfo: GroupInfo,
	tree: RatchetTree,
	own: OwnKeyPackage,
	authenticatedData: Uint8Array,
	authority: LeafAuthority,
	suite: CiphersuiteImpl,
): Promise<{ readonly state: ClientState; readonly commit: PublicMessage }> {
	const members = membersOf(tree);
	const former = members.some(({ leaf }) => {
		const node = tree[2 * leaf];
		return node?.nodeType === "leaf" && sameClient(own.keyPackage.leafNode, node.leaf);
	});
	const authService = await approve([...members, ownerOf(own.keyPackage.leafNode)], authority);
	const { newState, publicMessage } = await refusing("InvalidCommit", "the group can not be joined", () =>
		joinGroupExternal(
			groupInfo,
			own.keyPackage,
			own.privateKeys,
			former,
			suite,
			tree,
			clientConfig(authService),
			authenticatedData,
		),
	);
	return { state: { ...newState, secretTree: trimSecretTree(newState.secretTree) }, commit: publicMessage };
}
