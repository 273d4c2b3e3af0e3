/** One arrival of a log, applied to a draft: whatever it is, the log goes on after it (hazard 19). */
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConversationId,
	type DeviceId,
	DeviceListPayloadSchema,
	type Entry,
	EntryKind,
	type Gap,
	GapReason,
	readId,
	type Skipped,
	TermsNoticePayloadSchema,
} from "@troth/protocol";
import { Unreadable } from "../content/unreadable.ts";
import { addRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { showChangedKeys } from "../identity/changed-keys.ts";
import { decodeDeviceList, decodeSigned } from "../identity/device-list.ts";
import { learnDeviceList } from "../identity/directory.ts";
import { noteCameIn } from "../linking/before-coming-in.ts";
import { applyIdle } from "../linking/device-notices.ts";
import { applyOwnNote } from "../linking/own-notes.ts";
import { MlsRefusal } from "../mls/engine.ts";
import { refreshAccount } from "../profile/number.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import { StateClosed, StateFailed } from "../state/local-state.ts";
import type { LogRecord } from "../state/records.ts";
import { noteEnding } from "../terms/account-ending.ts";
import { noteNotice, noteReminder } from "../terms/notice.ts";
import { applyCommit, LostTheWay, loseTheWay } from "./apply-commit.ts";
import { applyGap, applyHole, applySkipped, showPassed } from "./apply-gap.ts";
import { applyMessage, showFork, withoutSender } from "./apply-message.ts";
import { applyOwnMessage } from "./apply-own.ts";
import { applyWelcome } from "./apply-welcome.ts";
import { CopiedProfile, type Evidence, Need } from "./needs.ts";
import { extendByEntry } from "./witness.ts";

export type Arrival =
	| { readonly kind: "entry"; readonly first: number; readonly last: number; readonly entry: Entry }
	| { readonly kind: "gap"; readonly first: number; readonly last: number; readonly gap: Gap }
	| { readonly kind: "skipped"; readonly first: number; readonly last: number; readonly skipped: Skipped };

/** Applies one arrival. Throws Need, CopiedProfile, StateClosed or StateFailed, and then the draft is given up. */
export async function applyArrival(
	context: DeviceContext,
	draft: Draft,
	kept: LogRecord,
	arrival: Arrival,
	evidence: Evidence,
): Promise<void> {
	await requireWelcome(context, draft, kept, arrival, evidence);
	if (kept.joining === true)
		await noteCameIn(draft, kept.log as ConversationId, arrival.first - 1, timeOf(context, arrival));
	const before = await passedOver(context, draft, beginning(kept, arrival), arrival);
	const restored = arrival.kind === "gap" && arrival.gap.reason === GapReason.RESTORED;
	if (arrival.last <= before.seq && !restored) return;
	const log = arrival.first > before.seq + 1 ? await applyHole(context, draft, before, arrival.first) : before;
	switch (arrival.kind) {
		case "gap":
			await applyGap(context, draft, log, arrival.gap);
			return;
		case "skipped":
			await applySkipped(draft, log, arrival.skipped);
			return;
		case "entry": {
			const part = draft.nested();
			const after = await applyEntry(context, part, log, arrival.entry, evidence);
			part.write(KEYS.log(log.log), extendByEntry(part, after, arrival.entry));
			draft.absorb(part);
		}
	}
}

/**
 * A device that was out and was taken in again has the keys of an epoch that is over, and perhaps never heard that it was
 * out: what follows its Welcome waits for it. The server sends the device's own log first.
 */
async function requireWelcome(
	context: DeviceContext,
	draft: Draft,
	{ log }: LogRecord,
	arrival: Arrival,
	{ waited }: Evidence,
): Promise<void> {
	const own = context.self.device;
	if (log === own || arrival.kind === "skipped" || waited.has(own) || !context.inbox.isBehind(own)) return;
	const epoch = (await draft.read(KEYS.exporters(log as ConversationId)))?.[0]?.epoch ?? -1;
	if (arrival.kind === "gap" || arrival.entry.epoch > epoch) throw new Need({ kind: "own-log" });
}

function timeOf({ serverNow }: DeviceContext, arrival: Arrival): number {
	return arrival.kind === "entry" ? Number(arrival.entry.timeMs) : serverNow();
}

/** A device that comes in by itself begins with the first entry it gets, which is its own commit. */
function beginning(log: LogRecord, { first }: Arrival): LogRecord {
	if (log.joining !== true) return log;
	return { ...log, joining: undefined, seq: first - 1, from: first - 1 };
}

/** A gap before the place at which a Welcome took this device in again: it was in before, and did not get everything. */
async function passedOver(context: DeviceContext, draft: Draft, log: LogRecord, arrival: Arrival): Promise<LogRecord> {
	if (arrival.kind !== "gap" || log.passed === undefined) return log;
	return showPassed(context, draft, log, log.passed, arrival.gap);
}

/** The log as the entry's words leave it, not yet moved forward. */
async function applyEntry(
	context: DeviceContext,
	draft: Draft,
	log: LogRecord,
	entry: Entry,
	evidence: Evidence,
): Promise<LogRecord> {
	const attempt = draft.nested();
	try {
		const after = await applyKind(context, attempt, log, entry, evidence);
		draft.absorb(attempt);
		return after;
	} catch (error) {
		if (error instanceof Need || error instanceof CopiedProfile) throw error;
		if (error instanceof StateClosed || error instanceof StateFailed) throw error;
		await storeUnreadable(context, draft, log, entry, error);
		const sender = readId<DeviceId>(entry.senderDevice);
		return sender === undefined ? log : withoutSender(log, sender);
	}
}

async function applyKind(
	context: DeviceContext,
	draft: Draft,
	log: LogRecord,
	entry: Entry,
	evidence: Evidence,
): Promise<LogRecord> {
	if (log.log === context.self.device) {
		await applyDeviceEntry(context, draft, entry, evidence);
		return log;
	}
	const id = log.log as ConversationId;
	switch (entry.kind) {
		case EntryKind.MESSAGE:
			if (readId<DeviceId>(entry.senderDevice) !== context.self.device)
				return applyMessage(context, draft, id, log, entry, evidence);
			await applyOwnMessage(context, draft, id, log, entry);
			return log;
		case EntryKind.COMMIT:
			return applyCommit(context, draft, id, log, entry, evidence);
		default:
			throw new Unreadable("Unsupported");
	}
}

async function applyDeviceEntry(context: DeviceContext, draft: Draft, entry: Entry, evidence: Evidence): Promise<void> {
	switch (entry.kind) {
		case EntryKind.WELCOME:
			return applyWelcome(context, draft, entry, evidence);
		case EntryKind.DEVICE_LIST: {
			const signed = decodeSigned(fromBinary(DeviceListPayloadSchema, entry.payload).signedDeviceList);
			const account = readId<AccountId>(decodeDeviceList(signed.statement)?.accountId ?? new Uint8Array());
			if (account === undefined) throw new Unreadable("Malformed");
			await learnDeviceList(context.engine, draft, account, signed, (part, changed, what) =>
				showChangedKeys(context, part, changed, Number(entry.timeMs), what),
			);
			if (account === context.self.account) draft.after(() => context.announcer.emit({ type: "devices" }));
			return;
		}
		case EntryKind.TERMS_NOTICE: {
			const { version, reminderDay } = fromBinary(TermsNoticePayloadSchema, entry.payload);
			return reminderDay === 0
				? noteNotice(context, draft, version)
				: noteReminder(context, draft, { version, day: reminderDay });
		}
		case EntryKind.OWN_DEVICES:
			return applyOwnNote(context, draft, entry, evidence);
		case EntryKind.DEVICE_IDLE:
			return applyIdle(context, draft, entry);
		case EntryKind.ACCOUNT_ENDING:
			return noteEnding(context, draft, entry);
		case EntryKind.ACCOUNT_CHANGED:
			draft.write(KEYS.accountStale, true);
			draft.after(() => context.background(() => refreshAccount(context)));
			return;
		default:
			throw new Unreadable("Unsupported");
	}
}

/** It came, it can not be read: the row says so, and nothing of it is lost in silence. */
async function storeUnreadable(
	context: DeviceContext,
	draft: Draft,
	log: LogRecord,
	entry: Entry,
	error: unknown,
): Promise<void> {
	const id = log.log as ConversationId;
	// An entry of the device's own log belongs to no conversation; what it should have brought is found by comparing
	// lists at the next attach.
	const record = await draft.read(KEYS.conversation(id));
	if (record === undefined) return;
	const lost = error instanceof LostTheWay;
	const stateless = error instanceof Unreadable && error.code === "NoGroup" && record.state === "active";
	await addRow(context, draft, id, {
		seq: entry.seq,
		id: undefined,
		sender: readId<AccountId>(entry.senderAccount),
		timeMs: Number(entry.timeMs),
		body: { kind: "unreadable", code: codeOf(lost ? error.cause : error) },
	});
	// Whoever wrote it is in this epoch by another way: two members were shown different commits.
	if (codeOf(error) === "OtherKeys") await showFork(context, draft, id, Number(entry.timeMs));
	if (lost || stateless) await loseTheWay(context, draft, id, lost ? error.state : "behind");
}

function codeOf(error: unknown): string {
	return error instanceof Unreadable || error instanceof MlsRefusal ? error.code : "Defect";
}
