/** The rollout of the versions, from the operator's side: counts, never who. */
import type { MessengerContext } from "../context.ts";
import { type Funnel, readFunnels } from "../terms/funnel.ts";

export interface RolloutOverview {
	/** Server time, ms. */
	readonly now: number;
	/** From the newest on. */
	readonly versions: readonly Funnel[];
}

export async function describeRollout({
	records,
	terms,
	clock,
}: Pick<MessengerContext, "records" | "terms" | "clock">): Promise<RolloutOverview> {
	const now = clock.now();
	const policies = terms.versions.map(({ policy }) => policy).toReversed();
	return { now, versions: await readFunnels(records, policies, now) };
}
