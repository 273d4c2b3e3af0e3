/**
 * What a device gets when it attaches: unread entries and gaps of its logs, the receipts registers of the others, then
 * QueueEmpty; after that, in its own time, how far the others have got.
 */
import { type AccountId, idBytes, type LogId } from "@troth/protocol";
import type { LogProgress, RegisterRow, UnreadLog } from "@troth/storage";
import { progressMessage } from "./acknowledgements.ts";
import type { Exchange } from "./exchange.ts";
import type { Reader } from "./reader.ts";
import type { Stream } from "./stream.ts";
import { frameMessage } from "./wire.ts";

/** Logs whose registers are read in one go. */
const LOGS_AT_ONCE = 64;

export interface Subscriptions {
	/** Whose device it is. */
	readonly account: AccountId;
	readonly all: readonly UnreadLog[];
	readonly unread: readonly UnreadLog[];
	/** The device's cursors belong to another generation: unread is everything. */
	readonly rebased: boolean;
}

/** Lets the reader go and tells QueueEmpty when it has come through. */
export async function catchUp(
	exchange: Exchange,
	stream: Stream,
	reader: Reader,
	{ account, all, unread, rebased }: Subscriptions,
): Promise<void> {
	reader.expectGoals();
	reader.open();
	// The device's own log first: it brings the Welcomes without which nothing of the others can be read, and the window
	// may be full of those before its turn would come.
	const own = (log: LogId) => Number(log !== reader.device);
	for (const { log, head } of unread.toSorted((a, b) => own(a.log) - own(b.log))) {
		const owner = await exchange.owners.openAt(log, head);
		if (stream.isClosed) return;
		const member = owner?.members.get(reader.device);
		if (member === undefined) continue;
		const cursor = reader.bind(member);
		if (rebased) cursor.rebase();
		reader.setGoal(cursor);
		if (cursor.hasMore()) reader.enqueue(cursor);
	}
	// Device logs have no registers, and neither has a conversation that the device was removed from.
	const conversations = all
		.filter(({ leaf, until }) => leaf !== undefined && until === undefined)
		.map(({ log }) => log);
	await sendRegisters(exchange, stream, reader, conversations);
	if (stream.isClosed) return;
	reader.goalDone();
	if (conversations.length === 0) return;
	await exchange.inBackground(() => sendProgress(exchange, stream, account, conversations));
}

async function sendRegisters(
	exchange: Exchange,
	stream: Stream,
	reader: Reader,
	conversations: readonly LogId[],
): Promise<void> {
	for (let at = 0; at < conversations.length; at += LOGS_AT_ONCE) {
		const rows = await exchange.logs.registers(conversations.slice(at, at + LOGS_AT_ONCE));
		if (stream.isClosed) return;
		for (const row of rows) if (row.device !== reader.device) stream.write(registerMessage(row));
	}
}

/** "Delivered" while this device was away. Logs that are not in memory are looked at without keeping them there. */
async function sendProgress(
	exchange: Exchange,
	stream: Stream,
	own: AccountId,
	conversations: readonly LogId[],
): Promise<void> {
	for (let at = 0; at < conversations.length; at += LOGS_AT_ONCE) {
		const some = conversations.slice(at, at + LOGS_AT_ONCE);
		const away = some.filter((log) => exchange.owners.peek(log) === undefined);
		const here = some.flatMap((log) => progressInMemory(exchange, log));
		const stored = away.length === 0 ? [] : await exchange.logs.progressOf(away);
		if (stream.isClosed) return;
		for (const { log, account, acked } of [...here, ...stored]) {
			if (account === own || acked === 0) continue;
			if (await isHiddenFrom(exchange, account, own)) continue;
			stream.write(progressMessage(idBytes(log), account, acked));
		}
	}
}

/** What is here is ahead of the store: acknowledgements are written in batches. */
function progressInMemory({ owners }: Exchange, log: LogId): readonly LogProgress[] {
	const accounts = owners.peek(log)?.members.accounts.values() ?? [];
	return [...accounts].map((of) => ({ log, account: of.account, acked: of.acked() }));
}

/** A business that this account blocked does not learn how far it is (`business/log-watch.ts`). */
async function isHiddenFrom(exchange: Exchange, account: AccountId, reader: AccountId): Promise<boolean> {
	return exchange.businesses.isBusiness(reader) && (await exchange.directory.blockedBy(account)).has(reader);
}

/** The frame of a stored register. */
export function registerMessage({ log, device, sealed, version }: RegisterRow): Buffer {
	const value = { log: idBytes(log), deviceId: idBytes(device), sealed: new Uint8Array(sealed), version };
	return frameMessage({ case: "register", value });
}
