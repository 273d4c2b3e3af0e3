/** What the server said contradicts a signature, a hash or what it said before. Nothing of it is used. */
export type UntrustedCode =
	/** Another key than at first sight. */
	| "POLICY_KEY_CHANGED"
	| "SHARE_KEY_CHANGED"
	| "LOG_KEY_CHANGED"
	/** The policy file is not one, or another version than it was asked for. */
	| "POLICY_UNREADABLE"
	| "POLICY_HASH_WRONG"
	| "POLICY_SIGNATURE_WRONG"
	/** The public log of policies has another one under this number, does not have it at all, or does not hold. */
	| "POLICY_LOG_CONTRADICTS"
	/** The words that were sent are not those of the policy. */
	| "TEXT_HASH_WRONG"
	/** The receipt for a decision is not the server's, or for another decision. */
	| "RECEIPT_WRONG"
	/** The account that a contact link leads to has another key than the link says. */
	| "LINK_KEY_WRONG";

export class Untrusted extends Error {
	override readonly name = "Untrusted";
	readonly code: UntrustedCode;
	constructor(code: UntrustedCode, message: string) {
		super(message);
		this.code = code;
	}
}
