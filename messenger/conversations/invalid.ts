import { Refusal } from "@troth/protocol";

/** The commit and what comes with it do not hold together; `message` says what was compared. */
export function invalid(message: string, cause?: unknown): Refusal {
	return new Refusal("COMMIT_INVALID", message, cause === undefined ? {} : { cause });
}

/** Refuses with COMMIT_INVALID unless it holds. */
export function require(holds: boolean, message: string): asserts holds {
	if (!holds) throw invalid(message);
}
