/**
 * Tells every device that a version was published: an entry in each device's log, account after account. What a crash
 * interrupts goes on at the next start: nobody is skipped, and who was told already is not told again.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { type AccountId, type Clock, EntryKind, TermsNoticePayloadSchema } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { Delivery } from "../context.ts";
import type { Events } from "../events.ts";
import type { Records } from "../records/schema.ts";
import type { TermsRolloutTable } from "./tables.ts";

const ACCOUNTS_AT_ONCE = 1000;
/** A rollout that failed is taken up again after this. */
export const ROLLOUT_EVERY_MS = 10_000;

export interface RolloutContext {
	readonly clock: Clock;
	readonly records: Kysely<Records>;
	readonly delivery: Pick<Delivery, "notifyDevices">;
	readonly events: Pick<Events, "jobFailed" | "termsRolledOut">;
	/** What a version takes away is taken before anybody is told of it. */
	readonly narrowing?: { run(): Promise<void> };
	/** What is told in one go, and looked at again after a crash. */
	readonly accountsAtOnce?: number;
}

export class TermsRollout implements AsyncDisposable {
	readonly #context: RolloutContext;
	#running: Promise<void> | undefined;
	#again = false;
	#stopped = false;

	constructor(context: RolloutContext) {
		this.#context = context;
	}

	/**
	 * Goes on with what is noted, one run at a time; resolves when nothing is left, or the server stops. Rejects where
	 * the stores do.
	 */
	run(): Promise<void> {
		this.#again = true;
		this.#running ??= this.#runAll().finally(() => {
			this.#running = undefined;
		});
		return this.#running;
	}

	/** Begins soon; a failure is reported, and `run` is called again later. */
	begin(): void {
		this.run().catch((error: unknown) => this.#context.events.jobFailed("terms-rollout", error));
	}

	async #runAll(): Promise<void> {
		for (;;) {
			this.#again = false;
			await this.#context.narrowing?.run();
			const rollout = await this.#context.records
				.selectFrom("terms_rollout")
				.selectAll()
				.where("ended_at_ms", "is", null)
				.orderBy("version")
				.limit(1)
				.executeTakeFirst();
			if (this.#stopped) return;
			if (rollout !== undefined) await this.#slice(rollout);
			// One that was noted after the look has asked again.
			else if (!this.#again) return;
		}
	}

	async #slice({ version, after_account: after, until_account: noted }: TermsRolloutTable): Promise<void> {
		const { clock, records, delivery, events } = this.#context;
		const set = (values: Partial<TermsRolloutTable>) =>
			records.updateTable("terms_rollout").set(values).where("version", "=", version).execute();
		// The end of a slice is noted before anybody in it is told: what may have been told is looked at first.
		const interrupted = noted > after;
		const until = interrupted ? noted : await this.#endOfSlice(after);
		if (until === "") {
			await set({ ended_at_ms: clock.now() });
			events.termsRolledOut(version);
			return;
		}
		if (!interrupted) await set({ until_account: until });
		const rows = await records
			.selectFrom("device")
			.select(["device_id", "account_id"])
			.where("account_id", ">", after as AccountId)
			.where("account_id", "<=", until)
			.where("removed_at_ms", "is", null)
			.execute();
		const devices = rows.map((row) => row.device_id);
		const payload = toBinary(TermsNoticePayloadSchema, create(TermsNoticePayloadSchema, { version }));
		await delivery.notifyDevices(devices, EntryKind.TERMS_NOTICE, payload, { unlessThere: interrupted });
		const accounts = new Set(rows.map((row) => row.account_id)).size;
		await records
			.updateTable("terms_rollout")
			.set((eb) => ({
				after_account: until,
				accounts: eb("accounts", "+", accounts),
				devices: eb("devices", "+", devices.length),
			}))
			.where("version", "=", version)
			.execute();
	}

	/** The last account of the next slice; empty where there is none left. */
	async #endOfSlice(after: string): Promise<AccountId | ""> {
		const rows = await this.#context.records
			.selectFrom("account")
			.select("account_id")
			.where("account_id", ">", after as AccountId)
			.orderBy("account_id")
			.limit(this.#context.accountsAtOnce ?? ACCOUNTS_AT_ONCE)
			.execute();
		return rows.at(-1)?.account_id ?? "";
	}

	/** Ends after the slice that is under way. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped = true;
		await this.#running?.catch(() => {});
	}
}
