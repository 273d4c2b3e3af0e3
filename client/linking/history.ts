/**
 * The account's history for a device that was linked: an encrypted archive (`client/archive`) that the linking device
 * leaves with the server and the new one takes. Both ends are written down and go on with each attach until it is done.
 */
import { fromHex, isRefusal, type LinkedHistory, Refusal, toHex } from "@troth/protocol";
import { ArchiveError } from "../archive/archive-error.ts";
import { newArchiveId, receiveArchive, sendArchive } from "../archive/server-archive.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import type { HistoryRecord } from "../state/linking-records.ts";

const SECRET_BYTES = 32;
/** After this nobody waits for the other end any more. */
const WAIT_MS = 24 * 3600 * 1000;

/** Where the history will lie, and under which secret. */
export function newHistory(context: Pick<DeviceContext, "random" | "serverNow">): HistoryRecord {
	const { random, serverNow } = context;
	return { archive: newArchiveId(random), secret: toHex(random(SECRET_BYTES)), sinceMs: serverNow() };
}

/** The new device keeps where its history lies. */
export function keepHistory(draft: Draft, history: LinkedHistory | undefined, nowMs: number): void {
	if (history === undefined || history.key.length !== SECRET_BYTES) return;
	const record = { archive: toHex(history.archive), secret: toHex(history.key), sinceMs: nowMs };
	draft.write(KEYS.historyToTake, record);
}

/** One at a time of each: an attach in the middle of it begins nothing anew. */
export class HistoryTransfer {
	readonly #context: () => DeviceContext;
	#sending = false;
	#taking = false;

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	/** This device is up to date, or has just linked another one. */
	start(): void {
		const context = this.#context();
		if (!this.#sending) {
			this.#sending = true;
			context.background(() => this.#send().finally(() => (this.#sending = false)));
		}
		if (!this.#taking) {
			this.#taking = true;
			context.background(() => this.#take().finally(() => (this.#taking = false)));
		}
	}

	async #send(): Promise<void> {
		const context = this.#context();
		for (const [key, record] of await context.state.rangeKeys<HistoryRecord>(within(KEYS.historiesToSend))) {
			const archive = key.slice(KEYS.historiesToSend.length);
			if (!isOver(context, record)) await this.#sendOne(record);
			await context.state.transact(async (draft) => draft.write(KEYS.historyToSend(archive), undefined));
		}
	}

	async #sendOne({ archive, secret }: HistoryRecord): Promise<void> {
		const context = this.#context();
		try {
			// What an interrupted attempt left is under other keys: the new device begins anew, and has nothing twice.
			await context.rpc.archives.deleteArchive({ archiveId: fromHex(archive) ?? new Uint8Array() });
			await sendArchive(context, archive, fromHex(secret) ?? new Uint8Array());
		} catch (error) {
			// Too much for this account's share of the server: the device goes on without what was before it.
			if (!isRefusal(error, "TOO_LARGE", "RATE_LIMITED", "FORBIDDEN")) throw error;
		}
	}

	async #take(): Promise<void> {
		const context = this.#context();
		const record = await context.state.read(KEYS.historyToTake);
		if (record === undefined) return;
		try {
			await receiveArchive(context, record.archive, fromHex(record.secret) ?? new Uint8Array());
		} catch (error) {
			if (!isOver(context, record) && !isHopeless(error)) throw asRefusal(error);
		}
		await context.state.transact(async (draft) => draft.write(KEYS.historyToTake, undefined));
		context.joins.lookLater();
	}
}

function isOver({ serverNow }: DeviceContext, { sinceMs }: HistoryRecord): boolean {
	return serverNow() - sinceMs > WAIT_MS;
}

/** Nothing that comes later makes it right. One that changed on its way is begun anew by the other end. */
function isHopeless(error: unknown): boolean {
	return error instanceof ArchiveError && error.code !== "Damaged" && error.code !== "Truncated";
}

/** It is tried again with the next attach, and is no reason to end the stream. */
function asRefusal(error: unknown): unknown {
	return error instanceof ArchiveError
		? new Refusal("UNAVAILABLE", "the history is not there yet", { cause: error })
		: error;
}
