import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AcceptTermsRequest,
	type AcceptTermsResponseSchema,
	idBytes,
	LABELS,
	Refusal,
	type TermsAcceptance,
	TermsAcceptanceSchema,
} from "@troth/protocol";
import { verifySigned } from "../accounts/ed25519.ts";
import { decodeStatement } from "../accounts/statements.ts";
import type { MessengerContext, Session } from "../context.ts";

/**
 * Stores a device's signed acceptance of a published version, with the signature: it is the evidence. A repeat is
 * answered as the first time. Refuses with MALFORMED, UNAUTHENTICATED (the signature), TERMS_VERSION_UNKNOWN.
 */
export async function acceptTerms(
	context: MessengerContext,
	request: AcceptTermsRequest,
	session: Session,
): Promise<MessageInitShape<typeof AcceptTermsResponseSchema>> {
	const { signed, statement } = decodeStatement(TermsAcceptanceSchema, request.acceptance);
	const known = await context.directory.known(session.device);
	if (known === undefined || !verifySigned(known.key, LABELS.termsAcceptance, signed))
		throw new Refusal("UNAUTHENTICATED", "the acceptance is not signed by this device");
	checkStatement(context, session, statement);
	const acceptedAtMs = await context.records.transaction().execute(async (transaction) => {
		await transaction
			.insertInto("terms_acceptance")
			.values({
				account_id: session.account,
				version: statement.version,
				statement: signed.statement,
				signature: signed.signature,
				accepted_at_ms: context.clock.now(),
			})
			.onConflict((conflict) => conflict.columns(["account_id", "version"]).doNothing())
			.execute();
		const row = await transaction
			.selectFrom("terms_acceptance")
			.select("accepted_at_ms")
			.where("account_id", "=", session.account)
			.where("version", "=", statement.version)
			.executeTakeFirstOrThrow();
		return row.accepted_at_ms;
	});
	context.directory.termsAccepted(session.account);
	context.events.termsAccepted(session.account, statement.version);
	return { acceptedAtMs: BigInt(acceptedAtMs) };
}

function checkStatement({ terms }: MessengerContext, session: Session, statement: TermsAcceptance): void {
	const same = (bytes: Uint8Array, expected: Uint8Array) => Buffer.compare(bytes, expected) === 0;
	if (!same(statement.accountId, idBytes(session.account)) || !same(statement.deviceId, idBytes(session.device)))
		throw new Refusal("UNAUTHENTICATED", "the acceptance is another device's");
	const published = terms.version(statement.version);
	const texts = published?.policy.texts ?? [];
	if (
		published === undefined ||
		!same(statement.policyHash, published.policy.hash) ||
		!texts.some((text) => same(statement.textHash, text.hash))
	)
		throw new Refusal("TERMS_VERSION_UNKNOWN", "no such version, or another text than the published one");
}
