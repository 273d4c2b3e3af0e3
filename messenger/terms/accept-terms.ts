import type { MessageInitShape } from "@bufbuild/protobuf";
import { recordEvent } from "@troth/bridge";
import {
	type AcceptTermsRequest,
	type AcceptTermsResponseSchema,
	LABELS,
	Refusal,
	TermsAcceptanceSchema,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { checkPublishedText, readOwnStatement } from "./own-statement.ts";

/**
 * Stores a device's signed acceptance of the version in force, with the signature: it is the evidence. It ends a
 * suspension. A repeat is answered as the first time.
 * Refuses with MALFORMED, UNAUTHENTICATED (the signature), TERMS_VERSION_UNKNOWN (also for one that is no longer in
 * force: read the terms and ask again).
 */
export async function acceptTerms(
	context: MessengerContext,
	request: AcceptTermsRequest,
	session: Session,
): Promise<MessageInitShape<typeof AcceptTermsResponseSchema>> {
	const { terms, records, clock, directory, events } = context;
	const { account } = session;
	const label = LABELS.termsAcceptance;
	const { signed, statement } = await readOwnStatement(
		context,
		session,
		label,
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
	directory.standingChanged(account);
	events.termsAccepted(account, version);
	return { acceptedAtMs: BigInt(acceptedAtMs) };
}
