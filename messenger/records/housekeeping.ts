/** Forgets what the privacy policy says is forgotten. */
import { LIMITS } from "@troth/protocol";
import type { Kysely } from "kysely";
import { SERVICE_WINDOW_MS } from "../business/category-rule.ts";
import type { Records } from "./schema.ts";

const MINUTE_MS = 60 * 1000;

export const HOUSEKEEPING_EVERY_MS = 10 * MINUTE_MS;

/** An attempt that is over still says so for a while, instead of being unknown. */
const ATTEMPTS_KEPT_MS = 20 * MINUTE_MS;
/** How long a lost answer to CreateAccount can be asked for again. */
const REGISTRATIONS_KEPT_MS = 24 * 60 * MINUTE_MS;
const REMOVED_DEVICES_KEPT_MS = 365 * 24 * 60 * MINUTE_MS;

/** Deletes rows whose time is over. */
export async function sweepRecords(records: Kysely<Records>, nowMs: number): Promise<void> {
	await records
		.deleteFrom("code_sent")
		.where("sent_at_ms", "<=", nowMs - LIMITS.codeRequestsMs)
		.execute();
	await records
		.deleteFrom("registration_attempt")
		.where("expires_at_ms", "<=", nowMs - ATTEMPTS_KEPT_MS)
		.execute();
	await records
		.deleteFrom("registration")
		.where("expires_at_ms", "<=", nowMs - REGISTRATIONS_KEPT_MS)
		.execute();
	await records
		.deleteFrom("number_given_up")
		.where("given_up_at_ms", "<=", nowMs - Math.max(LIMITS.numberChangeWaitMs, LIMITS.numberRestsMs))
		.execute();
	await records.deleteFrom("key_package").where("expires_at_ms", "<=", nowMs).execute();
	await records.deleteFrom("last_resort_key_package").where("expires_at_ms", "<=", nowMs).execute();
	await records
		.deleteFrom("business_window")
		.where("wrote_at_ms", "<", nowMs - SERVICE_WINDOW_MS)
		.execute();
	await records.deleteFrom("released_username").where("free_at_ms", "<=", nowMs).execute();
	await records
		.deleteFrom("device")
		.where("removed_at_ms", "<=", nowMs - REMOVED_DEVICES_KEPT_MS)
		.execute();
}
