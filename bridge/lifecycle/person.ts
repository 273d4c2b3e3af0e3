/** What the rules about regions and minors depend on, as far as it is known of somebody (B11). */
import type { PersonFacts } from "@troth/protocol";

/** Regions are ISO 3166-1 alpha-2. */
export interface Person {
	/** Of the phone number; undefined where it has none, or where it was not looked for. */
	readonly numberRegion: string | undefined;
	/** Where they say they live. It adds a region and never takes one away. */
	readonly declaredRegion: string | undefined;
	/** They say that they are younger than their rule's age. */
	readonly minor: boolean;
}

/** Nothing is known: a grown-up person, everywhere else. */
export const UNKNOWN_PERSON: Person = { numberRegion: undefined, declaredRegion: undefined, minor: false };

/** As rules see them: every region that applies. */
export function factsOf({ numberRegion, declaredRegion, minor }: Person): PersonFacts {
	const regions = [numberRegion, declaredRegion].filter((region) => region !== undefined);
	return { regions, minor };
}
