/** Entering a group by Welcome (RFC 9420 section 12.4.3.1). */
import { toHex } from "@troth/protocol";
import type { CiphersuiteImpl, GroupInfo, PrivateKeyPath, RatchetTree } from "ts-mls";
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import type { GroupSecrets } from "ts-mls/groupSecrets.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { deriveKeySchedule } from "ts-mls/keySchedule.js";
import { pathToRoot } from "ts-mls/pathSecrets.js";
import { mergePrivateKeyPaths, toPrivateKeyPath } from "ts-mls/privateKeyPath.js";
import { decodeRatchetTree, findLeafIndex } from "ts-mls/ratchetTree.js";
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from "ts-mls/treemath.js";
import { firstCommonAncestor } from "ts-mls/updatePath.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";
import { decodeAll, decodeMessage } from "./decoding.ts";
import { type LeafAuthority, MlsRefusal } from "./engine.ts";
import type { GroupState } from "./group-state.ts";
import { type OwnKeyPackage, readSecret } from "./key-packages.ts";
import { approve, leafNodeAt, membersOf } from "./leaves.ts";
import { newKeysFit } from "./private-path.ts";
import { refusing, require } from "./refusals.ts";
import { secretTreeOf } from "./secret-tree.ts";
import { clientConfig, SUITE_NAME } from "./suite.ts";
import { validateTree } from "./tree-validation.ts";

export function readTree(bytes: Uint8Array): RatchetTree {
	return decodeAll(decodeRatchetTree, bytes, "a ratchet tree");
}

/** The one of `refs` that a Welcome addresses. */
export function addressedRef(message: Uint8Array, refs: ReadonlySet<string>): string | undefined {
	const { welcome } = decodeMessage(message, "mls_welcome");
	return welcome.secrets.map(({ newMember }) => toHex(newMember)).find((ref) => refs.has(ref));
}

/** Everything about the group is checked before the authority is asked, and that before the state is used. */
export async function joinByWelcome(
	message: Uint8Array,
	secret: Uint8Array,
	treeBytes: Uint8Array,
	authority: LeafAuthority,
	suite: CiphersuiteImpl,
): Promise<GroupState> {
	const { welcome } = decodeMessage(message, "mls_welcome");
	require(welcome.cipherSuite === SUITE_NAME, "Malformed", "a Welcome of another suite");
	const own = readSecret(secret);
	const tree = readTree(treeBytes);
	const ref = toHex(await makeKeyPackageRef(own.keyPackage, suite.hash));
	require(addressedRef(message, new Set([ref])) !== undefined, "NotForUs", "a Welcome for other key packages");

	const noPsk = new Uint8Array(suite.kdf.size);
	const { secrets, groupInfo } = await refusing("Undecryptable", "the Welcome can not be read", async () => {
		const initKey = await suite.hpke.importPrivateKey(own.privateKeys.initPrivateKey);
		const groupSecrets = await decryptGroupSecrets(
			initKey,
			await makeKeyPackageRef(own.keyPackage, suite.hash),
			welcome,
			suite.hpke,
		);
		if (groupSecrets === undefined) throw new MlsRefusal("Undecryptable", "a Welcome that holds no secrets");
		const groupInfo = await decryptGroupInfo(welcome, groupSecrets.joinerSecret, noPsk, suite);
		if (groupInfo === undefined) throw new MlsRefusal("Undecryptable", "a Welcome that holds no group");
		return { secrets: groupSecrets, groupInfo };
	});
	require(secrets.psks.length === 0, "InvalidCommit", "a Welcome with pre-shared keys");
	await requireSigned(groupInfo, tree, suite);
	await validateTree(tree, groupInfo.groupContext, suite);
	const confirmed = await verifyGroupInfoConfirmationTag(groupInfo, secrets.joinerSecret, noPsk, suite);
	require(confirmed, "Undecryptable", "a Welcome whose confirmation tag does not verify");
	await approve(membersOf(tree), authority);

	const privatePath = await refusing("InvalidCommit", "a Welcome that does not fit its tree", () =>
		pathFrom(own, secrets, groupInfo, tree, suite),
	);
	require(await newKeysFit(privatePath, undefined, tree, suite), "InvalidCommit", "path keys that do not fit");
	const [keySchedule, encryptionSecret] = await deriveKeySchedule(
		secrets.joinerSecret,
		noPsk,
		groupInfo.groupContext,
		suite.kdf,
	);
	secrets.joinerSecret.fill(0);
	secrets.pathSecret?.fill(0);
	return {
		groupContext: groupInfo.groupContext,
		ratchetTree: tree,
		privatePath,
		signaturePrivateKey: own.privateKeys.signaturePrivateKey,
		confirmationTag: groupInfo.confirmationTag,
		unappliedProposals: {},
		keySchedule,
		secretTree: secretTreeOf(leafWidth(tree.length), encryptionSecret),
		pastEpochs: new Map(),
		groupActiveState: { kind: "active" },
		clientConfig: clientConfig(),
	};
}

/** Refuses a GroupInfo that the member it names did not sign (section 12.4.3). */
export async function requireSigned(groupInfo: GroupInfo, tree: RatchetTree, suite: CiphersuiteImpl): Promise<void> {
	const signer = leafNodeAt(tree, groupInfo.signer);
	const signed = await refusing("Undecryptable", "a GroupInfo that does not verify", async () =>
		signer === undefined ? false : verifyGroupInfoSignature(groupInfo, signer.signaturePublicKey, suite.signature),
	);
	require(signed, "Undecryptable", "a GroupInfo that does not verify");
}

async function pathFrom(
	own: OwnKeyPackage,
	secrets: GroupSecrets,
	groupInfo: GroupInfo,
	tree: RatchetTree,
	suite: CiphersuiteImpl,
) {
	const leaf = findLeafIndex(tree, own.keyPackage.leafNode);
	require(leaf !== undefined, "InvalidCommit", "a Welcome to a tree without our leaf");
	const ownKey = { leafIndex: leaf, privateKeys: { [leafToNodeIndex(leaf)]: own.privateKeys.hpkePrivateKey } };
	const path =
		secrets.pathSecret === undefined ? ownKey : await withPathKeys(ownKey, secrets.pathSecret, groupInfo, tree, suite);
	// A commit with an UpdatePath gives whoever it adds a secret of it. One without leaves the nodes above as they were,
	// and counts the newcomer as one who has not their keys. Whoever has neither could not follow the next commit.
	const follows = directPath(leafToNodeIndex(leaf), leafWidth(tree.length)).every((index) => {
		const node = tree[index];
		if (node?.nodeType !== "parent" || path.privateKeys[index] !== undefined) return true;
		return node.parent.unmergedLeaves.includes(leaf);
	});
	require(follows, "InvalidCommit", "a Welcome without the path secret that its tree asks for");
	return path;
}

/** With the keys from the first node on that we share with the committer. */
async function withPathKeys(
	ownKey: PrivateKeyPath,
	pathSecret: Uint8Array,
	groupInfo: GroupInfo,
	tree: RatchetTree,
	suite: CiphersuiteImpl,
): Promise<PrivateKeyPath> {
	const leaf = toLeafIndex(ownKey.leafIndex);
	const ancestor = firstCommonAncestor(tree, leaf, toLeafIndex(groupInfo.signer));
	const pathSecrets = await pathToRoot(tree, ancestor, pathSecret, suite.kdf);
	const path = mergePrivateKeyPaths(await toPrivateKeyPath(pathSecrets, leaf, suite), ownKey);
	for (const [node, secret] of Object.entries(pathSecrets)) if (Number(node) !== ancestor) secret.fill(0);
	return path;
}
