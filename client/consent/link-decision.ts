/**
 * "This device has both" as a decision (C4): one yes to one recipient, with what its page gave out and what this device
 * says of itself. Pure.
 */
import { fromHex, Refusal } from "@troth/protocol";
import type { DeviceFacts } from "../device/facts.ts";
import type { Choice, PresentationView } from "../device/sharing-api.ts";
import { LINKING } from "./as-shown.ts";
import type { DecisionInput } from "./compose-decision.ts";

export interface LinkDecision {
	readonly decisions: readonly Choice[];
	readonly presentation: PresentationView;
	readonly link: NonNullable<DecisionInput["link"]>;
}

const MOST_NONCE_BYTES = 64;

/** Rejects with MALFORMED where it is no nonce. @param nonce hex */
export function linkDecision(nonce: string, recipient: string, facts: DeviceFacts): LinkDecision {
	const bytes = fromHex(nonce);
	if (bytes === undefined || bytes.length === 0 || bytes.length > MOST_NONCE_BYTES)
		throw new Refusal("MALFORMED", "this is no nonce");
	const { deviceType, os, appVersion } = facts;
	return {
		decisions: [{ purpose: LINKING, granted: true }],
		presentation: { control: "buttons", initiallyOn: false, place: "link" },
		link: { recipient, assertion: { nonce: bytes, deviceType, os, appVersion } },
	};
}
