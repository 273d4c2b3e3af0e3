import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConversationId,
	ConversationKind,
	type CreateConversationRequest,
	type CreateConversationResponseSchema,
	EntryKind,
	idBytes,
	type LogId,
	Refusal,
	readId,
} from "@troth/protocol";
import { type LogWrite, StoreError } from "@troth/storage";
import type { Session } from "../context.ts";
import { withDeviceEntries } from "../delivery/device-logs.ts";
import type { Exchange } from "../delivery/exchange.ts";
import type { LogOwner } from "../delivery/log-owner.ts";
import { decideNumber, decideRepeat, payloadDigest, withAnswer } from "../delivery/send-rules.ts";
import { newEntryMessage } from "../delivery/wire.ts";
import { requireTerms } from "../terms/require-terms.ts";
import {
	accountsOf,
	notStored,
	prepareCommit,
	subscribeSteps,
	subscriptionOf,
	welcomeEntries,
} from "./accept-commit.ts";
import { type ParsedBundle, parseBundle } from "./bundle.ts";
import { checkChange } from "./change-rules.ts";
import type { ConversationContext } from "./conversation-context.ts";
import { checkNewLeaves } from "./device-checks.ts";
import { directAlias } from "./direct-alias.ts";
import { require } from "./invalid.ts";
import { applyCommit } from "./next-state.ts";
import {
	directOf,
	ended,
	endingSteps,
	requireReplaceable,
	requireSameAccounts,
	roleIn,
	successorAlias,
} from "./replacing.ts";
import type { LeafOwner } from "./tree.ts";

type Response = MessageInitShape<typeof CreateConversationResponseSchema>;

interface NewConversation {
	readonly conversation: ConversationId;
	readonly kind: "direct" | "group";
	/** Direct only. */
	readonly peer: AccountId | undefined;
	/** The one that ends with it. */
	readonly replaces: ConversationId | undefined;
}

/**
 * Creates a conversation with its first commit, which leads from the creator's own epoch 0 to epoch 1. Of two people
 * who start a direct conversation at once one wins, and the other is told its id; so of two who replace the same one.
 * A repeat gets the first answer.
 */
export async function createConversation(
	context: ConversationContext,
	request: CreateConversationRequest,
	session: Session,
): Promise<Response> {
	const wanted = readRequest(request, session);
	const parsed = parseBundle(request.bundle, idBytes(wanted.conversation));
	for (;;) {
		const repeated = await answerOfRepeat(context, wanted.conversation, parsed, session);
		if (repeated !== undefined) return repeated;
		try {
			return await createOrReplace(context, wanted, parsed, session);
		} catch (error) {
			if (!(error instanceof StoreError && error.code === "LogExists")) throw notStored(error);
			// The same request may have come twice at once: then the answer of the first one is the answer.
			if (error.existing !== wanted.conversation) throw exists(error.existing as ConversationId);
		}
	}
}

function readRequest(
	{ conversation, kind, peerAccountId, replaces: replaced }: CreateConversationRequest,
	session: Session,
): NewConversation {
	const id = readId<ConversationId>(conversation);
	if (id === undefined) throw new Refusal("MALFORMED", "a conversation id has 16 bytes");
	const replaces = readId<ConversationId>(replaced);
	if ((replaces === undefined && replaced.length > 0) || replaces === id)
		throw new Refusal("MALFORMED", "a conversation replaces another one");
	if (kind === ConversationKind.GROUP) return { conversation: id, kind: "group", peer: undefined, replaces };
	const peer = readId<AccountId>(peerAccountId);
	if (kind !== ConversationKind.DIRECT) throw new Refusal("MALFORMED", "a conversation is direct or a group");
	if (peer === undefined || peer === session.account)
		throw new Refusal("MALFORMED", "a direct conversation is with another account");
	return { conversation: id, kind: "direct", peer, replaces };
}

/** The conversation exists: the answer of its creation if this is a repeat of it, otherwise a refusal. */
async function answerOfRepeat(
	{ delivery: { exchange } }: ConversationContext,
	conversation: ConversationId,
	{ bundle }: ParsedBundle,
	{ device }: Session,
): Promise<Response | undefined> {
	const owner = await exchange.owners.open(conversation);
	if (owner === undefined) return undefined;
	const digest = payloadDigest(bundle.commit);
	const decision = decideRepeat(owner.senderRow(device), { clientSeq: bundle.clientSeq, digest });
	if (decision?.kind !== "repeat") throw exists(conversation);
	await owner.settled();
	return { seq: decision.answer.seq, timeMs: BigInt(decision.answer.timeMs) };
}

/** While one is replaced, its messages and commits wait. */
async function createOrReplace(
	context: ConversationContext,
	wanted: NewConversation,
	parsed: ParsedBundle,
	session: Session,
): Promise<Response> {
	const { exchange } = context.delivery;
	const existing = await existingOne(exchange, wanted, session);
	if (existing !== undefined) throw exists(existing as ConversationId);
	if (wanted.replaces === undefined) return createNew(context, wanted, parsed, session, undefined);
	const replaced = await exchange.owners.open(wanted.replaces);
	requireReplaceable(replaced, wanted.kind, session);
	return replaced.exclusively(async () => {
		requireReplaceable(replaced, wanted.kind, session);
		try {
			const answer = await createNew(context, wanted, parsed, session, replaced);
			ended(replaced);
			return answer;
		} catch (error) {
			if (error instanceof StoreError && error.code !== "LogExists") replaced.abandon();
			throw error;
		}
	});
}

/** The successor somebody else made already, or the pair's conversation. */
async function existingOne(
	{ logs }: Exchange,
	{ replaces, peer }: NewConversation,
	{ account }: Session,
): Promise<LogId | undefined> {
	if (replaces !== undefined) return logs.findByAlias(successorAlias(replaces));
	return peer && directOf(logs, account, peer);
}

async function createNew(
	context: ConversationContext,
	{ conversation, kind, peer, replaces }: NewConversation,
	parsed: ParsedBundle,
	session: Session,
	replaced: LogOwner | undefined,
): Promise<Response> {
	const { exchange } = context.delivery;
	const pairAlias = peer && directAlias(session.account, peer);
	const alias = replaces === undefined ? pairAlias : successorAlias(replaces);
	await requireTerms(context, session);
	if ((await context.limits.restriction(session.account, "new-conversations")) !== undefined)
		context.rateLimits.limitedConversation(session.account);

	require(parsed.content.epoch === 0n && parsed.senderLeaf === 0, "the first commit is the creator's, from epoch 0");
	require(parsed.removes.length === 0, "the first commit removes somebody");
	const unordered = decideNumber(undefined, parsed.bundle);
	if (unordered?.kind === "refuse") throw unordered.refusal;
	const change = await applyCommit(parsed, undefined);
	const pair = peer && new Set([session.account, peer]);
	const accountsBefore = new Set([session.account]);
	checkChange({
		...{ kind, change, pair, accountsBefore, caller: session },
		...{ callerIsAdmin: true, external: false, pendingRemovals: [], unlisted: new Set() },
	});
	require(peer === undefined || accountsOf(change.added).has(peer), "the other account is not in the group");
	if (replaced !== undefined) requireSameAccounts(replaced, change.leaves);
	// Members of a group know each other already; a block between two people holds in whatever they begin.
	const known = replaced === undefined || kind === "direct" ? accountsBefore : accountsOf(change.leaves);
	await checkNewLeaves(context, session, parsed, change, known);

	const prepared = await prepareCommit(context.blobs, conversation, kind, parsed);
	const timeMs = context.clock.now();
	const row = withAnswer(
		undefined,
		{ device: session.device, clientSeq: parsed.bundle.clientSeq, digest: payloadDigest(parsed.bundle.commit) },
		1,
		timeMs,
	);
	const { body } = newEntryMessage(
		{
			...{ log: idBytes(conversation), seq: 1, timeMs, kind: EntryKind.COMMIT, epoch: 0, payload: prepared.payload },
			...{ senderAccount: idBytes(session.account), senderDevice: idBytes(session.device) },
			...{ clientSeq: parsed.bundle.clientSeq, frankingTag: undefined },
		},
		session.account,
	);
	// The creator gets its own commit back; whoever it adds begins after it.
	const subscriptions = change.leaves.map((leaf) =>
		subscriptionOf(
			conversation,
			leaf,
			roleOf(kind, leaf, session, replaced),
			leaf.device === session.device ? 0 : 1,
			undefined,
		),
	);
	const entry = { seq: 1, timeMs, kind: EntryKind.COMMIT, senderAccount: session.account, body };
	const steps: LogWrite[] = [
		{ kind: "create", log: conversation, alias, group: { kind, ...prepared.group } },
		{ kind: "append", log: conversation, entry, sender: row },
		...subscribeSteps(subscriptions),
		...(replaced === undefined ? [] : endingSteps(replaced)),
	];
	await withDeviceEntries(exchange, welcomeEntries(prepared, change.added, 1), timeMs, (welcomes) =>
		exchange.logs.write([...steps, ...welcomes]),
	);
	const owner = await exchange.owners.open(conversation);
	owner?.resume();
	return { seq: 1, timeMs: BigInt(timeMs) };
}

function roleOf(
	kind: "direct" | "group",
	{ account }: LeafOwner,
	session: Session,
	replaced: LogOwner | undefined,
): "member" | "admin" {
	if (replaced !== undefined) return roleIn(replaced, account);
	return kind === "group" && account === session.account ? "admin" : "member";
}

function exists(conversation: ConversationId): Refusal {
	return new Refusal("CONVERSATION_EXISTS", "this conversation exists", { conversation });
}
