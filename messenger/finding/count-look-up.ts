import type { MessengerContext, Session } from "../context.ts";

/** Counts one look-up of whatever kind against the caller, before anything is looked at. Refuses with RATE_LIMITED. */
export async function countLookUp(
	{ rateLimits, limits, businesses }: MessengerContext,
	{ account }: Session,
): Promise<void> {
	rateLimits.lookUp(account, businesses.isBusiness(account));
	if ((await limits.restriction(account, "new-conversations")) !== undefined) rateLimits.limitedLookUp(account);
}
