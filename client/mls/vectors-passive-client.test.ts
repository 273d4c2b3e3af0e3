/**
 * Official vectors of whole groups, seen by a member that only listens: 148 groups of other implementations, in all
 * suites, through ts-mls with our provider; and every commit that comes in the open once more through our own
 * application of it.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CiphersuiteImpl, ClientState } from "ts-mls";
import { joinGroup, makePskIndex } from "ts-mls/clientState.js";
import { acceptAll } from "ts-mls/incomingMessageAction.js";
import { defaultKeyPackageEqualityConfig } from "ts-mls/keyPackageEqualityConfig.js";
import { decodeMlsMessage } from "ts-mls/message.js";
import { processMessage } from "ts-mls/processMessages.js";
import { decodeRatchetTree } from "ts-mls/ratchetTree.js";
import { hex, readVectors, SKIP, suiteOf, toHex } from "./_vectors.ts";
import { applyCommit } from "./apply-commit.ts";
import type { GroupState } from "./group-state.ts";
import { takenApart } from "./secret-tree.ts";
import { clientConfig } from "./suite.ts";

interface PassiveClient {
	readonly cipher_suite: number;
	readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
	readonly key_package: string;
	readonly signature_priv: string;
	readonly encryption_priv: string;
	readonly init_priv: string;
	readonly welcome: string;
	readonly ratchet_tree: string | null;
	readonly initial_epoch_authenticator: string;
	readonly epochs: readonly {
		readonly proposals: readonly string[];
		readonly commit: string;
		readonly epoch_authenticator: string;
	}[];
}

const FILES = {
	"passive-client-welcome.json": { groups: 56, epochs: 0, applied: 0 },
	"passive-client-handling-commit.json": { groups: 91, epochs: 182, applied: 154 },
	"passive-client-random.json": { groups: 1, epochs: 200, applied: 200 },
};

for (const [file, expected] of Object.entries(FILES)) {
	suite(file, { skip: SKIP }, () => {
		if (SKIP) return;
		const vectors = readVectors<PassiveClient>(file);
		test(`${expected.groups} groups, ${expected.epochs} epochs, ${expected.applied} of them applied by us`, {
			timeout: 120_000,
		}, async () => {
			let [epochs, applied] = [0, 0];
			for (const [index, vector] of vectors.entries()) {
				const heard = await listen(vector).catch((cause: unknown) => {
					throw new Error(`group ${index}, suite ${vector.cipher_suite}`, { cause });
				});
				epochs += vector.epochs.length;
				applied += heard;
			}
			assert.deepEqual({ groups: vectors.length, epochs, applied }, expected);
		});
	});
}

/** Joins and follows, each epoch's authenticator as it has to be; the number of commits that we applied ourselves. */
async function listen(vector: PassiveClient): Promise<number> {
	const impl = await suiteOf(vector.cipher_suite);
	const psks = Object.fromEntries(
		vector.external_psks.map(({ psk_id, psk }) => [Buffer.from(psk_id, "hex").toString("base64"), hex(psk)]),
	);
	let state = await join(vector, psks, impl);
	assert.equal(toHex(state.keySchedule.epochAuthenticator), vector.initial_epoch_authenticator);
	let applied = 0;
	for (const epoch of vector.epochs) {
		for (const message of epoch.proposals) state = await follow(state, message, psks, impl);
		const own = await applyOurselves(state, epoch.commit, psks, impl);
		state = await follow(state, epoch.commit, psks, impl);
		assert.equal(toHex(state.keySchedule.epochAuthenticator), epoch.epoch_authenticator);
		if (own === undefined) continue;
		assert.equal(toHex(own.keySchedule.epochAuthenticator), epoch.epoch_authenticator);
		assert.deepEqual(own.ratchetTree, state.ratchetTree);
		applied++;
	}
	return applied;
}

/** Undefined where the commit is encrypted, or changes the group's extensions, which none of ours does. */
async function applyOurselves(
	state: ClientState,
	message: string,
	psks: Record<string, Uint8Array>,
	impl: CiphersuiteImpl,
): Promise<GroupState | undefined> {
	const decoded = decodeMlsMessage(hex(message), 0)?.[0];
	if (decoded?.wireformat !== "mls_public_message") return undefined;
	const { content } = decoded.publicMessage;
	assert.ok(content.contentType === "commit");
	const proposals = content.commit.proposals.map((item) =>
		item.proposalOrRefType === "proposal"
			? item.proposal
			: state.unappliedProposals[Buffer.from(item.reference).toString("base64")]?.proposal,
	);
	if (proposals.some((proposal) => proposal?.proposalType === "group_context_extensions")) return undefined;
	const { secretTree, historicalReceiverData: _past, ...rest } = state;
	const before = { ...rest, secretTree: takenApart(secretTree), pastEpochs: new Map() };
	return applyCommit(before, decoded.publicMessage, impl, makePskIndex(state, psks));
}

async function join(
	vector: PassiveClient,
	psks: Record<string, Uint8Array>,
	impl: CiphersuiteImpl,
): Promise<ClientState> {
	const keyPackage = decodeMlsMessage(hex(vector.key_package), 0)?.[0];
	const welcome = decodeMlsMessage(hex(vector.welcome), 0)?.[0];
	assert.ok(keyPackage?.wireformat === "mls_key_package" && welcome?.wireformat === "mls_welcome");
	const tree = vector.ratchet_tree === null ? undefined : decodeRatchetTree(hex(vector.ratchet_tree), 0)?.[0];
	const privateKeys = {
		initPrivateKey: hex(vector.init_priv),
		hpkePrivateKey: hex(vector.encryption_priv),
		signaturePrivateKey: hex(vector.signature_priv),
	};
	return joinGroup(
		welcome.welcome,
		keyPackage.keyPackage,
		privateKeys,
		makePskIndex(undefined, psks),
		impl,
		tree,
		undefined,
		// The vectors' members have no accounts of ours.
		{
			...clientConfig({ validateCredential: async () => true }),
			keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
		},
	);
}

async function follow(
	state: ClientState,
	message: string,
	psks: Record<string, Uint8Array>,
	impl: CiphersuiteImpl,
): Promise<ClientState> {
	const decoded = decodeMlsMessage(hex(message), 0)?.[0];
	assert.ok(decoded?.wireformat === "mls_public_message" || decoded?.wireformat === "mls_private_message");
	const result = await processMessage(decoded, state, makePskIndex(state, psks), acceptAll, impl);
	return result.newState;
}
