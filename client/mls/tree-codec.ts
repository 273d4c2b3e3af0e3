/**
 * A ratchet tree as bytes (RFC 9420 section 12.4.3.3). ts-mls does the same by as many nested calls as there are nodes, and
 * encodes all of them for each commit; here each node is encoded once, however often the tree around it changes.
 */
import type { RatchetTree } from "ts-mls";
import { optionalEncoder } from "ts-mls/codec/optional.js";
import { type BufferEncoder, encode } from "ts-mls/codec/tlsEncoder.js";
import { varLenDataEncoder } from "ts-mls/codec/variableLength.js";
import { type Node, nodeEncoder, stripBlankNodes } from "ts-mls/ratchetTree.js";

const encodeOptionalNode = encode(optionalEncoder(nodeEncoder));
const encodeVector = encode(varLenDataEncoder);

export function encodeTree(tree: RatchetTree): Uint8Array {
	const nodes = stripBlankNodes(tree).map(bytesOf);
	const whole = new Uint8Array(nodes.reduce((length, node) => length + node.length, 0));
	let at = 0;
	for (const node of nodes) {
		whole.set(node, at);
		at += node.length;
	}
	return encodeVector(whole);
}

/** For what a tree is a part of. */
export const treeEncoder: BufferEncoder<RatchetTree> = (tree) => {
	const bytes = encodeTree(tree);
	return [bytes.length, (offset, buffer) => new Uint8Array(buffer).set(bytes, offset)];
};

const BLANK = encodeOptionalNode(undefined);
const encoded = new WeakMap<Node, Uint8Array>();

function bytesOf(node: Node | undefined): Uint8Array {
	if (node === undefined) return BLANK;
	const known = encoded.get(node);
	if (known !== undefined) return known;
	const bytes = encodeOptionalNode(node);
	encoded.set(node, bytes);
	return bytes;
}
