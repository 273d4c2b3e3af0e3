/** What an end does not take back of the purposes that ask nobody. */
import type { ResidualPurpose } from "@troth/protocol";

/**
 * What was said about abuse stays where it was said for as long as the policy lets it, when the account ends: who was
 * acted upon could begin anew otherwise. The privacy policy says so.
 */
export const KEPT_AFTER_LEAVING: readonly ResidualPurpose[] = ["spam_and_abuse", "security", "infringement"];
