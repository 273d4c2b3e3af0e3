import { closeWeeks as closeAll } from "@troth/bridge";
import { partOf } from "@troth/storage";
import type { MessengerContext } from "../context.ts";

/** Shares, of each week that is over, how many were counted together; groups below the floor are left out. */
export function closeWeeks(
	{ records, terms, clock, sharing }: Pick<MessengerContext, "records" | "terms" | "clock" | "sharing">,
	floor: number,
): Promise<void> {
	const recipients = sharing?.recipients.map(({ id }) => id) ?? [];
	return closeAll({ records: partOf(records), terms, clock, recipients }, floor);
}
