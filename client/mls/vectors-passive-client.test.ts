/**
 * Official vectors of whole groups, seen by a member that only listens: 148 groups of other implementations, in all
 * suites, through ts-mls with our provider.
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
	"passive-client-welcome.json": { groups: 56, epochs: 0 },
	"passive-client-handling-commit.json": { groups: 91, epochs: 182 },
	"passive-client-random.json": { groups: 1, epochs: 200 },
};

for (const [file, expected] of Object.entries(FILES)) {
	suite(file, { skip: SKIP }, () => {
		if (SKIP) return;
		const vectors = readVectors<PassiveClient>(file);
		test(`${expected.groups} of ${expected.groups} groups, ${expected.epochs} epochs`, {
			timeout: 120_000,
		}, async () => {
			let epochs = 0;
			for (const [index, vector] of vectors.entries()) {
				epochs += await listen(vector).catch((cause: unknown) => {
					throw new Error(`group ${index}, suite ${vector.cipher_suite}`, { cause });
				});
			}
			assert.equal(vectors.length, expected.groups);
			assert.equal(epochs, expected.epochs);
		});
	});
}

/** Joins and follows; the number of epochs whose authenticator was right. */
async function listen(vector: PassiveClient): Promise<number> {
	const impl = await suiteOf(vector.cipher_suite);
	const psks = Object.fromEntries(
		vector.external_psks.map(({ psk_id, psk }) => [Buffer.from(psk_id, "hex").toString("base64"), hex(psk)]),
	);
	let state = await join(vector, psks, impl);
	assert.equal(toHex(state.keySchedule.epochAuthenticator), vector.initial_epoch_authenticator);
	for (const epoch of vector.epochs) {
		for (const message of [...epoch.proposals, epoch.commit]) state = await follow(state, message, psks, impl);
		assert.equal(toHex(state.keySchedule.epochAuthenticator), epoch.epoch_authenticator);
	}
	return vector.epochs.length;
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
