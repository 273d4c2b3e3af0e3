/** Applying others' commits (RFC 9420 section 12.4.2). */
import type { CiphersuiteImpl, LeafNode, PublicMessage } from "ts-mls";
import { unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { applyCommit } from "./apply-commit.ts";
import { type CheckedCommit, checkCommit, requireUnique } from "./commit-rules.ts";
import { type LeafAuthority, MlsRefusal, type Processed } from "./engine.ts";
import { type GroupState, settled, toGroup } from "./group-state.ts";
import { accepting, approve, type LeafOwner, membersOf, ownerOf, sameOwner } from "./leaves.ts";
import { newKeysFit } from "./private-path.ts";
import { requireGroup } from "./process-message.ts";
import { refusing, require } from "./refusals.ts";
import { NO_SECRETS } from "./secret-tree.ts";
import { clientConfig } from "./suite.ts";
import { withLeaf, withoutLeaf } from "./tree-edits.ts";

export async function processCommit(
	state: GroupState,
	message: PublicMessage,
	authority: LeafAuthority,
	suite: CiphersuiteImpl,
): Promise<Processed> {
	const { content } = message;
	requireGroup(state, content.groupId);
	require(content.contentType === "commit", "InvalidCommit", "a PublicMessage that is no commit");
	require(content.epoch ===
		state.groupContext
			.epoch, "WrongEpoch", `a commit of epoch ${content.epoch}, we are in ${state.groupContext.epoch}`);
	const { sender } = content;
	const checked = checkCommit(content.commit, sender, state.ratchetTree);
	await refusing("Undecryptable", "the commit does not verify", () =>
		unprotectPublicMessage(state.keySchedule.membershipKey, state.groupContext, state.ratchetTree, message, suite),
	);
	const own = state.privatePath.leafIndex;
	require(checked.committer?.leaf !== own, "OwnMessage", "a commit of our own: its state was stored before sending");

	const joining = checked.external && checked.pathLeaf !== undefined ? [checked.pathLeaf] : [];
	const newLeaves = [...checked.added.map(({ leafNode }) => leafNode), ...joining];
	const newcomers = newLeaves.map((leaf) => ownerOf(leaf));
	await approve(newcomers, authority);
	const selfRemoved = checked.removed.some(({ leaf }) => leaf === own);
	const next = selfRemoved
		? departed(state, checked, newLeaves)
		: await refusing("InvalidCommit", "the commit can not be applied", () => apply(state, message, newcomers, suite));

	const arrived = membersOf(next.ratchetTree).filter((member) => newcomers.some((one) => sameOwner(one, member)));
	const committer = checked.committer ?? arrived[0];
	if (committer === undefined) throw new MlsRefusal("InvalidCommit", "an external commit that adds no leaf");
	return {
		kind: "commit",
		next: toGroup(settled(next)),
		committer,
		external: checked.external,
		added: checked.external ? [] : arrived,
		removed: checked.removed,
		selfRemoved,
		authenticatedData: content.authenticatedData,
	};
}

async function apply(
	state: GroupState,
	message: PublicMessage,
	newcomers: readonly LeafOwner[],
	suite: CiphersuiteImpl,
): Promise<GroupState> {
	const known = accepting([...membersOf(state.ratchetTree), ...newcomers]);
	const next = await applyCommit({ ...state, clientConfig: clientConfig(known) }, message, suite);
	requireUnique(next.ratchetTree);
	const fit = await newKeysFit(next.privatePath, state.privatePath, next.ratchetTree, suite);
	require(fit, "InvalidCommit", "path keys that do not fit");
	return next;
}

/**
 * The state of a device that the commit removes, or that rejoined from elsewhere. It can not go on into the next
 * epoch, so ts-mls is not asked (it also overlooks a removal whose leaf the same commit fills again). It keeps no
 * secrets: whoever was removed has no use for them, and a thief of the profile should not either.
 */
function departed(state: GroupState, checked: CheckedCommit, arriving: readonly LeafNode[]): GroupState {
	const remaining = checked.removed.reduce((tree, { leaf }) => withoutLeaf(tree, leaf), state.ratchetTree);
	const none = new Uint8Array(0);
	return {
		...state,
		ratchetTree: arriving.reduce((tree, leaf) => withLeaf(tree, leaf)[0], remaining),
		groupActiveState: { kind: "removedFromGroup" },
		secretTree: NO_SECRETS,
		pastEpochs: new Map(),
		privatePath: { leafIndex: state.privatePath.leafIndex, privateKeys: {} },
		signaturePrivateKey: none,
		keySchedule: {
			senderDataSecret: none,
			exporterSecret: none,
			externalSecret: none,
			confirmationKey: none,
			membershipKey: none,
			resumptionPsk: none,
			epochAuthenticator: state.keySchedule.epochAuthenticator,
			initSecret: none,
		},
	};
}
