/** A device's private keys along its direct path (RFC 9420 section 7.5). */
import type { CiphersuiteImpl, PrivateKeyPath, RatchetTree } from "ts-mls";
import { constantTimeEqual } from "ts-mls/util/constantTimeCompare.js";

/** Without the keys of nodes that were blanked: ts-mls keeps them, and a stolen state could then read old paths. */
export function currentKeys(path: PrivateKeyPath, tree: RatchetTree): PrivateKeyPath {
	const kept = Object.entries(path.privateKeys).filter(([node]) => tree[Number(node)] !== undefined);
	return { leafIndex: path.leafIndex, privateKeys: Object.fromEntries(kept) };
}

/**
 * Whether the private keys that `before` did not have fit the tree's public ones. ts-mls does not look: a committer
 * could then publish a key that its other members can not use, and the group would break one commit later.
 */
export async function newKeysFit(
	path: PrivateKeyPath,
	before: PrivateKeyPath | undefined,
	tree: RatchetTree,
	suite: CiphersuiteImpl,
): Promise<boolean> {
	for (const [index, privateKey] of Object.entries(path.privateKeys)) {
		const earlier = before?.privateKeys[Number(index)];
		if (earlier !== undefined && constantTimeEqual(earlier, privateKey)) continue;
		const node = tree[Number(index)];
		if (node === undefined) continue;
		const published = node.nodeType === "leaf" ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey;
		if (!(await opens(privateKey, published, suite))) return false;
	}
	return true;
}

/** The KEM's interface gives no public key for a private one, so the pair is tried out. */
async function opens(privateKey: Uint8Array, publicKey: Uint8Array, suite: CiphersuiteImpl): Promise<boolean> {
	const nothing = new Uint8Array(0);
	try {
		const { enc, ct } = await suite.hpke.seal(await suite.hpke.importPublicKey(publicKey), nothing, PROBE);
		await suite.hpke.open(await suite.hpke.importPrivateKey(privateKey), enc, ct, PROBE);
		return true;
	} catch {
		return false;
	}
}

const PROBE = new TextEncoder().encode("troth key pair check");
