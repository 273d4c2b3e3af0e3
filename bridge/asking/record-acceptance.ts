import { type AcceptTermsRequest, LABELS, Refusal, TermsAcceptanceSchema } from "@troth/protocol";
import { recordEvent } from "../consent/record.ts";
import type { AskingContext } from "./context.ts";
import { checkPublishedText, readOwnStatement, type Speaker } from "./own-statement.ts";

/**
 * Stores a device's signed acceptance of the version in force, with the signature: it is the evidence. It ends a
 * suspension. A repeat is answered as the first time.
 * Refuses with MALFORMED, UNAUTHENTICATED (the signature), TERMS_VERSION_UNKNOWN (also for one that is no longer in
 * force: read the terms and ask again).
 */
export async function recordAcceptance(
	{ records, terms, clock }: AskingContext,
	request: AcceptTermsRequest,
	speaker: Speaker,
): Promise<{ readonly version: number; readonly acceptedAtMs: number }> {
	const { account } = speaker;
	const { signed, statement } = await readOwnStatement(
		speaker,
		LABELS.termsAcceptance,
		TermsAcceptanceSchema,
		request.acceptance,
	);
	const { version } = statement;
	checkPublishedText(terms, statement);
	const acceptedAtMs = await records.transaction().execute(async (transaction) => {
		const earlier = await transaction
			.selectFrom("terms_acceptance")
			.select("accepted_at_ms")
			.where("account_id", "=", account)
			.where("version", "=", version)
			.executeTakeFirst();
		if (earlier !== undefined) return earlier.accepted_at_ms;
		const step = await recordEvent(transaction, account, terms, { type: "accepted", version, atMs: clock.now() });
		if (step.refused !== undefined)
			throw new Refusal("TERMS_VERSION_UNKNOWN", "another version is in force: it has to be shown first");
		const atMs = step.state.timeMs;
		await transaction
			.insertInto("terms_acceptance")
			.values({
				account_id: account,
				version,
				statement: signed.statement,
				signature: signed.signature,
				accepted_at_ms: atMs,
			})
			.execute();
		return atMs;
	});
	return { version, acceptedAtMs };
}
