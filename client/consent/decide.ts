/** A person's decision about sharing, from their word to the server's receipt. */
import { isRefusal, Refusal, type Standing } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Choice, PresentationView, SharingView } from "../device/sharing-api.ts";
import { readAcceptedTerms } from "../terms/read-terms.ts";
import type { DecisionInput } from "./compose-decision.ts";
import { linkDecision } from "./link-decision.ts";
import { dropDecision, keepReceipt, MAY_HAVE_HAPPENED, signDecision, storeDecision } from "./signed-decision.ts";
import { type KnownStanding, readStanding, viewStanding } from "./standing.ts";

/**
 * Signs, keeps and sends a decision under the accepted version of the terms. What was signed is stored before it
 * leaves: a share under it can never look like one that nobody allowed. Rejects with PURPOSE_UNKNOWN,
 * TERMS_NOT_ACCEPTED, CONSENT_CONFLICT; throws Untrusted where the receipt is not the server's.
 */
export async function decide(
	context: DeviceContext,
	decisions: readonly Choice[],
	presentation: PresentationView,
	link?: DecisionInput["link"],
): Promise<SharingView> {
	if (decisions.length === 0) throw new Refusal("MALFORMED", "nothing is decided");
	const standing = await standingFor(context, decisions);
	const { view } = standing;
	if (view.acceptedVersion === 0) throw new Refusal("TERMS_NOT_ACCEPTED", "no terms are accepted yet");
	const terms = await readAcceptedTerms(context, view.acceptedVersion);
	const signed = await signDecision(context, standing, terms, decisions, presentation, link);
	await storeDecision(context, signed);
	let after: Standing | undefined;
	try {
		const { decision, grants } = signed;
		const answer = await context.rpc.sharing.decidePurposes({ decision, grants: [...grants] });
		await keepReceipt(context, signed, answer.receipt);
		after = answer.standing;
	} catch (error) {
		// Without an answer it may have arrived, and stays.
		if (isRefusal(error) && !MAY_HAVE_HAPPENED.has(error.code)) await dropDecision(context, signed);
		if (isRefusal(error, "CONSENT_CONFLICT")) context.announcer.emit({ type: "sharing" });
		throw error;
	}
	context.announcer.emit({ type: "sharing" });
	const next = viewStanding({ ...standing.info, serverTimeMs: BigInt(context.serverNow()) }, after);
	context.knownSharing.standing = { ...standing, view: next };
	return next;
}

/**
 * What a decision starts from. To take back a yes that is known here nothing has to be asked before it is said: a no names
 * no generation, and whatever stands, it ends.
 */
async function standingFor(context: DeviceContext, decisions: readonly Choice[]): Promise<KnownStanding> {
	const last = context.knownSharing.standing;
	const isGranted = (purpose: string) =>
		last?.view.choices.some((choice) => choice.purpose === purpose && choice.state === "granted") === true;
	const takesBack = decisions.every(({ purpose, granted }) => !granted && isGranted(purpose));
	return last !== undefined && takesBack ? last : readStanding(context);
}

/** Hands a recipient's nonce back to it, signed. Rejects with MALFORMED where it is none, and as `decide` does. */
export async function linkRecipient(context: DeviceContext, nonce: string, recipient: string): Promise<SharingView> {
	const { decisions, presentation, link } = linkDecision(nonce, recipient, context.facts);
	return decide(context, decisions, presentation, link);
}
