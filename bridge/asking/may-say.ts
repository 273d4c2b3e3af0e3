/** May anything be said of this account, now, for a purpose that asks nobody? The door asks again before it does. */
import type { AccountId, Clock, ResidualPurpose } from "@troth/protocol";
import { type Policies, readStanding } from "../consent/standing.ts";
import type { ConsentRecords } from "../consent/tables.ts";
import { type Decision, decide } from "../decision/decide.ts";
import { phaseAt } from "../lifecycle/lifecycle.ts";
import { factsOf } from "../lifecycle/person.ts";

/**
 * `say`: under the name that the purpose gives them. `count`: only together with others, because of where they live.
 * `wait`: not now, and not noted either. `never`: they objected, and what was noted goes.
 */
export type MaySay = "say" | "count" | "wait" | "never";

export async function maySay(
	{ records, terms, clock }: { readonly records: ConsentRecords; readonly terms: Policies; readonly clock: Clock },
	account: AccountId,
	purpose: ResidualPurpose,
): Promise<MaySay> {
	const standing = await readStanding(records, account);
	const { accepted } = standing;
	const policy = accepted && terms.version(accepted.version);
	const row = policy?.purposes.get(purpose);
	const nowMs = clock.now();
	return fromDecision(
		decide({
			...{ purpose, field: row?.fields[0] ?? "", recipient: row?.recipients[0] ?? "" },
			current: terms.current,
			accepted: policy,
			acceptedAtMs: accepted?.atMs,
			agreedAtMs: accepted?.agreedAtMs.get(purpose),
			phase: phaseAt(standing, nowMs),
			choice: standing.choices.get(purpose),
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
