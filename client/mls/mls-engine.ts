/** The engine of `engine.ts` on ts-mls 1.6.4, over any crypto provider that has our suite. */
import { type ConversationId, idBytes, readId } from "@troth/protocol";
import type { CiphersuiteImpl, CryptoProvider, GroupInfo, MlsMessageContent, PublicMessage, Welcome } from "ts-mls";
import { createGroup } from "ts-mls/clientState.js";
import { createGroupInfoWithExternalPub } from "ts-mls/createCommit.js";
import { mlsExporter } from "ts-mls/keySchedule.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { createCommit, PATH_READERS } from "./create-commit.ts";
import { decodeMessage } from "./decoding.ts";
import { type CommitResult, type MlsEngine, MlsRefusal } from "./engine.ts";
import { joinByExternalCommit } from "./external-joining.ts";
import { activeState, type GroupState, settled, stateOf, toGroup, withoutMessageSecrets } from "./group-state.ts";
import { addressedRef, joinByWelcome, readTree } from "./joining.ts";
import { makeKeyPackage, readPublished, readSecret } from "./key-packages.ts";
import { accepting, approve, membersOf, ownerOf } from "./leaves.ts";
import { sealMessage } from "./private-message.ts";
import { processCommit } from "./process-commit.ts";
import { processApplication } from "./process-message.ts";
import { refusing, require } from "./refusals.ts";
import { takenApart } from "./secret-tree.ts";
import { decodeState, encodeState } from "./state-codec.ts";
import { clientConfig, SUITE, SUITE_NAME } from "./suite.ts";
import { encodeTree } from "./tree-codec.ts";

export type { CryptoProvider };

const encodeMessage = (content: MlsMessageContent) => encodeMlsMessage({ ...content, version: "mls10" });

/** Of a caller's bytes, before the first wait: it may use its buffer again. */
const copy = (bytes: Uint8Array) => Uint8Array.from(bytes);

/**
 * `nodeCryptoProvider` on Node, `domCryptoProvider` in a browser. The provider's suite is loaded on first use.
 * @param pathReaders a commit that only adds has an UpdatePath as long as no more than so many have to be told it
 */
export function createMlsEngine(provider: CryptoProvider, pathReaders: number = PATH_READERS): MlsEngine {
	let loading: Promise<CiphersuiteImpl> | undefined;
	const loadSuite = () => {
		loading ??= provider.getCiphersuiteImpl(SUITE).catch((error: unknown) => {
			// A part of the app that could not be fetched may be there the next time.
			loading = undefined;
			throw error;
		});
		return loading;
	};

	return {
		async generateSigningKeys() {
			const { publicKey, signKey } = await (await loadSuite()).signature.keygen();
			return { publicKey, privateKey: signKey };
		},
		sign: async (keys, bytes) => (await loadSuite()).signature.sign(keys.privateKey, bytes),
		async verify(publicKey, bytes, signature) {
			const suite = await loadSuite();
			try {
				return await suite.signature.verify(publicKey, bytes, signature);
			} catch {
				// WebCrypto throws for a key that is none; it verifies nothing.
				return false;
			}
		},
		newKeyPackage: async (identity, keys, nowMs, lastResort) =>
			makeKeyPackage(identity, keys, nowMs, lastResort, await loadSuite()),
		readKeyPackage: async (message, nowMs) => (await readPublished(message, nowMs, await loadSuite())).owner,

		async createGroup(id, keyPackage) {
			const own = readSecret(keyPackage.secret);
			const config = clientConfig(accepting([ownerOf(own.keyPackage.leafNode)]));
			const created = await createGroup(idBytes(id), own.keyPackage, own.privateKeys, [], await loadSuite(), config);
			const { secretTree, historicalReceiverData: _none, ...state } = created;
			return toGroup(settled({ ...state, secretTree: takenApart(secretTree), pastEpochs: new Map() }));
		},

		async commit(group, change, authority) {
			const state = activeState(group);
			const [messages, authenticatedData] = [change.add.map(copy), copy(change.authenticatedData)];
			const suite = await loadSuite();
			const packages = await Promise.all(messages.map((message) => readPublished(message, change.nowMs, suite)));
			await approve(
				packages.map(({ owner }) => owner),
				authority,
			);
			const known = accepting([...membersOf(state.ratchetTree), ...packages.map(({ owner }) => owner)]);
			const created = await refusing("InvalidCommit", "the commit can not be made", () =>
				createCommit(
					{ ...state, clientConfig: clientConfig(known) },
					{
						add: packages.map(({ keyPackage }) => keyPackage),
						remove: change.remove,
						authenticatedData,
						pathReaders,
					},
					suite,
				),
			);
			return commitResult(created.state, created.commit, created.welcome, created.groupInfo);
		},

		findKeyPackage: addressedRef,

		async join(welcome, keyPackageSecret, ratchetTree, authority) {
			const [message, secret, tree] = [copy(welcome), copy(keyPackageSecret), copy(ratchetTree)];
			return toGroup(await joinByWelcome(message, secret, tree, authority, await loadSuite()));
		},

		async joinExternal(groupInfoMessage, ratchetTree, keyPackage, authenticatedData, authority) {
			const { groupInfo } = decodeMessage(groupInfoMessage, "mls_group_info");
			require(groupInfo.groupContext.cipherSuite === SUITE_NAME, "Malformed", "a group of another suite");
			const [tree, own, data] = [readTree(ratchetTree), readSecret(keyPackage.secret), copy(authenticatedData)];
			const suite = await loadSuite();
			const joined = await joinByExternalCommit(groupInfo, tree, own, data, authority, suite);
			const next = await createGroupInfoWithExternalPub(withoutMessageSecrets(joined.state), [], suite);
			return commitResult(joined.state, joined.commit, undefined, next);
		},

		async encrypt(group, plaintext, authenticatedData) {
			const state = activeState(group);
			const [content, data] = [copy(plaintext), copy(authenticatedData)];
			const { message, secretTree } = await sealMessage(state, content, data, await loadSuite());
			return {
				next: toGroup({ ...state, secretTree }),
				message: encodeMessage({ wireformat: "mls_private_message", privateMessage: message }),
			};
		},

		async process(group, bytes, authority) {
			const state = activeState(group);
			const message = decodeMessage(bytes, "mls_private_message", "mls_public_message");
			return message.wireformat === "mls_private_message"
				? processApplication(state, message.privateMessage, await loadSuite())
				: processCommit(state, message.publicMessage, authority, await loadSuite());
		},

		id(group) {
			const id = readId<ConversationId>(stateOf(group).groupContext.groupId);
			if (id === undefined) throw new MlsRefusal("Malformed", "a group whose id is no conversation's");
			return id;
		},
		epoch: (group) => Number(stateOf(group).groupContext.epoch),
		ownLeaf: (group) => stateOf(group).privatePath.leafIndex,
		members: (group) => membersOf(stateOf(group).ratchetTree),
		epochAuthenticator: (group) => Uint8Array.from(stateOf(group).keySchedule.epochAuthenticator),
		exportSecret: async (group, label, context, length) =>
			mlsExporter(activeState(group).keySchedule.exporterSecret, label, context, length, await loadSuite()),

		encodeGroup: (group) => encodeState(stateOf(group)),
		decodeGroup: (tree, state) => toGroup(decodeState(tree, state)),
	};
}

function commitResult(
	state: GroupState,
	publicMessage: PublicMessage,
	welcome: Welcome | undefined,
	groupInfo: GroupInfo,
): CommitResult {
	return {
		next: toGroup(settled(state)),
		commit: encodeMessage({ wireformat: "mls_public_message", publicMessage }),
		welcome: welcome && encodeMessage({ wireformat: "mls_welcome", welcome }),
		groupInfo: encodeMessage({ wireformat: "mls_group_info", groupInfo }),
		ratchetTree: encodeTree(state.ratchetTree),
	};
}
