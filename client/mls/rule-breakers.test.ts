/** Mallory is a member, and her commits break the rules. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Proposal } from "ts-mls";
import { createCommit as createLibraryCommit, joinGroupExternal } from "ts-mls/createCommit.js";
import { createProposal } from "ts-mls/createMessage.js";
import { decodeGroupSecrets, encodeGroupSecrets } from "ts-mls/groupSecrets.js";
import { signKeyPackage } from "ts-mls/keyPackage.js";
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { protectProposal } from "ts-mls/messageProtection.js";
import { encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import {
	add,
	encodePublic,
	forgeCommit,
	keyPackageIn,
	remove,
	suite,
	trusting,
	UPDATE,
	withMallory,
} from "./_mallory.ts";
import { applied, bytes, engine, NO_DATA, type Person, refused } from "./_people.ts";
import { createCommit } from "./create-commit.ts";
import { decodeMessage } from "./decoding.ts";
import type { MlsGroup } from "./engine.ts";
import { stateOf, withoutMessageSecrets } from "./group-state.ts";
import { readTree } from "./joining.ts";
import { readSecret } from "./key-packages.ts";
import { ownerOf } from "./leaves.ts";
import { clientConfig } from "./suite.ts";

test("a removal without an UpdatePath is refused: whoever it removes could read on", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const commit = await forgeCommit(atMallory, { proposals: [remove(engine.ownLeaf(atBob))], path: "none" });
	await refused("InvalidCommit", engine.process(atAlice, commit, lists.authority));
	await refused("InvalidCommit", engine.process(atBob, commit, lists.authority));
});

test("an update without an UpdatePath is refused too, an addition is not", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const nothing = await forgeCommit(atMallory, { path: "none" });
	await refused("InvalidCommit", engine.process(atAlice, nothing, lists.authority));
	const [gone, dan] = [remove(engine.ownLeaf(atBob)), await add(await lists.person("dan"))];
	const both = await forgeCommit(atMallory, { proposals: [gone, dan], path: "none" });
	await refused("InvalidCommit", engine.process(atAlice, both, lists.authority));
	// What ts-mls itself makes of an addition.
	const { commit } = await createLibraryCommit(
		{ state: withoutMessageSecrets(trusting(atMallory)), cipherSuite: suite },
		{ wireAsPublicMessage: true, extraProposals: [dan] },
	);
	const { added } = await applied(lists, atAlice, encodeMlsMessage(commit));
	assert.equal(added.length, 1);
});

test("commits of other kinds than Add and Remove by value are refused", async () => {
	const { lists, alice, atAlice, atMallory } = await withMallory();
	const psk: Proposal = {
		proposalType: "psk",
		psk: { preSharedKeyId: { psktype: "external", pskId: bytes("x"), pskNonce: randomBytes(64) } },
	};
	const reinit: Proposal = {
		proposalType: "reinit",
		reinit: { groupId: randomBytes(16), version: "mls10", cipherSuite: suite.name, extensions: [] },
	};
	const extensions: Proposal = { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } };
	const init: Proposal = { proposalType: "external_init", externalInit: { kemOutput: randomBytes(1120) } };
	const custom: Proposal = { proposalType: 0xf001, proposalData: bytes("anything") };
	for (const proposal of [psk, reinit, extensions, init, custom]) {
		const commit = await forgeCommit(atMallory, { listed: [{ proposalOrRefType: "proposal", proposal }] });
		await refused("InvalidCommit", engine.process(atAlice, commit, lists.authority));
	}
	const reference = await forgeCommit(atMallory, {
		listed: [{ proposalOrRefType: "reference", reference: randomBytes(64) }],
	});
	await refused("InvalidCommit", engine.process(atAlice, reference, lists.authority));
	const twice = await forgeCommit(atMallory, {
		listed: [remove(1), remove(1)].map((proposal) => ({ proposalOrRefType: "proposal", proposal })),
	});
	await refused("InvalidCommit", engine.process(atAlice, twice, lists.authority));
	for (const leaf of [2, 3, 7, 2 ** 32 - 1]) {
		const commit = await forgeCommit(atMallory, {
			listed: [{ proposalOrRefType: "proposal", proposal: remove(leaf) }],
		});
		await refused("InvalidCommit", engine.process(atAlice, commit, lists.authority));
	}
	const again = await forgeCommit(atMallory, {
		listed: [{ proposalOrRefType: "proposal", proposal: await add(alice) }],
	});
	await refused("InvalidCommit", engine.process(atAlice, again, lists.authority));
	await refused(
		"InvalidCommit",
		engine.commit(atAlice, { ...UPDATE, add: [(await alice.newKeyPackage()).message] }, lists.authority),
	);
	await refused("InvalidCommit", engine.commit(atAlice, { ...UPDATE, remove: [0] }, lists.authority));
	await refused("InvalidCommit", engine.commit(atAlice, { ...UPDATE, remove: [9] }, lists.authority));
});

test("encrypted commits, encrypted proposals and open proposals are refused", async () => {
	const { lists, atAlice, atMallory } = await withMallory();
	const state = withoutMessageSecrets(trusting(atMallory));
	const open = await createProposal(state, true, remove(1), suite);
	await refused("InvalidCommit", engine.process(atAlice, encodeMlsMessage(open.message), lists.authority));
	const { privateMessage } = await protectProposal(
		state.signaturePrivateKey,
		state.keySchedule.senderDataSecret,
		remove(1),
		NO_DATA,
		state.groupContext,
		// The engine keeps no handshake ratchets; any secret will do to be refused.
		await createSecretTree(4, randomBytes(suite.kdf.size), suite.kdf),
		state.privatePath.leafIndex,
		state.clientConfig.paddingConfig,
		suite,
	);
	for (const contentType of ["proposal", "commit"] as const) {
		const message = encodeMlsMessage({
			version: "mls10",
			wireformat: "mls_private_message",
			privateMessage: { ...privateMessage, contentType },
		});
		await refused("InvalidCommit", engine.process(atAlice, message, lists.authority));
	}
});

test("a commit for another epoch, another group or by nobody is refused", async () => {
	const { lists, atAlice, atMallory } = await withMallory();
	const cases = [
		[{ epoch: 0n }, "WrongEpoch"],
		[{ epoch: 2n }, "WrongEpoch"],
		[{ groupId: randomBytes(16) }, "WrongEpoch"],
		[{ sender: { senderType: "member", leafIndex: 3 } }, "InvalidCommit"],
		[{ sender: { senderType: "member", leafIndex: 2 ** 32 - 1 } }, "InvalidCommit"],
		[{ sender: { senderType: "external", senderIndex: 0 } }, "InvalidCommit"],
		[{ sender: { senderType: "new_member_proposal" } }, "InvalidCommit"],
		[{ sender: { senderType: "new_member_commit" } }, "InvalidCommit"],
	] as const;
	for (const [forgery, code] of cases) {
		const commit = await forgeCommit(atMallory, forgery);
		await refused(code, engine.process(atAlice, commit, lists.authority));
	}
});

test("mallory can not commit in bob's name, and a server not in anybody's", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const inHisName = await forgeCommit(atMallory, {
		sender: { senderType: "member", leafIndex: engine.ownLeaf(atBob) },
		path: (path) => ({ ...path, leafNode: { ...path.leafNode, ...leafOwner(atBob, engine.ownLeaf(atBob)) } }),
	});
	await refused("Undecryptable", engine.process(atAlice, inHisName, lists.authority));
	const honest = await engine.commit(atBob, UPDATE, lists.authority);
	const { publicMessage } = decodeMessage(honest.commit, "mls_public_message");
	const changed = encodeMlsMessage({
		version: "mls10",
		wireformat: "mls_public_message",
		publicMessage: { ...publicMessage, content: { ...publicMessage.content, authenticatedData: bytes("more") } },
	});
	await refused("Undecryptable", engine.process(atAlice, changed, lists.authority));
});

function leafOwner(group: MlsGroup, leaf: number) {
	const node = stateOf(group).ratchetTree[2 * leaf];
	assert.ok(node?.nodeType === "leaf");
	return { credential: node.leaf.credential, signaturePublicKey: node.leaf.signaturePublicKey };
}

test("a committer can not become someone else on the way", async () => {
	const { lists, atAlice, atMallory } = await withMallory();
	const other = await lists.person("mallory's other device");
	const { leafNode } = keyPackageIn((await other.newKeyPackage()).message);
	const commit = await forgeCommit(atMallory, {
		path: (path) => ({
			...path,
			leafNode: {
				...path.leafNode,
				credential: leafNode.credential,
				signaturePublicKey: leafNode.signaturePublicKey,
			},
		}),
	});
	await refused("InvalidCommit", engine.process(atAlice, commit, lists.authority));
});

test("a path with a key that its readers can not use is refused, before it breaks the group", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	let derived = 0;
	const crooked = {
		...suite,
		hpke: {
			...suite.hpke,
			// The first pair is the leaf's; of the nodes above, a wrong public key is published.
			deriveKeyPair: async (seed: Uint8Array) => {
				const pair = await suite.hpke.deriveKeyPair(seed);
				derived += 1;
				return derived === 1 ? pair : { ...pair, publicKey: (await suite.hpke.generateKeyPair()).publicKey };
			},
		},
	};
	const { commit } = await createCommit(trusting(atMallory), { ...UPDATE, pathReaders: 0 }, crooked);
	const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage: commit });
	for (const group of [atAlice, atBob]) {
		await refused("InvalidCommit", engine.process(group, message, lists.authority));
	}
});

test("a committer can not take another member's encryption key for its own leaf", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const bobsLeaf = stateOf(atBob).ratchetTree[2 * engine.ownLeaf(atBob)];
	assert.ok(bobsLeaf?.nodeType === "leaf");
	const bobsKey = await suite.hpke.importPublicKey(bobsLeaf.leaf.hpkePublicKey);
	let derived = 0;
	const crooked = {
		...suite,
		hpke: {
			...suite.hpke,
			deriveKeyPair: async (seed: Uint8Array) => {
				const pair = await suite.hpke.deriveKeyPair(seed);
				derived += 1;
				return derived === 1 ? { ...pair, publicKey: bobsKey } : pair;
			},
		},
	};
	const { commit } = await createCommit(trusting(atMallory), { ...UPDATE, pathReaders: 0 }, crooked);
	await refused("InvalidCommit", engine.process(atAlice, encodePublic(commit), lists.authority));
});

test("an external commit removes its device's former leaf and nobody else's", async () => {
	const { lists, bob, mallory, atAlice, atBob } = await withMallory();
	const tablet = await lists.person("mallory's tablet");
	const update = await engine.commit(atBob, UPDATE, lists.authority);
	const alice = (await applied(lists, atAlice, update.commit)).next;
	/** Signed and sealed as it should be, with a removal of whoever mallory likes. */
	const enter = async (person: Person, removing: Person | undefined) => {
		const { keyPackage, privateKeys } = readSecret((await person.newKeyPackage()).secret);
		const { publicMessage } = await joinGroupExternal(
			decodeMessage(update.groupInfo, "mls_group_info").groupInfo,
			keyPackage,
			privateKeys,
			removing !== undefined,
			suite,
			readTree(update.ratchetTree),
			{
				...clientConfig({ validateCredential: async () => true }),
				keyPackageEqualityConfig: {
					compareKeyPackages: () => false,
					compareKeyPackageToLeafNode: (_, leaf) => ownerOf(leaf).device === removing?.identity.device,
				},
			},
		);
		return encodePublic(publicMessage);
	};
	await refused("InvalidCommit", engine.process(alice, await enter(tablet, bob), lists.authority));
	await refused("InvalidCommit", engine.process(alice, await enter(mallory, bob), lists.authority));
	await refused("InvalidCommit", engine.process(alice, await enter(mallory, undefined), lists.authority));
	await applied(lists, alice, await enter(mallory, mallory));
	await applied(lists, alice, await enter(tablet, undefined));
});

test("a leaf with an encryption key that is in the group already is refused", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const dan = await lists.person("dan");
	const { keyPackage } = readSecret((await dan.newKeyPackage()).secret);
	const bobsLeaf = stateOf(atBob).ratchetTree[2 * engine.ownLeaf(atBob)];
	assert.ok(bobsLeaf?.nodeType === "leaf");
	const { hpkePublicKey } = bobsLeaf.leaf;
	const leafNode = await signLeafNodeKeyPackage(
		{ ...keyPackage.leafNode, hpkePublicKey },
		dan.keys.privateKey,
		suite.signature,
	);
	const doubled = await signKeyPackage({ ...keyPackage, leafNode }, dan.keys.privateKey, suite.signature);
	const commit = await forgeCommit(atMallory, { proposals: [{ proposalType: "add", add: { keyPackage: doubled } }] });
	await refused("InvalidCommit", engine.process(atAlice, commit, lists.authority));
});

test("whoever is added with a path is given its secret, or does not come in: the next commit would lose them", async () => {
	const { lists, atMallory } = await withMallory();
	const dan = await (await lists.person("dan")).newKeyPackage();
	const { keyPackage } = readSecret(dan.secret);
	const silent = {
		...suite,
		hpke: {
			...suite.hpke,
			seal: async (...[key, plaintext, info, data]: Parameters<typeof suite.hpke.seal>) => {
				const forNewcomer = Buffer.from(info).includes("MLS 1.0 Welcome");
				const secrets = forNewcomer ? decodeGroupSecrets(plaintext, 0)?.[0] : undefined;
				const said = secrets === undefined ? plaintext : encodeGroupSecrets({ ...secrets, pathSecret: undefined });
				return suite.hpke.seal(key, said, info, data);
			},
		},
	};
	const change = { ...UPDATE, add: [keyPackage], pathReaders: 64 };
	const welcomed = async (impl: typeof suite) => {
		const { state, welcome } = await createCommit(trusting(atMallory), change, impl);
		assert.ok(welcome);
		const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome });
		return engine.join(message, dan.secret, encodeRatchetTree(state.ratchetTree), lists.authority);
	};
	await refused("InvalidCommit", welcomed(silent));
	assert.equal(engine.members(await welcomed(suite)).length, 4);
});
