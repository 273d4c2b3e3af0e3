/** How a version of the terms is put before one person: what rules about regions and minors leave of its choices. Pure. */
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
import type { PurposeView, SharingView, TermsView } from "../device/sharing-api.ts";

/**
 * A control stands on only where both the signed policy's rules and the server say that it may, and what is closed to
 * minors is no choice.
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
