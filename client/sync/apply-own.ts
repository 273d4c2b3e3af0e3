/**
 * An entry of this very device comes back. It can not be decrypted by its sender (hazard 12): it is recognised by its
 * number and its bytes, and what it says lies in the outbox.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { type ConversationId, type Entry, toHex } from "@troth/protocol";
import { changeConversation, writeRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { LogRecord, OutboxRecord } from "../state/records.ts";
import { learnGroupState } from "./apply-message.ts";
import { CopiedProfile } from "./needs.ts";

/** Throws CopiedProfile where this device's name stands on something this profile never sent. */
export async function applyOwnMessage(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	log: LogRecord,
	entry: Entry,
): Promise<void> {
	if (entry.clientSeq >= log.nextClientSeq) throw new CopiedProfile("it sent a message that is not known here");
	const key = await draft.read(KEYS.outboxNumber(id, entry.clientSeq));
	const row = key === undefined ? undefined : await draft.read(KEYS.outbox(id, key));
	// The row is gone where a gap was shown over it before.
	if (row?.sealed === undefined) return;
	if (row.sealed.digest !== toHex(sha256(entry.payload)))
		throw new CopiedProfile("one of its numbers was used for other bytes");
	await markStored(context, draft, id, row, entry.seq, Number(entry.timeMs));
	removeFromOutbox(draft, id, row);
	if (row.body.kind === "group-state") {
		const { name, changedAtMs } = row.body;
		await learnGroupState(
			context,
			draft,
			id,
			{ name, changedAtMs: BigInt(changedAtMs) },
			{ seq: entry.seq, id: row.id, sender: context.self.account, timeMs: Number(entry.timeMs) },
		);
	}
}

/** The server has it durably: the row gets its place and its time. */
export async function markStored(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	row: OutboxRecord,
	seq: number,
	timeMs: number,
): Promise<void> {
	if (row.storedSeq !== undefined) return;
	draft.write(KEYS.outbox(id, row.key), { ...row, storedSeq: seq });
	draft.writeBytes(KEYS.outboxBytes(id, row.key), undefined);
	const profileMs = row.sealed?.profileMs ?? 0;
	await changeConversation(draft, id, (record) => ({
		...record,
		profileSentMs: Math.max(record.profileSentMs, profileMs),
	}));
	const shown = await draft.read(KEYS.message(id, row.key));
	if (shown !== undefined && row.body.kind === "text") writeRow(context, draft, id, { ...shown, seq, timeMs });
	draft.after(() => context.lanes.settled(id, row.id, { kind: "stored", seq, timeMs }));
}

export function removeFromOutbox(draft: Draft, id: ConversationId, row: OutboxRecord): void {
	draft.write(KEYS.outbox(id, row.key), undefined);
	draft.writeBytes(KEYS.outboxBytes(id, row.key), undefined);
	if (row.sealed !== undefined) draft.write(KEYS.outboxNumber(id, row.sealed.clientSeq), undefined);
}
