/**
 * A group's state as bytes, in two parts. The trees change once per epoch and are large; the rest, which changes with
 * every message, is small. ts-mls's own encoding keeps the past epoch's tree in the second part, so this one is ours.
 */
import type { ClientState, GenerationSecret, GroupContext, RatchetTree } from "ts-mls";
import { decodeGroupStateWithoutTree, groupStateEncoderWithoutTree } from "ts-mls/clientState.js";
import {
	decodeUint8,
	decodeUint32,
	decodeUint64,
	uint8Encoder,
	uint32Encoder,
	uint64Encoder,
} from "ts-mls/codec/number.js";
import { type Decoder, flatMapDecoder, mapDecoders } from "ts-mls/codec/tlsDecoder.js";
import { type BufferEncoder, contramapBufferEncoders, encode } from "ts-mls/codec/tlsEncoder.js";
import {
	decodeVarLenData,
	decodeVarLenType,
	varLenDataEncoder,
	varLenTypeEncoder,
} from "ts-mls/codec/variableLength.js";
import { decodeGroupContext, groupContextEncoder } from "ts-mls/groupContext.js";
import { decodeRatchetTree } from "ts-mls/ratchetTree.js";
import { decodeGenerationSecret, decodeSecretTree, generationSecretEncoder } from "ts-mls/secretTree.js";
import { decodeAll } from "./decoding.ts";
import { MlsRefusal } from "./engine.ts";
import { type EpochKeys, type GroupState, withoutMessageSecrets } from "./group-state.ts";
import { type SecretTree, takenApart } from "./secret-tree.ts";
import { clientConfig } from "./suite.ts";
import { treeEncoder } from "./tree-codec.ts";

/** Of the trees, and of the rest: 1 had secret trees that were derived whole. */
const TREES_VERSION = 1;
const REST_VERSION = 2;
const WHOLE_TREES_VERSION = 1;

/** First byte: the version of our form. */
function versionedEncoder<T>(version: number, encoder: BufferEncoder<T>): BufferEncoder<T> {
	return contramapBufferEncoders<[number, T], T>([uint8Encoder, encoder], (value) => [version, value]);
}

function versionedDecoder<T>(decoders: Readonly<Record<number, Decoder<T>>>): Decoder<T> {
	return flatMapDecoder(decodeUint8, (version) => {
		const decoder = decoders[version];
		if (decoder === undefined) throw new MlsRefusal("Malformed", `a group state of version ${version}`);
		return decoder;
	});
}

interface PastEpoch<Part> {
	readonly epoch: bigint;
	readonly data: Part;
}
type Keys = Omit<EpochKeys, "ratchetTree">;

const pastTreeEncoder = contramapBufferEncoders<[bigint, RatchetTree], PastEpoch<RatchetTree>>(
	[uint64Encoder, treeEncoder],
	(past) => [past.epoch, past.data],
);
const decodePastTree = mapDecoders([decodeUint64, decodeRatchetTree], (epoch, data) => ({ epoch, data }));

const nodeSecretEncoder = contramapBufferEncoders<[number, Uint8Array], [number, Uint8Array]>(
	[uint32Encoder, varLenDataEncoder],
	(entry) => entry,
);
const ratchetEncoder = contramapBufferEncoders<[number, GenerationSecret], [number, GenerationSecret]>(
	[uint32Encoder, generationSecretEncoder],
	(entry) => entry,
);
const secretTreeEncoder = contramapBufferEncoders<[[number, Uint8Array][], [number, GenerationSecret][]], SecretTree>(
	[varLenTypeEncoder(nodeSecretEncoder), varLenTypeEncoder(ratchetEncoder)],
	({ nodes, ratchets }) => [[...nodes], [...ratchets]],
);
const entryOf = <Value>(index: number, value: Value): [number, Value] => [index, value];
const decodeSecrets: Decoder<SecretTree> = mapDecoders(
	[
		decodeVarLenType(mapDecoders([decodeUint32, decodeVarLenData], entryOf)),
		decodeVarLenType(mapDecoders([decodeUint32, decodeGenerationSecret], entryOf)),
	],
	(nodes, ratchets) => ({ nodes: new Map(nodes), ratchets: new Map(ratchets) }),
);

const pastKeysEncoder = contramapBufferEncoders<[bigint, SecretTree, Uint8Array, GroupContext], PastEpoch<Keys>>(
	[uint64Encoder, secretTreeEncoder, varLenDataEncoder, groupContextEncoder],
	({ epoch, data }) => [epoch, data.secretTree, data.senderDataSecret, data.groupContext],
);
const decodePastKeys = (decodeTree: Decoder<SecretTree>) =>
	mapDecoders(
		[decodeUint64, decodeTree, decodeVarLenData, decodeGroupContext],
		(epoch, secretTree, senderDataSecret, groupContext) => ({
			epoch,
			data: { secretTree, senderDataSecret, groupContext },
		}),
	);

const treesEncoder = versionedEncoder(
	TREES_VERSION,
	contramapBufferEncoders<[RatchetTree, PastEpoch<RatchetTree>[]], GroupState>(
		[treeEncoder, varLenTypeEncoder(pastTreeEncoder)],
		(state) => [state.ratchetTree, past(state, (data) => data.ratchetTree)],
	),
);
const decodeTrees = versionedDecoder({
	[TREES_VERSION]: mapDecoders([decodeRatchetTree, decodeVarLenType(decodePastTree)], (tree, pastTrees) => {
		return { tree, pastTrees };
	}),
});

const restEncoder = versionedEncoder(
	REST_VERSION,
	contramapBufferEncoders<[ClientState, SecretTree, PastEpoch<Keys>[]], GroupState>(
		[groupStateEncoderWithoutTree, secretTreeEncoder, varLenTypeEncoder(pastKeysEncoder)],
		(state) => [withoutMessageSecrets(state), state.secretTree, past(state, (data) => data)],
	),
);

function past<Part>(state: GroupState, part: (data: EpochKeys) => Part): PastEpoch<Part>[] {
	return [...state.pastEpochs].map(([epoch, data]) => ({ epoch, data: part(data) }));
}

interface Rest {
	readonly state: Omit<ClientState, "clientConfig">;
	readonly secretTree: SecretTree;
	readonly keys: readonly PastEpoch<Keys>[];
}

function restDecoder(tree: RatchetTree): Decoder<Rest> {
	const decodeState = decodeGroupStateWithoutTree(tree);
	const decodeWhole = mapDecoders([decodeSecretTree], takenApart);
	return versionedDecoder<Rest>({
		[WHOLE_TREES_VERSION]: mapDecoders([decodeState, decodeVarLenType(decodePastKeys(decodeWhole))], (state, keys) => {
			return { state, secretTree: takenApart(state.secretTree), keys };
		}),
		[REST_VERSION]: mapDecoders(
			[decodeState, decodeSecrets, decodeVarLenType(decodePastKeys(decodeSecrets))],
			(state, secretTree, keys) => ({ state, secretTree, keys }),
		),
	});
}

/** The trees stay the same objects throughout an epoch, and their bytes with them. */
const encodedTrees = new WeakMap<RatchetTree, Uint8Array>();

export function encodeState(state: GroupState): { readonly tree: Uint8Array; readonly state: Uint8Array } {
	let tree = encodedTrees.get(state.ratchetTree);
	if (tree === undefined) {
		tree = encode(treesEncoder)(state);
		encodedTrees.set(state.ratchetTree, tree);
	}
	return { tree, state: encode(restEncoder)(state) };
}

/** Refuses with Malformed what `encodeState` did not write, now or in a version before. */
export function decodeState(tree: Uint8Array, rest: Uint8Array): GroupState {
	const trees = decodeAll(decodeTrees, tree, "a group's trees");
	const { state: decoded, secretTree, keys } = decodeAll(restDecoder(trees.tree), rest, "a group's state");
	const pastEpochs = new Map<bigint, EpochKeys>();
	for (const { epoch, data } of keys) {
		const ratchetTree = trees.pastTrees.find((pastTree) => pastTree.epoch === epoch)?.data;
		if (ratchetTree === undefined) throw new MlsRefusal("Malformed", "a past epoch without its tree");
		pastEpochs.set(epoch, { ...data, ratchetTree });
	}
	const { secretTree: _none, historicalReceiverData: _past, ...state } = decoded;
	return { ...state, secretTree, pastEpochs, clientConfig: clientConfig() };
}
