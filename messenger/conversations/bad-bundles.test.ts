/** Bundles that do not hold together, and those that were made not to by a member who signs what she says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CommitBundle, isRefusal } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import { StoreError } from "@troth/storage";
import fc from "fast-check";
import type { FramedContentCommit } from "ts-mls/framedContent.js";
import type { Proposal } from "ts-mls/proposal.js";
import { TestWorld } from "../delivery/_world.ts";
import { decode, encode, type Forgery, forge } from "./_forgery.ts";
import { bundleOf, mlsDeviceOf, randomChat, refused, type Scene, scene } from "./_members.ts";

const byValue = (proposal: Proposal) => ({ proposalOrRefType: "proposal" as const, proposal });

function withProposals(content: FramedContentCommit, ...more: Proposal[]): FramedContentCommit {
	const proposals = [...content.commit.proposals, ...more.map(byValue)];
	return { ...content, commit: { ...content.commit, proposals } };
}

/** The commit with a part of its content changed, which nobody signs. */
function changed({ made }: Pick<Scene, "made">, change: (content: FramedContentCommit) => object) {
	const message = decode(made.commit, "mls_public_message");
	const content = change(message.publicMessage.content as FramedContentCommit);
	return { commit: encode({ ...message, publicMessage: { ...message.publicMessage, content } as never }) };
}

function proposing(scene: Scene, ...more: Proposal[]) {
	return changed(scene, (content) => withProposals(content, ...more));
}

const flipped = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1);
const NONE = new Uint8Array(0);
const followed = (bytes: Uint8Array) => new Uint8Array([...bytes, 0]);

type Change = (bundle: CommitBundle, scene: Scene) => Partial<CommitBundle> | Promise<Partial<CommitBundle>>;

const BAD: readonly (readonly [what: string, message: RegExp, change: Change])[] = [
	["no commit", /commit does not decode/, () => ({ commit: NONE })],
	["bytes behind the commit", /commit does not decode/, ({ commit }) => ({ commit: followed(commit) })],
	["a commit cut off", /commit does not decode/, ({ commit }) => ({ commit: commit.slice(0, -10) })],
	["a Welcome for a commit", /another kind of message/, ({ welcome }) => ({ commit: welcome })],
	["no GroupInfo", /GroupInfo does not decode/, () => ({ groupInfo: NONE })],
	["a commit for a GroupInfo", /another kind of message/, ({ commit }) => ({ groupInfo: commit })],
	["the GroupInfo of before", /tree_hash/, (_, { before }) => ({ groupInfo: before })],
	["no tree", /ratchet tree is not/, () => ({ ratchetTree: NONE })],
	["bytes behind the tree", /ratchet tree is not/, ({ ratchetTree }) => ({ ratchetTree: followed(ratchetTree) })],
	["no Welcome", /Welcome belongs/, () => ({ welcome: NONE })],
	[
		"a Welcome of another commit",
		/Welcome is for others/,
		async (_, { alice, bob, chat }) => {
			const other = await alice.make(chat, { add: [await mlsDeviceOf(alice.world, bob.person)] });
			return { welcome: new Uint8Array(other.welcome ?? NONE) };
		},
	],
	["a commit that authenticates another number", /another number/, () => ({ clientSeq: 3 })],
	[
		"a commit for another group",
		/another group/,
		(_, scene) => changed(scene, (content) => ({ ...content, groupId: new Uint8Array(16) })),
	],
	[
		"a removal without an UpdatePath",
		/no UpdatePath and does more than add/,
		(_, scene) =>
			changed(scene, (content) => {
				const { commit } = withProposals(content, { proposalType: "remove", remove: { removed: 1 } });
				return { ...content, commit: { ...commit, path: undefined } };
			}),
	],
	[
		"an addition whose UpdatePath was taken away",
		/ratchet tree is not/,
		(_, scene) => changed(scene, (content) => ({ ...content, commit: { ...content.commit, path: undefined } })),
	],
	[
		"a proposal by reference",
		/by reference/,
		(_, scene) =>
			changed(scene, (content) => {
				const proposals = [{ proposalOrRefType: "reference", reference: new Uint8Array(64) }];
				return { ...content, commit: { ...content.commit, proposals } };
			}),
	],
	[
		"new group extensions",
		/neither an add nor a remove/,
		(_, scene) =>
			proposing(scene, { proposalType: "group_context_extensions", groupContextExtensions: { extensions: [] } }),
	],
	[
		"a pre-shared key",
		/neither an add nor a remove/,
		(_, scene) => {
			const preSharedKeyId = { psktype: "external", pskId: new Uint8Array(4), pskNonce: new Uint8Array(64) } as const;
			return proposing(scene, { proposalType: "psk", psk: { preSharedKeyId } });
		},
	],
	[
		"an external init by a member",
		/external init/,
		(_, scene) => proposing(scene, { proposalType: "external_init", externalInit: { kemOutput: new Uint8Array(9) } }),
	],
	[
		"a leaf removed twice",
		/removed twice/,
		(_, scene) => {
			const remove: Proposal = { proposalType: "remove", remove: { removed: 1 } };
			return proposing(scene, remove, remove);
		},
	],
	[
		"a commit of another sender's leaf",
		/another leaf/,
		(_, scene) => changed(scene, (content) => ({ ...content, sender: { senderType: "member", leafIndex: 1 } })),
	],
	[
		"a commit with a wrong signature",
		/signature does not verify/,
		(_, { made }) => {
			const message = decode(made.commit, "mls_public_message");
			const auth = { ...message.publicMessage.auth, signature: flipped(message.publicMessage.auth.signature) };
			return { commit: encode({ ...message, publicMessage: { ...message.publicMessage, auth } as never }) };
		},
	],
	[
		"a GroupInfo with a wrong signature",
		/GroupInfo's signature/,
		(_, { made }) => {
			const message = decode(made.groupInfo, "mls_group_info");
			const groupInfo = { ...message.groupInfo, signature: flipped(message.groupInfo.signature) };
			return { groupInfo: encode({ ...message, groupInfo }) };
		},
	],
];

test("every bundle that does not hold together is refused with what was compared, and changes nothing", async (t) => {
	await using world = await TestWorld.open();
	const here = await scene(world);
	for (const [what, message, change] of BAD) {
		await t.test(what, async () => {
			const bundle = bundleOf(here.made, 2);
			Object.assign(bundle, await change(bundle, here));
			await refused("COMMIT_INVALID", here.alice.send(here.chat, bundle), message);
		});
	}
	const record = await world.logs.load(here.chat);
	assert.deepEqual([record?.head, record?.group?.epoch, record?.subscriptions.length], [1, 1, 2]);
	assert.equal((await here.alice.send(here.chat, bundleOf(here.made, 2))).seq, 2);
});

test("what a member signs although it is wrong is refused too", async (t) => {
	await using world = await TestWorld.open();
	const here = await scene(world);
	const { alice, chat, before, made } = here;
	const path = (change: (path: NonNullable<FramedContentCommit["commit"]["path"]>) => object): Forgery => ({
		content: (content) => {
			assert.ok(content.commit.path);
			const changed = { ...content.commit.path, ...change(content.commit.path) };
			return { ...content, commit: { ...content.commit, path: changed } };
		},
	});
	const groupInfo = (change: Forgery["groupInfo"]): Forgery => ({ ...(change && { groupInfo: change }) });
	const forgeries: readonly (readonly [string, RegExp, Forgery])[] = [
		["a path that is too short", /path has the wrong length/, path(({ nodes }) => ({ nodes: nodes.slice(1) }))],
		[
			"a path that leaves a reader out",
			/wrong members/,
			path(({ nodes }) => ({ nodes: nodes.map((node) => ({ ...node, encryptedPathSecret: [] })) })),
		],
		[
			"a leaf that is suddenly another's",
			/changes whose leaf/,
			path(({ leafNode }) => ({ leafNode: { ...leafNode, signaturePublicKey: here.bob.keys.publicKey } })),
		],
		[
			"a new leaf that is not signed",
			/can not be applied|signature does not verify/,
			path(({ leafNode }) => ({
				leafNode: { ...leafNode, hpkePublicKey: flipped(leafNode.hpkePublicKey) },
			})),
		],
		[
			"a removal of nobody",
			/no member at a leaf/,
			{ content: (content) => withProposals(content, { proposalType: "remove", remove: { removed: 40 } }) },
		],
		[
			"a removal of oneself",
			/removes itself|can not be applied|path/,
			{ content: (content) => withProposals(content, { proposalType: "remove", remove: { removed: 0 } }) },
		],
		[
			"a tree with another's key changed",
			/ratchet tree is not/,
			{
				tree: (tree) =>
					tree.map((node, index) =>
						index === 2 && node?.nodeType === "leaf"
							? { ...node, leaf: { ...node.leaf, hpkePublicKey: flipped(node.leaf.hpkePublicKey) } }
							: node,
					),
			},
		],
		[
			"a GroupInfo of a later epoch",
			/epoch that the commit leads to/,
			groupInfo((info) => ({ ...info, groupContext: { ...info.groupContext, epoch: 3n } })),
		],
		[
			"a GroupInfo with another history",
			/epoch that the commit leads to/,
			groupInfo((info) => ({
				...info,
				groupContext: { ...info.groupContext, confirmedTranscriptHash: new Uint8Array(64) },
			})),
		],
		[
			"a GroupInfo with extensions in the group",
			/group has extensions/,
			groupInfo((info) => ({
				...info,
				groupContext: {
					...info.groupContext,
					extensions: [{ extensionType: "external_senders", extensionData: new Uint8Array(3) }],
				},
			})),
		],
		[
			"a GroupInfo with another tag",
			/confirmation tag/,
			groupInfo((info) => ({ ...info, confirmationTag: new Uint8Array(64) })),
		],
		["a GroupInfo without external_pub", /external_pub/, groupInfo((info) => ({ ...info, extensions: [] }))],
		[
			"a GroupInfo with the tree in it",
			/external_pub and nothing else/,
			groupInfo((info) => ({
				...info,
				extensions: [...info.extensions, { extensionType: "ratchet_tree", extensionData: new Uint8Array(3) }],
			})),
		],
		["a GroupInfo in another's name", /signed by another/, groupInfo((info) => ({ ...info, signer: 1 }))],
	];
	for (const [what, message, forgery] of forgeries) {
		await t.test(what, async () => {
			const bundle = await forge(alice, before, made, 2, forgery);
			await refused("COMMIT_INVALID", alice.send(chat, bundle), message);
		});
	}
	// The forger's tools alone do no harm: without a change the commit is as good as the honest one.
	assert.equal((await alice.send(chat, await forge(alice, before, made, 2, {}))).seq, 2);
});

test("whatever bytes come as a bundle: a refusal with a code, and nothing broken", async () => {
	let checked = 0;
	await using world = await TestWorld.open({
		// What passes every check is not stored either, so that each round begins where the first did.
		wrapLogs: (logs) =>
			new Proxy(logs, {
				get(target, name) {
					const value = Reflect.get(target, name);
					if (name !== "write") return typeof value === "function" ? value.bind(target) : value;
					return async (steps: Parameters<typeof logs.write>[0]) => {
						if (!steps.some(({ kind }) => kind === "epoch")) return target.write(steps);
						checked++;
						throw new StoreError("StoreFull", "no room");
					};
				},
			}),
	});
	const { alice, chat, made } = await scene(world);
	const honest = bundleOf(made, 2);
	const codes = new Map<string, number>();
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom("commit", "welcome", "groupInfo", "ratchetTree"),
			fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
			fc.option(fc.nat(), { nil: undefined }),
			async (part, changes, cut) => {
				const bytes = honest[part].slice(0, cut === undefined ? undefined : cut % honest[part].length);
				for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
				const bundle = bundleOf(made, 2);
				bundle[part] = bytes;
				const error = await alice.send(chat, bundle).catch((reason: unknown) => reason);
				assert.ok(isRefusal(error, "COMMIT_INVALID", "MALFORMED", "STALE_EPOCH", "UNAVAILABLE"), String(error));
				codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
			},
		),
		{ numRuns: rounds(200) },
	);
	// Only what members can check by a secret gets past: a few changes in the Welcome or the membership tag.
	assert.ok((codes.get("COMMIT_INVALID") ?? 0) > 120, JSON.stringify([...codes]));
	assert.equal(checked, codes.get("UNAVAILABLE") ?? 0);
	assert.ok(!world.log.some((line) => line.includes('"level":"error"')), world.log.join("\n"));
});

test("the first commit of a group has an UpdatePath: its leaf is the creator's", async () => {
	await using world = await TestWorld.open();
	const { alice, bob } = await scene(world);
	const chat = randomChat();
	const made = await alice.makeFirst(chat, [bob]);
	const without = changed({ made }, (content) => ({ ...content, commit: { ...content.commit, path: undefined } }));
	const bundle = { ...bundleOf(made, 1), ...without } as CommitBundle;
	await refused("COMMIT_INVALID", alice.sendFirst(chat, "group", bundle, bob.person));
	await alice.sendFirst(chat, "group", bundleOf(made, 1), bob.person);
});
