/** What the operator's side keeps in the records. Times are UTC milliseconds. */
import type { AccountId } from "@troth/protocol";
import type { Generated } from "kysely";

export interface OperatorTables {
	operator_audit: OperatorAuditTable;
	operator_session: OperatorSessionTable;
}

/** Every look at one person's data, and every act upon one person. Grows only: triggers refuse changes. */
export interface OperatorAuditTable {
	id: Generated<number>;
	at_ms: number;
	action: AuditedAction;
	/** Empty where there was no such account. An account that ends takes everything along that leads from here to it. */
	account_id: AccountId | "";
	/** In the operator's words. */
	reason: string;
}

/** What is written down: a closed set. */
export type AuditedAction =
	/** The standing, choices and limits of one account were shown. */
	| "account-viewed"
	/** A report about an account was opened. */
	| "report-viewed"
	/** A limit was set on an account, or taken back. */
	| "account-limited"
	| "account-unlimited";

/** Logins of the operator's pages. */
export interface OperatorSessionTable {
	/** SHA-256 of what the cookie holds. */
	session_digest: string;
	expires_at_ms: number;
}
