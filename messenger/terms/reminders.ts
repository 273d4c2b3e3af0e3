/**
 * Reminds people of a notice they have not answered: some days after it was displayed to them, each day once, and only
 * the latest where several have passed. Accounts are taken in the order in which the notice was displayed to them, and
 * how far a day has come only ever goes forward: neither a crash nor a clock that jumps makes it happen twice.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { TERMS_WINDOW_MS } from "@troth/bridge";
import { type AccountId, type Clock, EntryKind, TermsNoticePayloadSchema } from "@troth/protocol";
import { type Kysely, sql } from "kysely";
import type { Delivery } from "../context.ts";
import type { Records } from "../records/schema.ts";
import type { TermsReminderTable } from "./tables.ts";

const DAY_MS = 24 * 3600 * 1000;
const ACCOUNTS_AT_ONCE = 1000;

/** Days after the notice was displayed (B2). */
export const REMINDER_DAYS = [1, 7, 14, 23, 27, 29] as const;
export const REMINDERS_EVERY_MS = 60_000;

export interface ReminderContext {
	readonly clock: Clock;
	readonly records: Kysely<Records>;
	readonly terms: { readonly current: { readonly version: number } };
	readonly delivery: Pick<Delivery, "notifyDevices">;
	readonly accountsAtOnce?: number;
}

/** Accounts by when the notice was displayed to them. */
interface Place {
	readonly ms: number;
	readonly account: AccountId | "";
}

/** Sends what is due now. Rejects where the stores do: the next run goes on. One run at a time. */
export async function remind(context: ReminderContext): Promise<void> {
	const nowMs = context.clock.now();
	for (const [at, day] of REMINDER_DAYS.entries()) {
		const next = REMINDER_DAYS[at + 1];
		// Whom the notice was displayed to in this time is between this day and the next one.
		const window = {
			afterMs: nowMs - (next === undefined ? TERMS_WINDOW_MS : next * DAY_MS),
			untilMs: nowMs - day * DAY_MS,
		};
		while (await remindSlice(context, day, window, nowMs));
	}
}

interface Window {
	readonly afterMs: number;
	readonly untilMs: number;
}

/** False where nobody is left. */
async function remindSlice(context: ReminderContext, day: number, window: Window, nowMs: number): Promise<boolean> {
	const { records, terms, delivery } = context;
	const { version } = terms.current;
	const row = await progressOf(records, version, day);
	const after: Place = { ms: row.after_ms, account: row.after_account };
	const noted: Place = { ms: row.until_ms, account: row.until_account };
	// The end of a slice is noted before anybody in it is told: what may have been told is looked at first.
	const interrupted = noted.ms !== after.ms || noted.account !== after.account;
	const due = await dueAccounts(context, { version, nowMs, after, window, noted: interrupted ? noted : undefined });
	const last = interrupted ? noted : due.at(-1);
	if (last === undefined) return false;
	const set = (values: Partial<TermsReminderTable>) =>
		records.updateTable("terms_reminder").set(values).where("version", "=", version).where("day", "=", day).execute();
	if (!interrupted) await set({ until_ms: last.ms, until_account: last.account });
	const devices =
		due.length === 0
			? []
			: await records
					.selectFrom("device")
					.select("device_id")
					.where(
						"account_id",
						"in",
						due.map(({ account }) => account),
					)
					.where("removed_at_ms", "is", null)
					.execute();
	await delivery.notifyDevices(
		devices.map((device) => device.device_id),
		EntryKind.TERMS_NOTICE,
		toBinary(TermsNoticePayloadSchema, create(TermsNoticePayloadSchema, { version, reminderDay: day })),
		{ unlessThere: interrupted },
	);
	await set({ after_ms: last.ms, after_account: last.account, accounts: row.accounts + due.length });
	return true;
}

async function progressOf(records: Kysely<Records>, version: number, day: number): Promise<TermsReminderTable> {
	const read = () =>
		records
			.selectFrom("terms_reminder")
			.selectAll()
			.where("version", "=", version)
			.where("day", "=", day)
			.executeTakeFirst();
	const stored = await read();
	if (stored !== undefined) return stored;
	const fresh: TermsReminderTable = {
		...{ version, day, accounts: 0 },
		...{ after_ms: 0, after_account: "", until_ms: 0, until_account: "" },
	};
	await records.insertInto("terms_reminder").values(fresh).execute();
	return fresh;
}

interface Due {
	readonly version: number;
	readonly nowMs: number;
	readonly after: Place;
	readonly window: Window;
	/** The end of a slice that was begun before. */
	readonly noted: Place | undefined;
}

/** The next accounts that this day has come for and that have neither accepted nor run out of time. */
async function dueAccounts(
	{ records, accountsAtOnce = ACCOUNTS_AT_ONCE }: ReminderContext,
	{ version, nowMs, after, window, noted }: Due,
): Promise<readonly { readonly ms: number; readonly account: AccountId }[]> {
	let query = records
		.selectFrom("standing")
		.select(["account_id", "notice_displayed_at_ms"])
		.where("notice_version", "=", version)
		.where(sql<boolean>`(notice_displayed_at_ms, account_id) > (${after.ms}, ${after.account})`)
		.where("notice_displayed_at_ms", ">", window.afterMs)
		.where("notice_displayed_at_ms", "<=", window.untilMs)
		.where("deadline_ms", ">", nowMs);
	query =
		noted === undefined
			? query.limit(accountsAtOnce)
			: query.where(sql<boolean>`(notice_displayed_at_ms, account_id) <= (${noted.ms}, ${noted.account})`);
	const rows = await query.orderBy("notice_displayed_at_ms").orderBy("account_id").execute();
	return rows.map((row) => ({ ms: row.notice_displayed_at_ms ?? 0, account: row.account_id }));
}
