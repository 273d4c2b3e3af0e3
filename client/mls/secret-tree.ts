/**
 * The secret tree of an epoch (RFC 9420 section 9), taken apart only as far as messages were written and read: what was
 * not needed yet lies in the secret of a node above. ts-mls derives it whole at the beginning of each epoch, which in a
 * group of a thousand is four thousand hashes for a device that then reads ten messages, and a state a hundred times as
 * large. Pure: what was taken out is missing in the tree that is given back.
 */
import type { CiphersuiteImpl, GenerationSecret, SecretTree as WholeTree } from "ts-mls";
import { expandWithLabel } from "ts-mls/crypto/kdf.js";
import { root } from "ts-mls/treemath.js";
import { MlsRefusal } from "./engine.ts";

/** Together the two cover every leaf of the tree once. */
export interface SecretTree {
	/** Secrets of nodes below which nothing was taken yet, by node index. */
	readonly nodes: ReadonlyMap<number, Uint8Array>;
	/** Application ratchets by leaf index. There are no handshake ratchets: commits travel as PublicMessages. */
	readonly ratchets: ReadonlyMap<number, GenerationSecret>;
}

/** Of a device that is no longer in the group. */
export const NO_SECRETS: SecretTree = { nodes: new Map(), ratchets: new Map() };

/**
 * The tree of a new epoch, which the secret belongs to from now on.
 * @param leaves a power of two
 */
export function secretTreeOf(leaves: number, encryptionSecret: Uint8Array): SecretTree {
	return { nodes: new Map([[root(leaves), encryptionSecret]]), ratchets: new Map() };
}

/** From a tree that is derived whole, as ts-mls has it: of one that just began, or in a state of before. */
export function takenApart(whole: WholeTree): SecretTree {
	const leaves = whole.filter((_, index) => index % 2 === 0);
	return { nodes: new Map(), ratchets: new Map(leaves.map(({ application }, leaf) => [leaf, application])) };
}

export interface TakenRatchet {
	readonly ratchet: GenerationSecret;
	/** With the ratchet, and with none of the secrets that it follows from. */
	readonly tree: SecretTree;
}

/** A leaf's application ratchet. Refuses with Undecryptable a leaf that is not in the tree. Leaves `tree` as it is. */
export async function takeRatchet(tree: SecretTree, leaf: number, suite: CiphersuiteImpl): Promise<TakenRatchet> {
	const known = tree.ratchets.get(leaf);
	if (known !== undefined) return { ratchet: known, tree };
	const nodes = new Map(tree.nodes);
	const { level, secret: top } = takeAbove(nodes, leaf);
	let secret = top;
	for (let below = level - 1; below >= 0; below--) {
		const own = nodeAbove(leaf, below);
		const sibling = own ^ (2 << below);
		const [left, right] = [await childOf(secret, "left", suite), await childOf(secret, "right", suite)];
		nodes.set(sibling, own < sibling ? right : left);
		// The topmost one still belongs to the tree before.
		if (secret !== top) secret.fill(0);
		secret = own < sibling ? left : right;
	}
	const first = await expandWithLabel(secret, "application", new Uint8Array(0), suite.kdf.size, suite.kdf);
	if (secret !== top) secret.fill(0);
	const ratchet = { secret: first, generation: 0, unusedGenerations: {} };
	return { ratchet, tree: withRatchet({ ...tree, nodes }, leaf, ratchet) };
}

/** The tree with another state of a ratchet that was taken from it. */
export function withRatchet(tree: SecretTree, leaf: number, ratchet: GenerationSecret): SecretTree {
	return { ...tree, ratchets: new Map(tree.ratchets).set(leaf, ratchet) };
}

const LEVELS = 31;

/** Takes the nearest secret that covers the leaf out of the map. */
function takeAbove(nodes: Map<number, Uint8Array>, leaf: number) {
	for (let level = 0; level < LEVELS; level++) {
		const index = nodeAbove(leaf, level);
		const secret = nodes.get(index);
		if (secret === undefined) continue;
		nodes.delete(index);
		return { level, secret };
	}
	throw new MlsRefusal("Undecryptable", `there is no secret for leaf ${leaf}`);
}

/** The node at this level above a leaf, which is at level 0 (RFC 9420 appendix C). */
function nodeAbove(leaf: number, level: number): number {
	return (((2 * leaf) >> (level + 1)) << (level + 1)) | ((1 << level) - 1);
}

const SIDES = { left: new TextEncoder().encode("left"), right: new TextEncoder().encode("right") } as const;

function childOf(secret: Uint8Array, side: "left" | "right", suite: CiphersuiteImpl): Promise<Uint8Array> {
	return expandWithLabel(secret, "tree", SIDES[side], suite.kdf.size, suite.kdf);
}
