/** Under which name a recipient gets to know whom a share is about (C1). */
import { CATALOGUE, type Purpose } from "@troth/protocol";
import { numberPseudonym, quarterlySubjectAt, quarterOf, subjectAt } from "@troth/transparency";

export interface SubjectFacts {
	readonly purpose: Purpose;
	readonly recipient: string;
	/** Of the account; of the installation where the share is about nobody. */
	readonly shareKey: Uint8Array;
	/** Where the name changes each quarter: the UTC day since 1970 that is shared, so that the name follows from the record. */
	readonly generation: number;
	/** E.164, where the name follows from the number. */
	readonly phone: string | undefined;
	/** What the bridge and this recipient name numbers with. */
	readonly pairKey: Uint8Array | undefined;
}

/** 16 bytes; undefined where the name needs a number or a key that is not there. */
export function subjectOf({ purpose, recipient, shareKey, ...facts }: SubjectFacts): Uint8Array | undefined {
	switch (CATALOGUE[purpose].identity) {
		case "matched_account":
		case "linked_account":
		case "none":
			return subjectAt(shareKey, recipient);
		case "quarterly_pseudonym":
			return quarterlySubjectAt(shareKey, recipient, purpose, quarterOf(facts.generation));
		case "number_pseudonym":
			return facts.phone === undefined || facts.pairKey === undefined
				? undefined
				: numberPseudonym(facts.pairKey, facts.phone);
	}
}
