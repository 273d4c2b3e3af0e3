/** Why a text is not a policy that can be published. */
import type { Finding } from "./lint.ts";

export type PolicyErrorCode =
	/** Not JSON, or JSON without a canonical form. */
	| "NOT_JSON"
	/** Not the shape of a policy file; `findings` is empty and the message says where. */
	| "NOT_A_POLICY"
	/** The shape of one, and against the rules: `findings` says which. */
	| "AGAINST_RULES";

/** The text is no policy, or none that may be published. */
export class PolicyError extends Error {
	override readonly name = "PolicyError";
	readonly code: PolicyErrorCode;
	readonly findings: readonly Finding[];

	constructor(code: PolicyErrorCode, message: string, findings: readonly Finding[] = [], cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.code = code;
		this.findings = findings;
	}
}
