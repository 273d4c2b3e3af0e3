/** A version of the terms with everything that this device could find out about it, as it concerns this person. */
import { readStanding } from "../consent/standing.ts";
import type { DeviceContext } from "../device/context.ts";
import type { TermsView } from "../device/sharing-api.ts";
import { askPolicyLog } from "./policy-log.ts";
import { readTerms, viewTerms } from "./read-terms.ts";
import { showTo } from "./show-to.ts";

/** Rejects with TERMS_VERSION_UNKNOWN; throws Untrusted. What the log of policies says is part of the view. */
export async function showTerms(context: DeviceContext, version?: number): Promise<TermsView> {
	const [terms, { view: sharing }] = await Promise.all([readTerms(context, version), readStanding(context)]);
	const log = await askPolicyLog(context, terms.version, terms.policyHash);
	return showTo(sharing, terms.file, viewTerms(terms, sharing.acceptedVersion, log));
}
