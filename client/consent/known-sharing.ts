/** What a device has learned of terms and sharing since it was opened, so that a no does not have to wait for it again. */
import type { VerifiedTerms } from "../terms/read-terms.ts";
import type { KnownStanding } from "./standing.ts";

export interface KnownSharing {
	/** Versions that were read, by number. */
	readonly terms: Map<number, VerifiedTerms>;
	/** As the server told it last; other devices may have changed it since. */
	standing: KnownStanding | undefined;
}
