/**
 * Mallory is a member who breaks the rules: her commits are signed and tagged as they should be, and say what the
 * engine would never say. Built on ts-mls directly.
 */
import type { CiphersuiteImpl, Proposal, ProposalOrRef, PublicMessage, RatchetTree } from "ts-mls";
import { applyProposals, nextEpochContext } from "ts-mls/clientState.js";
import { createConfirmationTag, createContentCommitSignature } from "ts-mls/framedContent.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { protectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { getCommitSecret } from "ts-mls/pathSecrets.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import type { Sender } from "ts-mls/sender.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { leafToNodeIndex, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { createUpdatePath, type UpdatePath } from "ts-mls/updatePath.js";
import { DeviceLists, groupOf, NO_DATA, type Person } from "./_people.ts";
import { decodeMessage } from "./decoding.ts";
import type { LeafAuthority, MlsGroup } from "./engine.ts";
import { type GroupState, stateOf, withoutMessageSecrets } from "./group-state.ts";
import { nodeCryptoProvider } from "./provider.node.ts";
import { clientConfig, SUITE } from "./suite.ts";

export const suite: CiphersuiteImpl = await nodeCryptoProvider.getCiphersuiteImpl(SUITE);

export const trusting = (group: MlsGroup): GroupState => ({
	...stateOf(group),
	clientConfig: clientConfig({ validateCredential: async () => true }),
});

export interface Forgery {
	readonly proposals?: readonly Proposal[];
	/** Instead of `proposals`, as they stand in the commit. */
	readonly listed?: readonly ProposalOrRef[];
	/** `none` leaves it out; a function changes the right one. */
	readonly path?: "none" | ((path: UpdatePath) => UpdatePath);
	readonly sender?: Sender;
	readonly epoch?: bigint;
	readonly groupId?: Uint8Array;
	readonly suite?: CiphersuiteImpl;
}

/** A commit with a valid signature and membership tag, and as far as possible a valid confirmation tag. */
export async function forgeCommit(group: MlsGroup, forgery: Forgery): Promise<Uint8Array> {
	const state = trusting(group);
	const impl = forgery.suite ?? suite;
	const proposals = forgery.proposals ?? [];
	const listed = forgery.listed ?? proposals.map((proposal) => ({ proposalOrRefType: "proposal" as const, proposal }));
	const own = toLeafIndex(state.privatePath.leafIndex);
	const context = {
		...state.groupContext,
		epoch: forgery.epoch ?? state.groupContext.epoch,
		groupId: forgery.groupId ?? state.groupContext.groupId,
	};
	const treeProposals = proposals.filter(({ proposalType }) => proposalType === "add" || proposalType === "remove");
	const applied = await applyProposals(
		withoutMessageSecrets(state),
		treeProposals.map((proposal) => ({ proposalOrRefType: "proposal", proposal })),
		own,
		emptyPskIndex,
		false,
		suite,
	);
	const added = applied.additionalResult.kind === "memberCommit" ? applied.additionalResult.addedLeafNodes : [];
	let tree: RatchetTree = applied.tree;
	let path: UpdatePath | undefined;
	let commitSecret: Uint8Array = new Uint8Array(suite.kdf.size);
	if (forgery.path !== "none") {
		const [pathTree, made, secrets] = await createUpdatePath(
			applied.tree,
			own,
			context,
			state.signaturePrivateKey,
			impl,
			added.map(([leaf]) => leafToNodeIndex(leaf)),
		);
		tree = pathTree;
		path = forgery.path === undefined ? made : forgery.path(made);
		const last = secrets.at(-1);
		if (last !== undefined) {
			commitSecret = await getCommitSecret(tree, toNodeIndex(last.nodeIndex), last.secret, suite.kdf);
		}
	}
	const { framedContent, signature } = await createContentCommitSignature(
		context,
		"mls_public_message",
		{ proposals: [...listed], path },
		forgery.sender ?? { senderType: "member", leafIndex: own },
		new Uint8Array(0),
		state.signaturePrivateKey,
		suite.signature,
	);
	const next = await nextEpochContext(
		context,
		"mls_public_message",
		framedContent,
		signature,
		await treeHashRoot(tree, suite.hash),
		state.confirmationTag,
		suite.hash,
	);
	const epoch = await initializeEpoch(
		state.keySchedule.initSecret,
		commitSecret,
		next,
		new Uint8Array(suite.kdf.size),
		suite.kdf,
	);
	const confirmationTag = await createConfirmationTag(
		epoch.keySchedule.confirmationKey,
		next.confirmedTranscriptHash,
		suite.hash,
	);
	const publicMessage = await protectPublicMessage(
		state.keySchedule.membershipKey,
		context,
		{
			wireformat: "mls_public_message",
			content: framedContent,
			auth: { contentType: "commit", signature, confirmationTag },
		},
		suite,
	);
	return encodePublic(publicMessage);
}

export function encodePublic(publicMessage: PublicMessage): Uint8Array {
	return encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage });
}

export function keyPackageIn(message: Uint8Array) {
	return decodeMessage(message, "mls_key_package").keyPackage;
}

/** Mallory's own engine asks nobody. */
export const anyone: LeafAuthority = async () => true;
/** A commit that only refreshes the committer's keys. */
export const UPDATE = { add: [], remove: [], authenticatedData: NO_DATA };

/** Mallory is in a group with alice and bob. */
export async function withMallory() {
	const lists = new DeviceLists();
	const [alice, bob, mallory] = [await lists.person("alice"), await lists.person("bob"), await lists.person("mallory")];
	const [atAlice, atBob, atMallory] = (await groupOf(lists, alice, bob, mallory)) as [MlsGroup, MlsGroup, MlsGroup];
	return { lists, alice, bob, mallory, atAlice, atBob, atMallory };
}

export const remove = (leaf: number): Proposal => ({ proposalType: "remove", remove: { removed: leaf } });
export const add = async (person: Person): Promise<Proposal> => ({
	proposalType: "add",
	add: { keyPackage: keyPackageIn((await person.newKeyPackage()).message) },
});
