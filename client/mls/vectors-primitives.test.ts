/** Official vectors of the primitives, the key schedule, message protection and the Welcome, through our provider. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { GroupContext } from "ts-mls";
import { decodeCommit, encodeCommit } from "ts-mls/commit.js";
import { getCiphersuiteFromId } from "ts-mls/crypto/ciphersuite.js";
import { refhash } from "ts-mls/crypto/hash.js";
import { decryptWithLabel, encryptWithLabel } from "ts-mls/crypto/hpke.js";
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "ts-mls/crypto/kdf.js";
import { signWithLabel, verifyWithLabel } from "ts-mls/crypto/signature.js";
import { encodeGroupContext, extractJoinerSecret } from "ts-mls/groupContext.js";
import { extractWelcomeSecret, verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { deriveKeySchedule, mlsExporter } from "ts-mls/keySchedule.js";
import { decodeMlsMessage } from "ts-mls/message.js";
import { protectApplicationData, unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { encodeProposal } from "ts-mls/proposal.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";
import { hex, readVectors, SKIP, suiteOf, toHex } from "./_vectors.ts";
import { openMessage, readSender } from "./private-message.ts";
import { secretTreeOf } from "./secret-tree.ts";

interface CryptoBasics {
	readonly cipher_suite: number;
	readonly ref_hash: { readonly label: string; readonly value: string; readonly out: string };
	readonly expand_with_label: {
		readonly secret: string;
		readonly label: string;
		readonly context: string;
		readonly length: number;
		readonly out: string;
	};
	readonly derive_secret: { readonly secret: string; readonly label: string; readonly out: string };
	readonly derive_tree_secret: {
		readonly secret: string;
		readonly label: string;
		readonly generation: number;
		readonly length: number;
		readonly out: string;
	};
	readonly sign_with_label: {
		readonly priv: string;
		readonly pub: string;
		readonly content: string;
		readonly label: string;
		readonly signature: string;
	};
	readonly encrypt_with_label: {
		readonly priv: string;
		readonly pub: string;
		readonly label: string;
		readonly context: string;
		readonly plaintext: string;
		readonly kem_output: string;
		readonly ciphertext: string;
	};
}

/** One test per suite; the file has all seven, and the provider has them too. */
function forEachSuite<T extends { cipher_suite: number }>(file: string, check: (vector: T) => Promise<void>): void {
	suite(file, { skip: SKIP }, () => {
		if (SKIP) return;
		const vectors = readVectors<T>(file);
		test("all seven suites of RFC 9420 are there", () => {
			assert.deepEqual(
				vectors.map((vector) => vector.cipher_suite),
				[1, 2, 3, 4, 5, 6, 7],
			);
		});
		for (const vector of vectors) {
			test(getCiphersuiteFromId(vector.cipher_suite as 1).name, () => check(vector));
		}
	});
}

forEachSuite<CryptoBasics>("crypto-basics.json", async (vector) => {
	const { hash, kdf, signature, hpke } = await suiteOf(vector.cipher_suite);
	const { ref_hash, expand_with_label, derive_secret, derive_tree_secret, sign_with_label, encrypt_with_label } =
		vector;
	assert.equal(toHex(await refhash(ref_hash.label, hex(ref_hash.value), hash)), ref_hash.out);
	const { secret, label, context, length, out } = expand_with_label;
	assert.equal(toHex(await expandWithLabel(hex(secret), label, hex(context), length, kdf)), out);
	assert.equal(toHex(await deriveSecret(hex(derive_secret.secret), derive_secret.label, kdf)), derive_secret.out);
	const tree = derive_tree_secret;
	assert.equal(
		toHex(await deriveTreeSecret(hex(tree.secret), tree.label, tree.generation, tree.length, kdf)),
		tree.out,
	);

	const signed = sign_with_label;
	const verified = (made: Uint8Array, content: string) =>
		verifyWithLabel(hex(signed.pub), signed.label, hex(content), made, signature);
	assert.ok(await verified(hex(signed.signature), signed.content));
	assert.ok(
		await verified(await signWithLabel(hex(signed.priv), signed.label, hex(signed.content), signature), signed.content),
	);
	assert.equal(await verified(hex(signed.signature), `${signed.content}00`), false);

	const sealed = encrypt_with_label;
	const opened = async (kemOutput: Uint8Array, ciphertext: Uint8Array) =>
		toHex(
			await decryptWithLabel(
				await hpke.importPrivateKey(hex(sealed.priv)),
				sealed.label,
				hex(sealed.context),
				kemOutput,
				ciphertext,
				hpke,
			),
		);
	assert.equal(await opened(hex(sealed.kem_output), hex(sealed.ciphertext)), sealed.plaintext);
	const again = await encryptWithLabel(
		await hpke.importPublicKey(hex(sealed.pub)),
		sealed.label,
		hex(sealed.context),
		hex(sealed.plaintext),
		hpke,
	);
	assert.equal(await opened(again.enc, again.ct), sealed.plaintext);
});

interface KeyScheduleVector {
	readonly cipher_suite: number;
	readonly group_id: string;
	readonly initial_init_secret: string;
	readonly epochs: readonly (Readonly<Record<string, string>> & {
		readonly exporter: {
			readonly label: string;
			readonly context: string;
			readonly length: number;
			readonly secret: string;
		};
	})[];
}

function contextOf(number: number, groupId: string, epoch: number, treeHash: string, transcript: string): GroupContext {
	return {
		version: "mls10",
		cipherSuite: getCiphersuiteFromId(number as 1).name,
		groupId: hex(groupId),
		epoch: BigInt(epoch),
		treeHash: hex(treeHash),
		confirmedTranscriptHash: hex(transcript),
		extensions: [],
	};
}

forEachSuite<KeyScheduleVector>("key-schedule.json", async (vector) => {
	const impl = await suiteOf(vector.cipher_suite);
	let initSecret = hex(vector.initial_init_secret);
	for (const [number, epoch] of vector.epochs.entries()) {
		const context = contextOf(
			vector.cipher_suite,
			vector.group_id,
			number,
			epoch["tree_hash"] ?? "",
			epoch["confirmed_transcript_hash"] ?? "",
		);
		assert.equal(toHex(encodeGroupContext(context)), epoch["group_context"]);
		const psk = hex(epoch["psk_secret"] ?? "");
		const joiner = await extractJoinerSecret(context, initSecret, hex(epoch["commit_secret"] ?? ""), impl.kdf);
		const [keys, encryptionSecret] = await deriveKeySchedule(joiner, psk, context, impl.kdf);
		const externalKeys = await impl.hpke.deriveKeyPair(keys.externalSecret);
		const computed = {
			joiner_secret: joiner,
			welcome_secret: await extractWelcomeSecret(joiner, psk, impl.kdf),
			init_secret: keys.initSecret,
			sender_data_secret: keys.senderDataSecret,
			encryption_secret: encryptionSecret,
			exporter_secret: keys.exporterSecret,
			external_secret: keys.externalSecret,
			confirmation_key: keys.confirmationKey,
			membership_key: keys.membershipKey,
			resumption_psk: keys.resumptionPsk,
			epoch_authenticator: keys.epochAuthenticator,
			external_pub: await impl.hpke.exportPublicKey(externalKeys.publicKey),
		};
		for (const [name, secret] of Object.entries(computed)) assert.equal(toHex(secret), epoch[name], name);
		const { label, context: exporterContext, length, secret } = epoch.exporter;
		assert.equal(toHex(await mlsExporter(keys.exporterSecret, label, hex(exporterContext), length, impl)), secret);
		initSecret = keys.initSecret;
	}
});

interface MessageProtection extends Readonly<Record<string, string | number>> {
	readonly cipher_suite: number;
	readonly epoch: number;
}

const RETENTION = { retainKeysForGenerations: 10, retainKeysForEpochs: 4, maximumForwardRatchetSteps: 200 };

forEachSuite<MessageProtection>("message-protection.json", async (vector) => {
	const field = (name: string) => hex(String(vector[name]));
	const impl = await suiteOf(vector.cipher_suite);
	const context = contextOf(
		vector.cipher_suite,
		String(vector["group_id"]),
		vector.epoch,
		String(vector["tree_hash"]),
		String(vector["confirmed_transcript_hash"]),
	);
	// The tree only has to have a leaf where the sender is; its key is given separately.
	const signer = field("signature_pub");
	const leaf = { nodeType: "leaf", leaf: { signaturePublicKey: signer } } as never;
	const secretTree = await createSecretTree(2, field("encryption_secret"), impl.kdf);
	const read = async (message: Uint8Array) => {
		const decoded = decodeMlsMessage(message, 0)?.[0];
		if (decoded?.wireformat === "mls_public_message") {
			const { content } = await unprotectPublicMessage(
				field("membership_key"),
				context,
				[leaf, undefined, leaf],
				decoded.publicMessage,
				impl,
				signer,
			);
			return content;
		}
		assert.ok(decoded?.wireformat === "mls_private_message");
		const { content } = await unprotectPrivateMessage(
			field("sender_data_secret"),
			decoded.privateMessage,
			secretTree,
			[leaf, undefined, leaf],
			context,
			RETENTION,
			impl,
			signer,
		);
		return content.content;
	};
	for (const name of ["proposal_pub", "proposal_priv"]) {
		const content = await read(field(name));
		assert.ok(content.contentType === "proposal");
		assert.equal(toHex(encodeProposal(content.proposal)), vector["proposal"]);
	}
	for (const name of ["commit_pub", "commit_priv"]) {
		const content = await read(field(name));
		assert.ok(content.contentType === "commit");
		assert.equal(toHex(encodeCommit(content.commit)), vector["commit"]);
		assert.ok(decodeCommit(field("commit"), 0));
	}
	const application = await read(field("application_priv"));
	assert.ok(application.contentType === "application");
	assert.equal(toHex(application.applicationData), vector["application"]);

	// The same through our own reading of messages.
	const keys = {
		senderDataSecret: field("sender_data_secret"),
		secretTree: secretTreeOf(2, field("encryption_secret")),
		ratchetTree: [leaf, undefined, leaf],
		groupContext: context,
	};
	const message = decodeMlsMessage(field("application_priv"), 0)?.[0];
	assert.ok(message?.wireformat === "mls_private_message");
	const sender = await readSender(keys, message.privateMessage, impl);
	assert.equal(sender.leafIndex, 1);
	const opened = await openMessage(keys, message.privateMessage, sender, impl);
	assert.equal(toHex(opened.plaintext), vector["application"]);

	const own = await protectApplicationData(
		field("signature_priv"),
		field("sender_data_secret"),
		field("application"),
		new Uint8Array(0),
		context,
		secretTree,
		1,
		{ kind: "padUntilLength", padUntilLength: 0 },
		impl,
	);
	const back = await unprotectPrivateMessage(
		field("sender_data_secret"),
		own.privateMessage,
		secretTree,
		[leaf, undefined, leaf],
		context,
		RETENTION,
		impl,
		signer,
	);
	assert.ok(back.content.content.contentType === "application");
	assert.equal(toHex(back.content.content.applicationData), vector["application"]);
});

interface WelcomeVector {
	readonly cipher_suite: number;
	readonly init_priv: string;
	readonly key_package: string;
	readonly signer_pub: string;
	readonly welcome: string;
}

forEachSuite<WelcomeVector>("welcome.json", async (vector) => {
	const impl = await suiteOf(vector.cipher_suite);
	const keyPackage = decodeMlsMessage(hex(vector.key_package), 0)?.[0];
	const message = decodeMlsMessage(hex(vector.welcome), 0)?.[0];
	assert.ok(keyPackage?.wireformat === "mls_key_package" && message?.wireformat === "mls_welcome");
	const initKey = await impl.hpke.importPrivateKey(hex(vector.init_priv));
	const ref = await makeKeyPackageRef(keyPackage.keyPackage, impl.hash);
	const secrets = await decryptGroupSecrets(initKey, ref, message.welcome, impl.hpke);
	assert.ok(secrets);
	const noPsk = new Uint8Array(impl.kdf.size);
	const groupInfo = await decryptGroupInfo(message.welcome, secrets.joinerSecret, noPsk, impl);
	assert.ok(groupInfo);
	assert.ok(await verifyGroupInfoSignature(groupInfo, hex(vector.signer_pub), impl.signature));
	assert.ok(await verifyGroupInfoConfirmationTag(groupInfo, secrets.joinerSecret, noPsk, impl));
});
