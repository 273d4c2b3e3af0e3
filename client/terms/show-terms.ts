/** A version of the terms with everything that this device could find out about it. */
import type { DeviceContext } from "../device/context.ts";
import type { TermsView } from "../device/sharing-api.ts";
import { askPolicyLog } from "./policy-log.ts";
import { readTerms, viewTerms } from "./read-terms.ts";

/** Rejects with TERMS_VERSION_UNKNOWN; throws Untrusted. What the log of policies says is part of the view. */
export async function showTerms(context: DeviceContext, version?: number): Promise<TermsView> {
	const [terms, { acceptedTermsVersion }] = await Promise.all([
		readTerms(context, version),
		context.rpc.accounts.getOwnAccount({}),
	]);
	return viewTerms(terms, acceptedTermsVersion, await askPolicyLog(context, terms.version, terms.policyHash));
}
