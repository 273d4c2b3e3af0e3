/**
 * Tells every device that a version was published: an entry in each device's log, in slices, from where the last slice
 * ended. What a crash interrupts goes on at the next start; a device may be told twice, never not at all.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { type DeviceId, EntryKind, TermsNoticePayloadSchema } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { Delivery } from "../context.ts";
import type { Events } from "../events.ts";
import type { Records, TermsRolloutTable } from "../records/schema.ts";

const DEVICES_AT_ONCE = 100;
/** A rollout that failed is taken up again after this. */
export const ROLLOUT_EVERY_MS = 10_000;

export interface RolloutContext {
	readonly records: Kysely<Records>;
	readonly delivery: Pick<Delivery, "notifyDevices">;
	readonly events: Pick<Events, "jobFailed" | "termsRolledOut">;
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
			const rollout = await this.#context.records
				.selectFrom("terms_rollout")
				.selectAll()
				.orderBy("version")
				.limit(1)
				.executeTakeFirst();
			if (this.#stopped) return;
			if (rollout !== undefined) await this.#slice(rollout);
			// One that was noted after the look has asked again.
			else if (!this.#again) return;
		}
	}

	async #slice({ version, after_device: after }: TermsRolloutTable): Promise<void> {
		const { records, delivery, events } = this.#context;
		const rows = await records
			.selectFrom("device")
			.select("device_id")
			.where("removed_at_ms", "is", null)
			.where("device_id", ">", after as DeviceId)
			.orderBy("device_id")
			.limit(DEVICES_AT_ONCE)
			.execute();
		const devices = rows.map((row) => row.device_id);
		const last = devices.at(-1);
		if (last === undefined) {
			await records.deleteFrom("terms_rollout").where("version", "=", version).execute();
			events.termsRolledOut(version);
			return;
		}
		const payload = toBinary(TermsNoticePayloadSchema, create(TermsNoticePayloadSchema, { version }));
		await delivery.notifyDevices(devices, EntryKind.TERMS_NOTICE, payload);
		await records.updateTable("terms_rollout").set({ after_device: last }).where("version", "=", version).execute();
	}

	/** Ends after the slice that is under way. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped = true;
		await this.#running?.catch(() => {});
	}
}
