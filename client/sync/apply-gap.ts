/** What the server can not or must not deliver, said honestly instead of in silence. */
import { type ConversationId, type Gap, GapReason, HASH_BYTES, type Skipped } from "@troth/protocol";
import { dropPendingCommit } from "../conversations/epochs.ts";
import { addRow, changeConversation, writeRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import type { BodyRecord, LogRecord, OutboxRecord } from "../state/records.ts";
import { removeFromOutbox } from "./apply-own.ts";
import { extendByDigest, skipUnhashed } from "./witness.ts";

type GapKind = Extract<BodyRecord, { kind: "gap" }>["reason"];

const REASONS: Partial<Record<GapReason, GapKind>> = {
	[GapReason.EXPIRED]: "expired",
	[GapReason.CAP]: "cap",
	[GapReason.RESTORED]: "restored",
};

/**
 * Entries up to `gap.to` can no longer be had. In a conversation a commit may have been among them: the group is taken
 * for lost until its lane has compared epochs (hazard 18).
 */
export async function applyGap(context: DeviceContext, draft: Draft, log: LogRecord, gap: Gap): Promise<LogRecord> {
	const reason = REASONS[gap.reason] ?? "missing";
	// A restored server goes on from where its backup ends, which may lie before what is stored here (hazard 21).
	const goesBack = reason === "restored" && gap.to < log.seq;
	if (gap.to <= log.seq && !goesBack) return log;
	const after = skipUnhashed(log, gap.to);
	draft.write(KEYS.log(log.log), after);
	await showGap(context, draft, log, reason, Math.max(0, gap.to - log.seq));
	return after;
}

/**
 * What a Welcome passed over because its log begins later, and is lost by the server's word. The row stands before those
 * of the Welcome.
 */
export async function showPassed(
	context: DeviceContext,
	draft: Draft,
	log: LogRecord,
	{ after, row: key }: NonNullable<LogRecord["passed"]>,
	gap: Gap,
): Promise<LogRecord> {
	// The last of them is the commit that the Welcome stands for.
	const count = Math.min(gap.to, log.from - 1) - Math.max(gap.from - 1, after);
	if (count <= 0) return log;
	const id = log.log as ConversationId;
	const told = { ...log, passed: undefined };
	draft.write(KEYS.log(id), told);
	const reason = REASONS[gap.reason] ?? "missing";
	const timeMs = (await draft.read(KEYS.conversation(id)))?.activityMs ?? 1;
	writeRow(context, draft, id, {
		...{ key, seq: undefined, id: undefined, sender: undefined, timeMs, failed: undefined },
		body: { kind: "gap", reason, count },
	});
	return told;
}

/** The server jumped over entries without a word. */
export async function applyHole(
	context: DeviceContext,
	draft: Draft,
	log: LogRecord,
	nextSeq: number,
): Promise<LogRecord> {
	const after = skipUnhashed(log, nextSeq - 1);
	draft.write(KEYS.log(log.log), after);
	await showGap(context, draft, log, "missing", nextSeq - 1 - log.seq);
	return after;
}

async function showGap(
	context: DeviceContext,
	draft: Draft,
	log: LogRecord,
	reason: GapKind,
	count: number,
): Promise<void> {
	const id = log.log as ConversationId;
	const record = await draft.read(KEYS.conversation(id));
	// The device's own log: Welcomes that were lost are found by comparing the list of conversations.
	if (record === undefined) return;
	await forgetConfirmed(context, draft, id);
	await forgetPending(context, draft, id);
	if (record.state === "active" || record.state === "creating")
		await changeConversation(draft, id, (before) => ({ ...before, state: "behind" }));
	await addRow(context, draft, id, {
		seq: undefined,
		id: undefined,
		sender: undefined,
		timeMs: Math.max(record.activityMs, 1),
		body: { kind: "gap", reason, count },
	});
	draft.after(() => context.lanes.kick(id));
}

/** The entry of a commit that is under way may lie in the gap and would be waited for in vain: the way back is a new one. */
async function forgetPending(context: DeviceContext, draft: Draft, id: ConversationId): Promise<void> {
	const pending = await draft.read(KEYS.pendingCommit(id));
	if (pending === undefined) return;
	await dropPendingCommit(draft, id);
	draft.after(() => {
		if (pending.how === "create") context.lanes.committed(id, pending.clientSeq);
		else context.lanes.lostRace(id, pending.clientSeq);
	});
}

/** Own messages that were confirmed and whose entries lay in the gap will not come back. */
async function forgetConfirmed(context: DeviceContext, draft: Draft, id: ConversationId): Promise<void> {
	for (const { key } of await context.state.range<OutboxRecord>(within(KEYS.outboxOf(id)), { limit: 256 })) {
		const row = await draft.read(KEYS.outbox(id, key));
		if (row?.storedSeq !== undefined) removeFromOutbox(draft, id, row);
	}
}

/** Entries of somebody this account blocked: shown to nobody, their digests keep the running hash whole (hazard 22). */
export async function applySkipped(draft: Draft, log: LogRecord, skipped: Skipped): Promise<LogRecord> {
	const wellFormed =
		skipped.digests.length === skipped.to - skipped.from + 1 &&
		skipped.digests.every((digest) => digest.length === HASH_BYTES);
	if (!wellFormed) {
		const after = skipUnhashed(log, Math.max(log.seq, skipped.to));
		draft.write(KEYS.log(log.log), after);
		return after;
	}
	let after = log;
	for (const [i, digest] of skipped.digests.entries()) {
		if (skipped.from + i === after.seq + 1) after = extendByDigest(draft, after, digest);
	}
	// Which sender's numbers were withheld is not told: every next one is taken as it comes.
	after = { ...after, senders: {} };
	draft.write(KEYS.log(log.log), after);
	return after;
}
