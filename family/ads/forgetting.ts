/** What is deleted about ads when its time is over. */
import { forgetListRows } from "../audiences/forgetting.ts";
import type { FamilyContext } from "../context.ts";

/** Rows of lists past their retention, and impressions that nothing needs any more. */
export async function forgetAds(context: Pick<FamilyContext, "records" | "clock">): Promise<void> {
	await forgetListRows(context);
	await context.records.deleteFrom("impression").where("expires_at_ms", "<=", context.clock.now()).execute();
}
