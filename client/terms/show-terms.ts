/** A version of the terms with everything that this device could find out about it, as it concerns this person. */
import {
	isBarred,
	isShownOn,
	type PersonFacts,
	type PolicyFile,
	type PolicyPurpose,
	type Rule,
	ruleTable,
	strictestOf,
} from "@troth/protocol";
import { readStanding } from "../consent/standing.ts";
import type { DeviceContext } from "../device/context.ts";
import type { PurposeView, SharingView, TermsView } from "../device/sharing-api.ts";
import { askPolicyLog } from "./policy-log.ts";
import { readTerms, viewTerms } from "./read-terms.ts";

/** Rejects with TERMS_VERSION_UNKNOWN; throws Untrusted. What the log of policies says is part of the view. */
export async function showTerms(context: DeviceContext, version?: number): Promise<TermsView> {
	const [terms, { view: sharing }] = await Promise.all([readTerms(context, version), readStanding(context)]);
	const log = await askPolicyLog(context, terms.version, terms.policyHash);
	return showTo(sharing, terms.file, viewTerms(terms, sharing.acceptedVersion, log));
}

/**
 * How a version is put before this person: a control stands on only where both the signed policy's rules and the server
 * say that it may, and what is closed to minors is no choice. Pure.
 */
export function showTo(
	sharing: Pick<SharingView, "person" | "choices">,
	file: PolicyFile,
	terms: TermsView,
): TermsView {
	const { numberRegion, declaredRegion, minor } = sharing.person;
	const regions = [numberRegion, declaredRegion].filter((region) => region !== undefined);
	const person: PersonFacts = { regions, minor };
	const rule: Rule = strictestOf(ruleTable(file), regions);
	const show = (purpose: PurposeView): PurposeView => {
		const row = file.purposes.find(({ id }) => id === purpose.id);
		const told = sharing.choices.find((choice) => choice.purpose === purpose.id);
		return {
			...purpose,
			initiallyOn: isShown(row, rule, person) && told?.initiallyOn !== false,
			barred: isBarred(purpose.id, person),
		};
	};
	return { ...terms, minorBelow: rule.minorBelow, purposes: terms.purposes.map(show) };
}

function isShown(row: PolicyPurpose | undefined, rule: Rule, person: PersonFacts): boolean {
	return row !== undefined && isShownOn(row, rule, person);
}
