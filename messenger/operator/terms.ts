/** The terms, from the operator's side: what is in force, what lies ready, and how a version comes into force. */

import type { OperatorAnswer, TermsOverview } from "@troth/bridge";
import * as terms from "@troth/bridge";
import type { MessengerContext } from "../context.ts";

export function describeTerms(context: Pick<MessengerContext, "terms">): TermsOverview {
	return terms.describeTerms(context.terms);
}

/** Publishes a policy file. It is in force when this resolves; the devices are told from then on. */
export async function publishTerms(
	context: Pick<MessengerContext, "terms" | "rollout">,
	file: unknown,
): Promise<OperatorAnswer> {
	const answer = await terms.publishTerms(context.terms, file);
	if (answer.status === 201) context.rollout.begin();
	return answer;
}
