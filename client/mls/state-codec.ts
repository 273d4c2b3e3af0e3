/**
 * A group's state as bytes, in two parts. The trees change once per epoch and are large; the rest, which changes with
 * every message, is small. ts-mls's own encoding keeps the past epoch's tree in the second part, so this one is ours.
 */
import type { ClientState, EpochReceiverData, GroupContext, GroupState, RatchetTree, SecretTree } from "ts-mls";
import { decodeGroupStateWithoutTree, groupStateEncoderWithoutTree } from "ts-mls/clientState.js";
import { decodeUint8, decodeUint64, uint8Encoder, uint64Encoder } from "ts-mls/codec/number.js";
import { type Decoder, mapDecoders } from "ts-mls/codec/tlsDecoder.js";
import { type BufferEncoder, contramapBufferEncoders, encode } from "ts-mls/codec/tlsEncoder.js";
import {
	decodeVarLenData,
	decodeVarLenType,
	varLenDataEncoder,
	varLenTypeEncoder,
} from "ts-mls/codec/variableLength.js";
import { decodeGroupContext, groupContextEncoder } from "ts-mls/groupContext.js";
import { decodeRatchetTree, ratchetTreeEncoder } from "ts-mls/ratchetTree.js";
import { decodeSecretTree, secretTreeEncoder } from "ts-mls/secretTree.js";
import { decodeAll } from "./decoding.ts";
import { MlsRefusal } from "./engine.ts";
import { clientConfig } from "./suite.ts";

const VERSION = 1;

/** First byte: the version of our form. */
function versionedEncoder<T>(encoder: BufferEncoder<T>): BufferEncoder<T> {
	return contramapBufferEncoders<[number, T], T>([uint8Encoder, encoder], (value) => [VERSION, value]);
}

function versionedDecoder<T>(decoder: Decoder<T>): Decoder<T> {
	return mapDecoders([decodeUint8, decoder], (version, value) => {
		if (version !== VERSION) throw new MlsRefusal("Malformed", `a group state of version ${version}`);
		return value;
	});
}

interface PastEpoch<Part> {
	readonly epoch: bigint;
	readonly data: Part;
}
type Keys = Omit<EpochReceiverData, "ratchetTree" | "resumptionPsk">;

const pastTreeEncoder = contramapBufferEncoders<[bigint, RatchetTree], PastEpoch<RatchetTree>>(
	[uint64Encoder, ratchetTreeEncoder],
	(past) => [past.epoch, past.data],
);
const decodePastTree = mapDecoders([decodeUint64, decodeRatchetTree], (epoch, data) => ({ epoch, data }));

const pastKeysEncoder = contramapBufferEncoders<[bigint, SecretTree, Uint8Array, GroupContext], PastEpoch<Keys>>(
	[uint64Encoder, secretTreeEncoder, varLenDataEncoder, groupContextEncoder],
	({ epoch, data }) => [epoch, data.secretTree, data.senderDataSecret, data.groupContext],
);
const decodePastKeys = mapDecoders(
	[decodeUint64, decodeSecretTree, decodeVarLenData, decodeGroupContext],
	(epoch, secretTree, senderDataSecret, groupContext) => ({
		epoch,
		data: { secretTree, senderDataSecret, groupContext },
	}),
);

const treesEncoder = versionedEncoder(
	contramapBufferEncoders<[RatchetTree, PastEpoch<RatchetTree>[]], ClientState>(
		[ratchetTreeEncoder, varLenTypeEncoder(pastTreeEncoder)],
		(state) => [state.ratchetTree, past(state, (data) => data.ratchetTree)],
	),
);
const decodeTrees = versionedDecoder(
	mapDecoders([decodeRatchetTree, decodeVarLenType(decodePastTree)], (tree, pastTrees) => ({ tree, pastTrees })),
);

const restEncoder = versionedEncoder(
	contramapBufferEncoders<[GroupState, PastEpoch<Keys>[]], ClientState>(
		[groupStateEncoderWithoutTree, varLenTypeEncoder(pastKeysEncoder)],
		(state) => [{ ...state, historicalReceiverData: new Map() }, past(state, (data) => data)],
	),
);

function past<Part>(state: ClientState, part: (data: EpochReceiverData) => Part): PastEpoch<Part>[] {
	return [...state.historicalReceiverData].map(([epoch, data]) => ({ epoch, data: part(data) }));
}

export const encodeTree: (tree: RatchetTree) => Uint8Array = encode(ratchetTreeEncoder);

/** The trees stay the same objects throughout an epoch, and their bytes with them. */
const encodedTrees = new WeakMap<RatchetTree, Uint8Array>();

export function encodeState(state: ClientState): { readonly tree: Uint8Array; readonly state: Uint8Array } {
	let tree = encodedTrees.get(state.ratchetTree);
	if (tree === undefined) {
		tree = encode(treesEncoder)(state);
		encodedTrees.set(state.ratchetTree, tree);
	}
	return { tree, state: encode(restEncoder)(state) };
}

/** Refuses with Malformed what `encodeState` did not write. */
export function decodeState(tree: Uint8Array, rest: Uint8Array): ClientState {
	const trees = decodeAll(decodeTrees, tree, "a group's trees");
	const decodeRest = versionedDecoder(
		mapDecoders([decodeGroupStateWithoutTree(trees.tree), decodeVarLenType(decodePastKeys)], (state, keys) => ({
			state,
			keys,
		})),
	);
	const { state, keys } = decodeAll(decodeRest, rest, "a group's state");
	const historicalReceiverData = new Map<bigint, EpochReceiverData>();
	for (const { epoch, data } of keys) {
		const ratchetTree = trees.pastTrees.find((pastTree) => pastTree.epoch === epoch)?.data;
		if (ratchetTree === undefined) throw new MlsRefusal("Malformed", "a past epoch without its tree");
		historicalReceiverData.set(epoch, { ...data, ratchetTree, resumptionPsk: new Uint8Array(0) });
	}
	return { ...state, historicalReceiverData, clientConfig: clientConfig() };
}
