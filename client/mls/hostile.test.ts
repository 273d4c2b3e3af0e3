/** Ghosts, a swapped sender, a member who breaks the rules, a server that shows two histories. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Proposal } from "ts-mls";
import { createCommit as createLibraryCommit, joinGroupExternal } from "ts-mls/createCommit.js";
import { createProposal } from "ts-mls/createMessage.js";
import { signKeyPackage } from "ts-mls/keyPackage.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { signLeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { protectProposal } from "ts-mls/messageProtection.js";
import { encryptSenderData } from "ts-mls/privateMessage.js";
import { encodePublic, forgeCommit, keyPackageIn, suite, trusting } from "./_mallory.ts";
import {
	applied,
	bytes,
	DeviceLists,
	engine,
	groupOf,
	joined,
	NO_DATA,
	type Person,
	readText,
	refused,
} from "./_people.ts";
import { createCommit } from "./create-commit.ts";
import { decodeMessage } from "./decoding.ts";
import type { LeafAuthority, MlsGroup } from "./engine.ts";
import { stateOf } from "./group-state.ts";
import { readTree } from "./joining.ts";
import { readSecret } from "./key-packages.ts";
import { ownerOf } from "./leaves.ts";
import { encodeTree } from "./state-codec.ts";
import { clientConfig } from "./suite.ts";

const anyone: LeafAuthority = async () => true;
const UPDATE = { add: [], remove: [], authenticatedData: NO_DATA };

async function withMallory() {
	const lists = new DeviceLists();
	const [alice, bob, mallory] = [await lists.person("alice"), await lists.person("bob"), await lists.person("mallory")];
	const [atAlice, atBob, atMallory] = (await groupOf(lists, alice, bob, mallory)) as [MlsGroup, MlsGroup, MlsGroup];
	return { lists, alice, bob, mallory, atAlice, atBob, atMallory };
}

const remove = (leaf: number): Proposal => ({ proposalType: "remove", remove: { removed: leaf } });
const add = async (person: Person): Promise<Proposal> => ({
	proposalType: "add",
	add: { keyPackage: keyPackageIn((await person.newKeyPackage()).message) },
});

test("alice does not add a device that its account does not list", async () => {
	const { lists, atAlice } = await withMallory();
	const ghost = await lists.person("ghost", { listed: false });
	const { message } = await ghost.newKeyPackage();
	await refused("UnknownDevice", engine.commit(atAlice, { ...UPDATE, add: [message] }, lists.authority));
});

test("nobody accepts a commit that adds a ghost, nor a listed device with another key", async () => {
	const { lists, bob, atAlice, atMallory } = await withMallory();
	const ghost = await lists.person("ghost", { listed: false });
	const impostor = lists.as("impostor", bob.identity, await engine.generateSigningKeys(), false);
	for (const person of [ghost, impostor]) {
		const commit = await forgeCommit(atMallory, { proposals: [remove(1), await add(person)] });
		await refused("UnknownDevice", engine.process(atAlice, commit, lists.authority));
	}
});

test("bob does not join a group with a ghost in it, whoever invites him", async () => {
	const lists = new DeviceLists();
	const [mallory, bob] = [await lists.person("mallory"), await lists.person("bob")];
	const ghost = await lists.person("ghost", { listed: false });
	const start = await engine.createGroup(
		engine.id((await groupOf(lists, mallory))[0] as MlsGroup),
		await mallory.newKeyPackage(),
		mallory.keys,
	);
	const own = await bob.newKeyPackage();
	const commit = await engine.commit(
		start,
		{ ...UPDATE, add: [own.message, (await ghost.newKeyPackage()).message] },
		anyone,
	);
	assert.ok(commit.welcome);
	await refused("UnknownDevice", engine.join(commit.welcome, own.secret, commit.ratchetTree, lists.authority));
	const { secret } = await bob.newKeyPackage();
	await refused("NotForUs", engine.join(commit.welcome, secret, commit.ratchetTree, lists.authority));
	await refused(
		"UnknownDevice",
		engine.joinExternal(commit.groupInfo, commit.ratchetTree, await bob.newKeyPackage(), NO_DATA, lists.authority),
	);
});

test("a stranger who got the GroupInfo from the server is not let in by external commit", async () => {
	const { lists, bob, atAlice, atBob } = await withMallory();
	const update = await engine.commit(atBob, UPDATE, lists.authority);
	const alice = (await applied(lists, atAlice, update.commit)).next;
	const stranger = await lists.person("stranger", { listed: false });
	const impostor = lists.as("bob's impostor", bob.identity, await engine.generateSigningKeys(), false);
	for (const person of [stranger, impostor]) {
		const { groupInfo, ratchetTree } = update;
		const entry = await engine.joinExternal(groupInfo, ratchetTree, await person.newKeyPackage(), NO_DATA, anyone);
		await refused("UnknownDevice", engine.process(alice, entry.commit, lists.authority));
	}
});

test("a failing authority is no refusal of the bytes: the caller sees what failed", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const dan = await lists.person("dan");
	const commit = await engine.commit(atBob, { ...UPDATE, add: [(await dan.newKeyPackage()).message] }, lists.authority);
	const offline = new Error("the device list could not be fetched");
	const failing: LeafAuthority = async () => {
		throw offline;
	};
	await assert.rejects(engine.process(atAlice, commit.commit, failing), offline);
	await applied(lists, atAlice, commit.commit);
});

test("the sender is who encrypted: nobody can say it was another", async () => {
	const { lists, bob, mallory, atAlice, atBob, atMallory } = await withMallory();
	// Mallory knows the epoch's sender data secret, and writes bob's leaf over her own.
	const { message } = await engine.encrypt(atMallory, bytes("bob owes me a hundred"), NO_DATA);
	const { privateMessage } = decodeMessage(message, "mls_private_message");
	const state = stateOf(atMallory);
	for (const leafIndex of [engine.ownLeaf(atBob), 0, 3, 2 ** 31, 2 ** 32 - 1]) {
		const encryptedSenderData = await encryptSenderData(
			state.keySchedule.senderDataSecret,
			{ leafIndex, generation: 0, reuseGuard: randomBytes(4) as never },
			privateMessage,
			privateMessage.ciphertext,
			suite,
		);
		const swapped = encodeMlsMessage({
			version: "mls10",
			wireformat: "mls_private_message",
			privateMessage: { ...privateMessage, encryptedSenderData },
		});
		const code = leafIndex === engine.ownLeaf(atAlice) ? "OwnMessage" : "Undecryptable";
		await refused(code, engine.process(atAlice, swapped, lists.authority));
	}
	const heard = await readText(lists, atAlice, message);
	assert.equal(heard.sender.device, mallory.identity.device);
	assert.notEqual(heard.sender.device, bob.identity.device);
});

test("a message that mallory encrypts with bob's ratchet is refused for want of his signature", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	// All members derive all ratchets: only the signature tells bob's messages from what mallory writes in his name.
	const asBob = {
		...stateOf(atMallory),
		privatePath: { ...stateOf(atMallory).privatePath, leafIndex: engine.ownLeaf(atBob) },
	};
	const { message } = await engine.encrypt(asBob as unknown as MlsGroup, bytes("I am bob"), NO_DATA);
	await refused("Undecryptable", engine.process(atAlice, message, lists.authority));
});

test("what the server changes in the open parts of a message makes it unreadable", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const { message } = await engine.encrypt(atBob, bytes("hello"), bytes("client_seq 7"));
	const { privateMessage } = decodeMessage(message, "mls_private_message");
	const changes = {
		authenticatedData: [bytes("client_seq 8"), "Undecryptable"],
		epoch: [2n, "WrongEpoch"],
		groupId: [randomBytes(16), "WrongEpoch"],
		contentType: ["commit", "InvalidCommit"],
	} as const;
	for (const [field, [value, code]] of Object.entries(changes)) {
		const changed = encodeMlsMessage({
			version: "mls10",
			wireformat: "mls_private_message",
			privateMessage: { ...privateMessage, [field]: value },
		});
		await refused(code, engine.process(atAlice, changed, lists.authority));
	}
});

test("a removal without an UpdatePath is refused: whoever it removes could read on", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const commit = await forgeCommit(atMallory, { proposals: [remove(engine.ownLeaf(atBob))], path: "none" });
	await refused("InvalidCommit", engine.process(atAlice, commit, lists.authority));
	await refused("InvalidCommit", engine.process(atBob, commit, lists.authority));
});

test("an update and an addition without an UpdatePath are refused too", async () => {
	const { lists, atAlice, atMallory } = await withMallory();
	const nothing = await forgeCommit(atMallory, { path: "none" });
	await refused("InvalidCommit", engine.process(atAlice, nothing, lists.authority));
	// This one is valid in RFC 9420, and what ts-mls itself makes of an addition.
	const { commit } = await createLibraryCommit(
		{ state: trusting(atMallory), cipherSuite: suite },
		{ wireAsPublicMessage: true, extraProposals: [await add(await lists.person("dan"))] },
	);
	await refused("InvalidCommit", engine.process(atAlice, encodeMlsMessage(commit), lists.authority));
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
	const state = trusting(atMallory);
	const open = await createProposal(state, true, remove(1), suite);
	await refused("InvalidCommit", engine.process(atAlice, encodeMlsMessage(open.message), lists.authority));
	const { privateMessage } = await protectProposal(
		state.signaturePrivateKey,
		state.keySchedule.senderDataSecret,
		remove(1),
		NO_DATA,
		state.groupContext,
		// The engine keeps no handshake ratchets; any secret will do to be refused.
		state.secretTree.map((node) => ({ ...node, handshake: node.application })),
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
	const { commit } = await createCommit(trusting(atMallory), { ...UPDATE }, crooked);
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
	const { commit } = await createCommit(trusting(atMallory), { ...UPDATE }, crooked);
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

test("bob, whose removal left alice alone, can not follow her into the next epoch", async () => {
	const lists = new DeviceLists();
	const [alice, bob] = [await lists.person("alice"), await lists.person("bob")];
	const [atAlice, atBob] = (await groupOf(lists, alice, bob)) as [MlsGroup, MlsGroup];
	const removal = await engine.commit(atAlice, { ...UPDATE, remove: [engine.ownLeaf(atBob)] }, lists.authority);
	// What bob knows: his epoch's init secret, and everything the server shows. ts-mls would take zeros for the rest.
	const { groupInfo } = decodeMessage(removal.groupInfo, "mls_group_info");
	const zeros = new Uint8Array(suite.kdf.size);
	const guess = await initializeEpoch(
		stateOf(atBob).keySchedule.initSecret,
		zeros,
		groupInfo.groupContext,
		zeros,
		suite.kdf,
	);
	assert.notDeepEqual(guess.keySchedule.epochAuthenticator, engine.epochAuthenticator(removal.next));
});

test("a server that shows two commits makes two groups, whose authenticators differ and which can not talk", async () => {
	const { lists, atAlice, atBob, atMallory } = await withMallory();
	const forAlice = await engine.commit(atMallory, UPDATE, lists.authority);
	const forBob = await engine.commit(atMallory, UPDATE, lists.authority);
	const alice = (await applied(lists, atAlice, forAlice.commit)).next;
	const bob = (await applied(lists, atBob, forBob.commit)).next;
	assert.equal(engine.epoch(alice), engine.epoch(bob));
	assert.notDeepEqual(engine.epochAuthenticator(alice), engine.epochAuthenticator(bob));
	const { message } = await engine.encrypt(alice, bytes("do you hear me?"), NO_DATA);
	await refused("Undecryptable", engine.process(bob, message, lists.authority));
});

test("a Welcome with another tree, an old tree or a changed one is refused", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const dan = await lists.person("dan");
	const own = await dan.newKeyPackage();
	const commit = await engine.commit(atAlice, { ...UPDATE, add: [own.message] }, lists.authority);
	const { welcome } = commit;
	assert.ok(welcome);
	const join = (tree: Uint8Array) => engine.join(welcome, own.secret, tree, lists.authority);
	const other = await engine.commit(atBob, UPDATE, lists.authority);
	const checks = ["Undecryptable", "InvalidCommit"] as const;
	await refused(checks, join(other.ratchetTree));
	await refused(checks, join(encodeTree(stateOf(atBob).ratchetTree)));
	const tree = stateOf(commit.next).ratchetTree;
	const [first, ...rest] = tree;
	assert.ok(first?.nodeType === "leaf");
	const relabelled = { ...first, leaf: { ...first.leaf, hpkePublicKey: randomBytes(1216) } };
	await refused(checks, join(encodeTree([relabelled, ...rest])));
	await joined(lists, commit, own);
});

test("a copied profile repeats a generation, and its readers refuse the second message", async () => {
	const { lists, atAlice, atBob } = await withMallory();
	const before = engine.encodeGroup(atAlice);
	const first = await engine.encrypt(atAlice, bytes("first"), NO_DATA);
	// Encrypting changes nothing in place: the outbox stores `next` with the message, or neither of them.
	assert.deepEqual(engine.encodeGroup(atAlice), before);
	assert.notDeepEqual(engine.encodeGroup(first.next).state, before.state);

	const restored = engine.decodeGroup(before.tree, before.state);
	const second = await engine.encrypt(restored, bytes("second"), NO_DATA);
	const bob = (await readText(lists, atBob, first.message)).next;
	await refused("Undecryptable", engine.process(bob, second.message, lists.authority));
});

test("one message can not keep its readers busy: 100 000 skipped generations take seconds, more are refused", async () => {
	const { lists, atAlice, atMallory } = await withMallory();
	const { message } = await engine.encrypt(atMallory, bytes("x"), NO_DATA);
	const { privateMessage } = decodeMessage(message, "mls_private_message");
	const atGeneration = async (generation: number) =>
		encodeMlsMessage({
			version: "mls10",
			wireformat: "mls_private_message",
			privateMessage: {
				...privateMessage,
				encryptedSenderData: await encryptSenderData(
					stateOf(atMallory).keySchedule.senderDataSecret,
					{ leafIndex: engine.ownLeaf(atMallory), generation, reuseGuard: randomBytes(4) as never },
					privateMessage,
					privateMessage.ciphertext,
					suite,
				),
			},
		});
	const processorMs = async (generation: number) => {
		const before = process.cpuUsage();
		await refused("Undecryptable", engine.process(atAlice, await atGeneration(generation), lists.authority));
		const { user, system } = process.cpuUsage(before);
		return (user + system) / 1000;
	};
	assert.ok((await processorMs(100_000)) < 20_000);
	assert.ok((await processorMs(100_001)) < 500);
	assert.ok((await processorMs(2 ** 32 - 1)) < 500);
});
