/**
 * Webhooks that are owed: on disk in the transaction that they tell of, sent until the receiver says 2xx, for at most
 * seven days. At least once, and in no promised order; message id and status tell a repeat.
 */
import type { Clock, Timer } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { BusinessIdentity } from "../context.ts";
import type { GatewayRecords } from "../records/schema.ts";
import { shakeHands } from "./handshake.ts";
import { type Change, webhookBody, webhookSignature } from "./payload.ts";

const ANSWER_MS = 10_000;
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60 * 60 * 1000;
/** Changes looked at in one round, and people told at the same time. */
const ROUND = 256;
const AT_ONCE = 8;

export interface WebhookSettings {
	readonly appSecret: string;
	readonly verifyToken: string;
}

interface Due {
	readonly id: number;
	readonly change: string;
	readonly lane: string;
	readonly attempts: number;
	readonly created_at_ms: number;
}

export class Webhooks implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #records: Kysely<GatewayRecords>;
	readonly #identity: BusinessIdentity;
	readonly #settings: WebhookSettings;
	readonly #failed: (where: string, error: unknown) => void;
	#target: string | undefined;
	#timer: Timer | undefined;
	#running: Promise<void> | undefined;
	#again = false;
	#closed = new AbortController();

	private constructor(parts: WebhookParts, target: string | undefined) {
		this.#clock = parts.clock;
		this.#records = parts.records;
		this.#identity = parts.identity;
		this.#settings = parts.settings;
		this.#failed = parts.failed;
		this.#target = target;
	}

	/** Goes on where the last process ended: the receiver that was verified then needs no second handshake. */
	static async open(parts: WebhookParts): Promise<Webhooks> {
		const row = await parts.records
			.selectFrom("setting")
			.select("value")
			.where("name", "=", "webhook")
			.executeTakeFirst();
		return new Webhooks(parts, row?.value);
	}

	/** Where webhooks go; undefined while nobody takes them. */
	get target(): string | undefined {
		return this.#target;
	}

	/** Sends webhooks there from now on, after the handshake. Rejects with WebhookError; nothing changes then. */
	async subscribe(target: string, verifyToken: string = this.#settings.verifyToken): Promise<void> {
		if (target === this.#target && verifyToken === this.#settings.verifyToken) return;
		await shakeHands(target, verifyToken);
		await this.#records
			.insertInto("setting")
			.values({ name: "webhook", value: target })
			.onConflict((conflict) => conflict.column("name").doUpdateSet({ value: target }))
			.execute();
		this.#target = target;
		this.wake();
	}

	/** Nobody is told any more; what is owed waits for the next subscription. */
	async unsubscribe(): Promise<void> {
		await this.#records.deleteFrom("setting").where("name", "=", "webhook").execute();
		this.#target = undefined;
	}

	/**
	 * Owes a change, as part of the transaction it tells of. Call `wake` after it. A repeat is owed once; where nobody
	 * subscribed, nobody is owed anything.
	 */
	async owe(
		transaction: Transaction<GatewayRecords>,
		change: Change,
		{ lane, dedupe }: { readonly lane: string; readonly dedupe: string },
	): Promise<void> {
		if (this.#target === undefined) return;
		const nowMs = this.#clock.now();
		await transaction
			.insertInto("webhook")
			.values({
				change: JSON.stringify(change),
				lane,
				dedupe,
				attempts: 0,
				due_at_ms: nowMs,
				created_at_ms: nowMs,
			})
			.onConflict((conflict) => conflict.column("dedupe").doNothing())
			.execute();
	}

	/** Sends what is due. */
	wake(): void {
		if (this.#target === undefined || this.#closed.signal.aborted) return;
		this.#again = true;
		this.#running ??= this.#run().finally(() => {
			this.#running = undefined;
			if (this.#again) this.wake();
		});
	}

	async #run(): Promise<void> {
		try {
			while (this.#again && !this.#closed.signal.aborted) {
				this.#again = false;
				await this.#round();
			}
			await this.#arm();
		} catch (error) {
			this.#again = false;
			if (this.#closed.signal.aborted) return;
			this.#failed("webhooks", error);
			this.#wakeAt(this.#clock.now() + FIRST_PAUSE_MS);
		}
	}

	async #round(): Promise<void> {
		const nowMs = this.#clock.now();
		const due = await this.#records
			.selectFrom("webhook")
			.select(["id", "change", "lane", "attempts", "created_at_ms"])
			.where("due_at_ms", "<=", nowMs)
			.orderBy("id")
			.limit(ROUND)
			.execute();
		if (due.length === ROUND) this.#again = true;
		const lanes = [...Map.groupBy(due, ({ lane }) => lane).values()];
		const workers = Array.from({ length: Math.min(AT_ONCE, lanes.length) }, async () => {
			for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) await this.#tell(lane);
		});
		await Promise.all(workers);
	}

	/** Posts what is due for one person, in its order; what was taken, or is too old, is forgotten in one go. */
	async #tell(lane: readonly Due[]): Promise<void> {
		const over: number[] = [];
		for (const due of lane) {
			const target = this.#target;
			if (target === undefined || this.#closed.signal.aborted) break;
			const isTooOld = this.#clock.now() - due.created_at_ms > KEPT_MS;
			if (isTooOld || (await this.#post(target, due.change))) over.push(due.id);
			else await this.#postpone(due);
		}
		if (over.length > 0) await this.#records.deleteFrom("webhook").where("id", "in", over).execute();
	}

	async #post(target: string, change: string): Promise<boolean> {
		const body = webhookBody(this.#identity, change);
		try {
			const response = await fetch(target, {
				method: "POST",
				body,
				redirect: "manual",
				headers: {
					"content-type": "application/json",
					"x-hub-signature-256": webhookSignature(this.#settings.appSecret, body),
				},
				signal: AbortSignal.any([AbortSignal.timeout(ANSWER_MS), this.#closed.signal]),
			});
			await response.arrayBuffer();
			return response.ok;
		} catch {
			return false;
		}
	}

	async #postpone({ id, attempts }: Due): Promise<void> {
		if (this.#closed.signal.aborted) return;
		const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 20));
		await this.#records
			.updateTable("webhook")
			.set({ attempts: attempts + 1, due_at_ms: this.#clock.now() + pauseMs })
			.where("id", "=", id)
			.execute();
	}

	/** Wakes when the next one is due. */
	async #arm(): Promise<void> {
		if (this.#closed.signal.aborted) return;
		const next = await this.#records
			.selectFrom("webhook")
			.select("due_at_ms")
			.orderBy("due_at_ms")
			.limit(1)
			.executeTakeFirst();
		if (next !== undefined) this.#wakeAt(next.due_at_ms);
	}

	#wakeAt(atMs: number): void {
		this.#timer?.cancel();
		this.#timer = this.#clock.after(Math.max(1, atMs - this.#clock.now()), () => this.wake());
	}

	/** Waits until nothing is under way; what is owed stays on disk. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed.abort();
		this.#timer?.cancel();
		await this.#running;
	}
}

export interface WebhookParts {
	readonly clock: Clock;
	readonly records: Kysely<GatewayRecords>;
	readonly identity: BusinessIdentity;
	readonly settings: WebhookSettings;
	readonly failed: (where: string, error: unknown) => void;
}
