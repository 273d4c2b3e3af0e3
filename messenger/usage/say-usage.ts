/** Once a week says of each account how often it is used; which day of the week follows from its id. */
import { countUse, maySay, tell } from "@troth/bridge";
import { classOn, dayText, dueAfter, USAGE, type UsedDays, utcDayOf } from "@troth/protocol";
import type { Selectable } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { UsageDaysTable } from "./tables.ts";
import { forgetUsage } from "./usage-days.ts";

export const SAY_USAGE_EVERY_MS = 60_000;
const ACCOUNTS_AT_ONCE = 500;

type Needs = Pick<MessengerContext, "records" | "terms" | "clock" | "sharing">;

/** Says what is due, all of it. Rejects with StoreError; what was not said is due again. */
export async function sayUsage(context: Needs): Promise<void> {
	const today = utcDayOf(context.clock.now());
	for (;;) {
		const due = await context.records
			.selectFrom("usage_days")
			.selectAll()
			.where("due_day", "<=", today)
			.orderBy("due_day")
			.limit(ACCOUNTS_AT_ONCE)
			.execute();
		for (const row of due) await sayOne(context, row, today);
		if (due.length < ACCOUNTS_AT_ONCE) return;
	}
}

async function sayOne(context: Needs, row: Selectable<UsageDaysTable>, today: number): Promise<void> {
	const { terms, sharing, clock } = context;
	const { account_id: account } = row;
	const may = await maySay(context, account, USAGE);
	const used: UsedDays = { lastUsedDay: row.last_used_day, days: row.days };
	const usageClass = classOn(used, today);
	await context.records.transaction().execute(async (transaction) => {
		if (may === "say") {
			const said = { generation: today, last_used_day: dayText(used.lastUsedDay), usage_class: usageClass };
			await transaction
				.insertInto("usage_said")
				.values({ account_id: account, ...said })
				.onConflict((conflict) => conflict.column("account_id").doUpdateSet(said))
				.execute();
			const named = terms.current.purposes.get(USAGE)?.recipients ?? [];
			const recipients = named.filter((id) => sharing?.recipients.some((one) => one.id === id));
			await tell(transaction, { account, purpose: USAGE, recipients, generation: today, nowMs: clock.now() });
		}
		if (may === "count") await countUse(transaction, today, usageClass);
		if (may === "never") await forgetUsage(transaction, account);
		// Who is not here any more is said so once, and begins anew when they come back.
		else if (usageClass === "none")
			await transaction.deleteFrom("usage_days").where("account_id", "=", account).execute();
		else
			await transaction
				.updateTable("usage_days")
				.set({ due_day: dueAfter(account, today) })
				.where("account_id", "=", account)
				.execute();
	});
}
