/** The lanes of all conversations, and who waits for what in them. */
import {
	type ConversationId,
	fromErrorDetail,
	type MessageId,
	Refusal,
	type RefusalCode,
	readId,
	type SendOk,
	type SendRefused,
} from "@troth/protocol";
import { findRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { KEYS, outboxOwner, within } from "../state/keys.ts";
import { StateClosed } from "../state/local-state.ts";
import type { ConversationRecord, OutboxRecord, PendingCommitRecord } from "../state/records.ts";
import { failRow, Lane } from "./lane.ts";
import type { Change } from "./operations.ts";

export type Settlement =
	| { readonly kind: "stored"; readonly seq: number; readonly timeMs: number }
	| { readonly kind: "failed"; readonly refusal: Refusal };

export interface Stored {
	readonly seq: number;
	readonly timeMs: number;
}

interface Waiter {
	readonly resolve: (stored: Stored) => void;
	readonly reject: (refusal: Refusal) => void;
}

export class Lanes {
	readonly #context: () => DeviceContext;
	readonly #lanes = new Map<ConversationId, Lane>();
	readonly #waiters = new Map<string, Waiter[]>();

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	/** Something changed for this conversation. */
	kick(id: ConversationId): void {
		this.#lane(id).kick();
	}

	/** The stream is there and everything that waited is stored: whatever was left lying goes on. */
	async kickAll(): Promise<void> {
		const { state } = this.#context();
		const waiting = new Set<ConversationId>();
		for (const record of state.keptWithin<ConversationRecord>(KEYS.conversations))
			if (record.state === "behind") waiting.add(record.id);
		for (const { conversation } of await state.range<PendingCommitRecord>(within(KEYS.pendingCommits)))
			waiting.add(conversation);
		for (const [key] of await state.rangeKeys<OutboxRecord>(within(KEYS.outboxes))) waiting.add(outboxOwner(key));
		for (const id of waiting) this.kick(id);
	}

	/** The stream is gone. */
	reset(): void {
		for (const lane of this.#lanes.values()) lane.reset();
	}

	#lane(id: ConversationId): Lane {
		const known = this.#lanes.get(id);
		if (known !== undefined) return known;
		for (const [other, lane] of this.#lanes) if (lane.idle) this.#lanes.delete(other);
		const lane = new Lane(this.#context(), id);
		this.#lanes.set(id, lane);
		return lane;
	}

	sendOk({ log, clientSeq, seq, timeMs }: SendOk): void {
		const id = readId<ConversationId>(log);
		if (id !== undefined) this.#lane(id).sendOk({ clientSeq, seq, timeMs: Number(timeMs) });
	}

	sendRefused({ log, clientSeq, error }: SendRefused): void {
		const id = readId<ConversationId>(log);
		const refusal = error === undefined ? new Refusal("INTERNAL", "refused without a reason") : fromErrorDetail(error);
		if (id !== undefined) this.#handle(() => this.#lane(id).sendRefused(clientSeq, refusal));
	}

	#handle(work: () => Promise<void>): void {
		this.#context().background(work);
	}

	/** Changes the group. Rejects with UNAVAILABLE where there is no connection. */
	async change(id: ConversationId, change: Change): Promise<void> {
		if (!this.#context().session.attached) throw new Refusal("UNAVAILABLE", "there is no connection");
		const lane = this.#lane(id);
		const done = lane.operations.push(change);
		lane.kick();
		return done;
	}

	/** Resolves when the pending commit with this number is in the log. */
	follow(id: ConversationId, clientSeq: number): Promise<void> {
		const lane = this.#lane(id);
		const done = lane.operations.follow(clientSeq);
		lane.kick();
		return done;
	}

	committed(id: ConversationId, clientSeq: number): void {
		this.#lane(id).operations.committed(clientSeq);
		this.kick(id);
	}

	lostRace(id: ConversationId, clientSeq: number): void {
		this.#lane(id).operations.lostRace(clientSeq);
		this.kick(id);
	}

	/** The fate of a message is known. */
	settled(id: ConversationId, message: MessageId, settlement: Settlement): void {
		const waiters = this.#waiters.get(`${id}/${message}`) ?? [];
		this.#waiters.delete(`${id}/${message}`);
		for (const { resolve, reject } of waiters) {
			if (settlement.kind === "stored") resolve({ seq: settlement.seq, timeMs: settlement.timeMs });
			else reject(settlement.refusal);
		}
	}

	/** Resolves or rejects when the fate of a message that is in the outbox, or about to be, is known. */
	outcome(id: ConversationId, message: MessageId): Promise<Stored> {
		const outcome = new Promise<Stored>((resolve, reject) => {
			const name = `${id}/${message}`;
			this.#waiters.set(name, [...(this.#waiters.get(name) ?? []), { resolve, reject }]);
		});
		// Whoever gives up waiting, because its transaction failed, must not end the process when the device is closed.
		outcome.catch(() => undefined);
		return outcome;
	}

	/** Where the server stored the message. Rejects with the refusal, or NOT_FOUND for a message that is not known. */
	async stored(id: ConversationId, message: MessageId): Promise<Stored> {
		// The waiter is there before the look, so that nothing can happen in between.
		const outcome = this.outcome(id, message);
		await this.#context().state.transact(async (draft) => {
			const row = await findRow(draft, id, message);
			if (row === undefined) this.settled(id, message, failed("NOT_FOUND", "no such message"));
			else if (row.failed !== undefined) this.settled(id, message, failed(row.failed, "not sent"));
			else if (row.seq !== undefined) this.settled(id, message, { kind: "stored", seq: row.seq, timeMs: row.timeMs });
		});
		return outcome;
	}

	/** Every message that is not stored is shown as failed: nothing is sent from this profile any more. */
	async failEverything(): Promise<void> {
		const context = this.#context();
		for (const { id } of [...context.state.keptWithin<ConversationRecord>(KEYS.conversations)]) {
			const rows = await context.state.range<OutboxRecord>(within(KEYS.outboxOf(id)));
			await context.state.transact(async (draft) => {
				for (const row of rows.filter(({ storedSeq }) => storedSeq === undefined))
					await failRow(context, draft, id, row, "SEQ_REUSED");
			});
			this.#lanes.get(id)?.operations.rejectAll(new Refusal("SEQ_REUSED", "this profile has to be linked anew"));
		}
	}

	/** The device closes: nobody is left waiting. */
	close(): void {
		const closed = new Refusal("UNAVAILABLE", "the device was closed; the message is sent the next time", {
			cause: new StateClosed(),
		});
		for (const waiters of this.#waiters.values()) for (const { reject } of waiters) reject(closed);
		this.#waiters.clear();
		for (const lane of this.#lanes.values()) {
			lane.reset();
			lane.operations.rejectAll(closed);
		}
	}
}

function failed(code: RefusalCode, message: string): Settlement {
	return { kind: "failed", refusal: new Refusal(code, message) };
}
