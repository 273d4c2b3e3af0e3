/**
 * How delivery goes, in sums about nobody: shared once a day is over, in coarse words and without small groups (purpose
 * `infrastructure`). Days are UTC days since 1970.
 */
import { type DeliveryCell, type DeliveryCounts, dayText } from "@troth/protocol";
import { partOf } from "@troth/storage";
import { type Kysely, sql, type Transaction } from "kysely";
import { INSTALLATION } from "./installation.ts";
import type { ConsentTables } from "./tables.ts";
import { tell } from "./tell.ts";

export interface DeliveryDaysTables {
	delivery_day: DeliveryDayTable;
}

/** A day that is over, as it is shared: small cells are merged. */
export interface DeliveryDayTable {
	day: number;
	/** JSON (`protocol/usage.ts`). */
	counts: string;
}

export const INFRASTRUCTURE = "infrastructure";
/** As the privacy policy says of those who get them. */
const KEPT_DAYS = 365;
const SYSTEMS: ReadonlySet<string> = new Set(["Android", "iOS", "Windows", "macOS", "Linux"]);
const OTHER = "other";

/** Makes the table, and the view that the door reads; a store of the messenger's has them from its own migrations. */
export async function createDeliveryDays(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable("delivery_day")
		.addColumn("day", "integer", (column) => column.primaryKey())
		.addColumn("counts", "text", (column) => column.notNull())
		.execute();
	await sql`
		create view share_infrastructure as
		select ${sql.lit(INSTALLATION)} as account_id, day as generation, counts from delivery_day
	`.execute(db);
}

/** What is said of a system: one of the coarse words that there are. */
export function coarseSystem(os: string): string {
	return SYSTEMS.has(os) ? os : OTHER;
}

/** What is said of a version: numbers, or nothing. */
export function coarseVersion(appVersion: string): string {
	return /^\d{1,3}(\.\d{1,3}){1,2}$/.test(appVersion) ? appVersion : OTHER;
}

export interface DayOver {
	readonly day: number;
	readonly cells: readonly DeliveryCell[];
	/** Those that the policy names and this installation has. */
	readonly recipients: readonly string[];
	readonly nowMs: number;
}

/** Shares a day, once; one that was shared is left as it is. @param floor cells with fewer are merged into "other" */
export async function shareDay(
	records: Transaction<ConsentTables & DeliveryDaysTables>,
	{ day, cells, recipients, nowMs }: DayOver,
	floor: number,
): Promise<void> {
	const counts: DeliveryCounts = { day: dayText(day), cells: mergeSmall(cells, floor) };
	const { numInsertedOrUpdatedRows: fresh } = await records
		.insertInto("delivery_day")
		.values({ day, counts: JSON.stringify(counts) })
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirstOrThrow();
	if (fresh === 0n || counts.cells.length === 0) return;
	const word = { account: INSTALLATION, purpose: INFRASTRUCTURE, recipients, generation: day, nowMs } as const;
	await tell(partOf(records), word);
}

/** Forgets days that nobody keeps any more. */
export async function forgetDays(records: Transaction<DeliveryDaysTables>, today: number): Promise<void> {
	await records
		.deleteFrom("delivery_day")
		.where("day", "<", today - KEPT_DAYS)
		.execute();
}

/**
 * Cells below the floor become "other", by outcome; where what is put together is still below it, it is left out. Pure.
 */
export function mergeSmall(cells: readonly DeliveryCell[], floor: number): readonly DeliveryCell[] {
	const large = cells.filter(({ times }) => times >= floor);
	const merged = (["delivered", "left"] as const).flatMap((outcome) => {
		const small = cells.filter((cell) => cell.outcome === outcome && cell.times < floor);
		const times = small.reduce((sum, cell) => sum + cell.times, 0);
		return times < floor || times === 0 ? [] : [{ os: OTHER, app_version: OTHER, outcome, times }];
	});
	return [...large.filter(({ os, app_version }) => os !== OTHER || app_version !== OTHER), ...sumOthers(large, merged)];
}

/** There may be large cells that are called "other" already. */
function sumOthers(large: readonly DeliveryCell[], merged: readonly DeliveryCell[]): readonly DeliveryCell[] {
	return (["delivered", "left"] as const).flatMap((outcome) => {
		const times = [...large, ...merged]
			.filter((cell) => cell.outcome === outcome && cell.os === OTHER && cell.app_version === OTHER)
			.reduce((sum, cell) => sum + cell.times, 0);
		return times === 0 ? [] : [{ os: OTHER, app_version: OTHER, outcome, times }];
	});
}
