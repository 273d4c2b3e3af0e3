/** Hands the pending commit of a conversation to the server, as often as it takes to learn what became of it. */
import { fromBinary } from "@bufbuild/protobuf";
import {
	CommitToConversationRequestSchema,
	type ConversationId,
	CreateConversationRequestSchema,
	type Refusal,
} from "@troth/protocol";
import { dropPendingCommit } from "../conversations/epochs.ts";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { withRemovals } from "../identity/unlisted.ts";
import { KEYS, within } from "../state/keys.ts";
import type { OutboxRecord, PendingCommitRecord } from "../state/records.ts";
import { removeFromOutbox } from "../sync/apply-own.ts";
import { CopiedProfile } from "../sync/needs.ts";
import { toRefusal } from "../sync/rpc.ts";
import { unsealRows } from "./seal.ts";

export type Submitted =
	/** In the log: its entry comes, or came. */
	| { readonly kind: "stored" }
	/** No answer: the same bytes again, later. */
	| { readonly kind: "again"; readonly retryAtMs: number | undefined }
	/** Not in the log and never will be: plan anew once this epoch is reached. `number` is free. */
	| { readonly kind: "replan"; readonly epoch: number; readonly number: number }
	/** Not in the log, and not wanted there. */
	| { readonly kind: "refused"; readonly refusal: Refusal };

export async function submitPending(context: DeviceContext, id: ConversationId): Promise<Submitted> {
	const { state, rpc } = context;
	const pending = await state.read(KEYS.pendingCommit(id));
	const request = await state.readBytes(KEYS.pendingRequest(id));
	if (pending === undefined || request === undefined) return { kind: "stored" };
	try {
		if (pending.how === "create")
			await rpc.conversations.createConversation(fromBinary(CreateConversationRequestSchema, request));
		else await rpc.conversations.commitToConversation(fromBinary(CommitToConversationRequestSchema, request));
		return { kind: "stored" };
	} catch (error) {
		return decide(context, id, pending, toRefusal(error));
	}
}

async function decide(
	context: DeviceContext,
	id: ConversationId,
	pending: PendingCommitRecord,
	refusal: Refusal,
): Promise<Submitted> {
	const { epoch = 0, expectedClientSeq = 0, removeDevices = [], retryAtMs, conversation } = refusal.fields;
	switch (refusal.code) {
		case "UNAVAILABLE":
		case "INTERNAL":
		case "RATE_LIMITED":
		case "UNAUTHENTICATED":
			return { kind: "again", retryAtMs };
		case "SEQ_REUSED":
		case "SEQ_TOO_OLD":
			throw new CopiedProfile("the number of a commit was used before");
		case "SEQ_OUT_OF_ORDER":
			if (expectedClientSeq > pending.clientSeq) throw new CopiedProfile("the server knows later numbers");
			await giveUp(context, id, pending, expectedClientSeq);
			return { kind: "replan", epoch: 0, number: expectedClientSeq };
		case "STALE_EPOCH":
			await giveUp(context, id, pending, pending.clientSeq);
			return { kind: "replan", epoch, number: pending.clientSeq };
		case "COMMIT_REQUIRED":
			await giveUp(context, id, pending, pending.clientSeq);
			await context.state.transact(async (draft) => {
				await changeConversation(draft, id, (record) => withRemovals(record, removeDevices));
			});
			return { kind: "replan", epoch: 0, number: pending.clientSeq };
		case "CONVERSATION_EXISTS":
			// The answer to the first try got lost: it is ours that exists.
			if (conversation === id) return { kind: "stored" };
			await giveUp(context, id, pending, pending.clientSeq);
			return { kind: "refused", refusal };
		default:
			await giveUp(context, id, pending, pending.clientSeq);
			return { kind: "refused", refusal };
	}
}

/** Drops the commit and frees its number. A conversation that was to be created with it goes as well. */
async function giveUp(
	context: DeviceContext,
	id: ConversationId,
	pending: PendingCommitRecord,
	nextClientSeq: number,
): Promise<void> {
	await context.state.transact(async (draft) => {
		const present = await draft.read(KEYS.pendingCommit(id));
		if (present?.digest !== pending.digest) return;
		await dropPendingCommit(draft, id);
		if (pending.how !== "create") {
			// The server never had what was encrypted under these numbers, and the next commit takes the first of them.
			const rows = await context.state.range<OutboxRecord>(within(KEYS.outboxOf(id)));
			const free = rows.filter(
				({ sealed, storedSeq }) => storedSeq === undefined && (sealed?.clientSeq ?? 0) >= nextClientSeq,
			);
			await unsealRows(draft, id, free, nextClientSeq);
			return;
		}
		draft.write(KEYS.log(id), undefined);
		draft.write(KEYS.conversation(id), undefined);
		for (const row of await context.state.range<OutboxRecord>(within(KEYS.outboxOf(id))))
			removeFromOutbox(draft, id, row);
	});
}
