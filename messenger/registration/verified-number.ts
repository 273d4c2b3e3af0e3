/** A number that somebody verified, and the one thing that it is used for: an account, or an account's new number. */
import { type AccountId, Refusal } from "@troth/protocol";
import type { Transaction } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { Records, RegistrationRow } from "../records/schema.ts";
import { digestOfToken } from "./registration-token.ts";

/** What this token stands for, used or not. Refuses with REGISTRATION_TOKEN_INVALID where it is unknown or too old. */
export async function findVerified(
	{ records, clock }: Pick<MessengerContext, "records" | "clock">,
	token: Uint8Array,
): Promise<RegistrationRow> {
	const registration = await records
		.selectFrom("registration")
		.selectAll()
		.where("token_digest", "=", digestOfToken(token))
		.executeTakeFirst();
	// A token that was used is looked at even when it is old: its answer may have got lost.
	const over = registration?.request_digest === null && registration.expires_at_ms <= clock.now();
	if (registration === undefined || over) throw tokenInvalid();
	return registration;
}

/** Uses it up for this request and this account; false where another request was faster. */
export async function useVerified(
	transaction: Transaction<Records>,
	registration: RegistrationRow,
	account: AccountId,
	requestDigest: string,
): Promise<boolean> {
	const { numUpdatedRows } = await transaction
		.updateTable("registration")
		.set({ request_digest: requestDigest, account_id: account })
		.where("token_digest", "=", registration.token_digest)
		.where("request_digest", "is", null)
		.executeTakeFirstOrThrow();
	return numUpdatedRows === 1n;
}

export function tokenInvalid(): Refusal {
	return new Refusal("REGISTRATION_TOKEN_INVALID", "unknown, used or too old: verify the number again");
}
