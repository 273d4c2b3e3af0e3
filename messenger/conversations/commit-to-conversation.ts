import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type CommitToConversationRequest,
	type CommitToConversationResponseSchema,
	type ConversationId,
	EntryKind,
	idBytes,
	Refusal,
	readId,
} from "@troth/protocol";
import { type GroupRecord, type LogWrite, StoreError } from "@troth/storage";
import { decodeMlsMessage } from "ts-mls/message.js";
import type { Session } from "../context.ts";
import { appendStep, withDeviceEntries } from "../delivery/device-logs.ts";
import type { LogOwner } from "../delivery/log-owner.ts";
import { endMember, newAdmins } from "../delivery/membership.ts";
import { decideNumber, decideRepeat, payloadDigest, withAnswer } from "../delivery/send-rules.ts";
import { requireTerms } from "../terms/require-terms.ts";
import {
	accountsOf,
	notStored,
	prepareCommit,
	subscribeSteps,
	subscriptionOf,
	unsubscribeSteps,
	welcomeEntries,
} from "./accept-commit.ts";
import { type Access, accessOf } from "./access.ts";
import { type ParsedBundle, parseBundle } from "./bundle.ts";
import { checkChange } from "./change-rules.ts";
import type { ConversationContext } from "./conversation-context.ts";
import { checkNewLeaves, unlistedAmong } from "./device-checks.ts";
import { applyCommit, type GroupAfter, type GroupBefore } from "./next-state.ts";
import { leavesOf, readTree } from "./tree.ts";

type Response = MessageInitShape<typeof CommitToConversationResponseSchema>;

/**
 * Takes a commit if it starts from the present epoch: of several for one epoch, one wins (promise 4). While it is
 * decided, messages of this conversation wait. A repeat gets the first answer.
 */
export async function commitToConversation(
	context: ConversationContext,
	request: CommitToConversationRequest,
	session: Session,
): Promise<Response> {
	const conversation = readId<ConversationId>(request.conversation);
	if (conversation === undefined) throw new Refusal("MALFORMED", "a conversation id has 16 bytes");
	const parsed = parseBundle(request.bundle, idBytes(conversation));
	const owner = await context.delivery.exchange.owners.open(conversation);
	if (owner?.group === undefined) throw notAMember();
	await requireTerms(context, session);
	return owner.exclusively(() => decide(context, owner, conversation, parsed, session));
}

async function decide(
	context: ConversationContext,
	owner: LogOwner,
	conversation: ConversationId,
	parsed: ParsedBundle,
	session: Session,
): Promise<Response> {
	const { bundle, senderLeaf } = parsed;
	const row = owner.senderRow(session.device);
	const numbered = { device: session.device, clientSeq: bundle.clientSeq, digest: payloadDigest(bundle.commit) };
	const repeat = decideRepeat(row, numbered);
	if (repeat?.kind === "repeat") return { seq: repeat.answer.seq, timeMs: BigInt(repeat.answer.timeMs) };
	if (repeat?.kind === "refuse") throw repeat.refusal;

	const group = owner.group as GroupRecord;
	const member = owner.members.live(session.device);
	const access = await accessOf(context.delivery.exchange, owner, session);
	if (access === undefined || (senderLeaf !== undefined && member === undefined)) throw notAMember();
	if (parsed.content.epoch !== BigInt(group.epoch))
		throw new Refusal("STALE_EPOCH", "the commit starts from another epoch", { epoch: group.epoch });
	const unordered = decideNumber(row, numbered);
	if (unordered?.kind === "refuse") throw unordered.refusal;
	if (senderLeaf !== undefined && senderLeaf !== member?.leaf)
		throw new Refusal("COMMIT_INVALID", "the commit is from another leaf than the caller's");

	const before = await loadBefore(context, group);
	const change = await applyCommit(parsed, before);
	const accountsBefore = accountsOf(leavesOf(before.tree));
	checkChange({
		...{ kind: group.kind, caller: session, change, accountsBefore, pendingRemovals: group.pendingRemovals },
		...{ callerIsAdmin: access.role === "admin", external: senderLeaf === undefined },
		unlisted: await unlistedAmong(context.directory, change.removed),
		pair: group.kind === "direct" ? pairOf(access, change, accountsBefore, session) : undefined,
	});
	await checkNewLeaves(context, session, parsed, change, accountsBefore);
	return place(context, owner, conversation, parsed, session, change, access, numbered);
}

/** The group as it is stored; it was checked when it was, so anything else is a defect. */
async function loadBefore({ blobs }: ConversationContext, group: GroupRecord): Promise<GroupBefore> {
	const bytes = await blobs.get(group.tree);
	const message = decodeMlsMessage(new Uint8Array(group.groupInfo), 0)?.[0];
	if (bytes === undefined || message?.wireformat !== "mls_group_info")
		throw new Error("the stored tree or GroupInfo of a conversation is missing");
	return { tree: readTree(new Uint8Array(bytes)), groupInfo: message.groupInfo };
}

/** The two accounts of a direct conversation. Where one has no leaf left, the alias vouches for the caller. */
function pairOf(
	access: Access,
	change: GroupAfter,
	accountsBefore: ReadonlySet<AccountId>,
	session: Session,
): ReadonlySet<AccountId> {
	const known = new Set([...accountsBefore, session.account]);
	if (known.size >= 2) return known;
	const peer = access.pairedWith ?? change.added.find(({ account }) => account !== session.account)?.account;
	return peer === undefined ? known : known.add(peer);
}

async function place(
	{ delivery: { exchange }, blobs, clock }: ConversationContext,
	owner: LogOwner,
	conversation: ConversationId,
	parsed: ParsedBundle,
	session: Session,
	change: GroupAfter,
	access: Access,
	numbered: Parameters<typeof withAnswer>[1],
): Promise<Response> {
	const group = owner.group as GroupRecord;
	const prepared = await prepareCommit(blobs, conversation, group.kind, parsed);
	const timeMs = clock.now();
	const { clientSeq } = parsed.bundle;
	const fields = { kind: EntryKind.COMMIT, clientSeq, epoch: group.epoch, payload: prepared.payload };
	const placed = owner.place(fields, session, timeMs);
	const { seq } = placed.entry;
	const row = withAnswer(owner.senderRow(session.device), numbered, seq, timeMs);

	const staying = new Set(change.leaves.map(({ device }) => device));
	const removed = change.removed.map(({ device }) => device).filter((device) => !staying.has(device));
	const going = removed.flatMap((device) => owner.members.live(device) ?? []);
	const subscriptions = change.added.map((leaf) => {
		const role = owner.members.accounts.get(leaf.account)?.devices.find(({ until }) => until === undefined)?.role;
		return subscriptionOf(conversation, leaf, role ?? "member", seq, owner.members.get(leaf.device));
	});
	if (parsed.senderLeaf === undefined) {
		const member = owner.members.live(session.device);
		const { committer } = change;
		// A device that comes in by itself gets its own commit back, as every committer does.
		if (member !== undefined) subscriptions.push({ ...member.row(), leaf: committer.leaf });
		else
			subscriptions.push(
				subscriptionOf(conversation, committer, access.role, seq - 1, owner.members.get(session.device)),
			);
	}
	for (const member of newAdmins(owner, new Set(going))) subscriptions.push({ ...member.row(), role: "admin" });
	const pendingRemovals = group.pendingRemovals.filter(
		(device) => !change.removed.some((one) => one.device === device),
	);
	const next = { ...prepared.group, pendingRemovals };
	const steps: LogWrite[] = [
		appendStep(owner.log, placed, row),
		{ kind: "epoch", log: conversation, expected: group.epoch, group: next },
		...unsubscribeSteps(
			conversation,
			going.map(({ device }) => device),
			seq,
		),
		...subscribeSteps(subscriptions),
	];
	try {
		await withDeviceEntries(exchange, welcomeEntries(prepared, change.added, seq), timeMs, (welcomes) =>
			exchange.logs.write([...steps, ...welcomes]),
		);
	} catch (error) {
		if (error instanceof StoreError) owner.abandon();
		throw notStored(error);
	}
	owner.group = { kind: group.kind, ...next };
	for (const member of going) endMember(owner, member, seq);
	for (const subscription of subscriptions) owner.members.put(subscription);
	await exchange.owners.askBlocks(owner);
	owner.settle(placed, session, row);
	return { seq, timeMs: BigInt(timeMs) };
}

function notAMember(): Refusal {
	return new Refusal("NOT_A_MEMBER", "this device is not in the conversation");
}
