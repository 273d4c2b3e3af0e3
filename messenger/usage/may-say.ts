/** May anything be said of this account's use now? The door asks again before it does. */
import { type Decision, decide, factsOf, phaseAt, readStanding } from "@troth/bridge";
import type { AccountId } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

export const USAGE = "usage_metrics";

/**
 * `say`: under the person's name of the quarter. `count`: only together with others, because of where they live. `wait`:
 * not now, and not noted either. `never`: they objected, and what was noted goes.
 */
export type MaySay = "say" | "count" | "wait" | "never";

export async function maySay(
	{ records, terms, clock }: Pick<MessengerContext, "records" | "terms" | "clock">,
	account: AccountId,
): Promise<MaySay> {
	const standing = await readStanding(records, account);
	const { accepted } = standing;
	const policy = accepted && terms.version(accepted.version);
	const nowMs = clock.now();
	return fromDecision(
		decide({
			...{ purpose: USAGE, field: "usage_class", recipient: policy?.purposes.get(USAGE)?.recipients[0] ?? "" },
			current: terms.current,
			accepted: policy,
			acceptedAtMs: accepted?.atMs,
			agreedAtMs: accepted?.agreedAtMs.get(USAGE),
			phase: phaseAt(standing, nowMs),
			choice: standing.choices.get(USAGE),
			person: factsOf(standing.person),
			nowMs,
		}),
	);
}

function fromDecision(decision: Decision): MaySay {
	if (decision.permit) return "say";
	if (decision.reason === "AGGREGATES_ONLY") return "count";
	return decision.reason === "REFUSED" || decision.reason === "WITHDRAWN" || decision.reason === "CLOSED"
		? "never"
		: "wait";
}
