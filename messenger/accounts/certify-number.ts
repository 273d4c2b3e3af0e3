import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type CertifyNumberRequest,
	type CertifyNumberResponseSchema,
	idBytes,
	LABELS,
	NumberCertificateSchema,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/**
 * The server's signed word that the account has its number. Its devices show it, end-to-end encrypted, to the people it is
 * meant for, who would otherwise have to believe anybody who names a number.
 */
export async function certifyNumber(
	{ records, policyKey, clock }: MessengerContext,
	_request: CertifyNumberRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof CertifyNumberResponseSchema>> {
	const { phone } = await records
		.selectFrom("account")
		.select("phone")
		.where("account_id", "=", account)
		.executeTakeFirstOrThrow();
	const certificate = { accountId: idBytes(account), phone, issuedAtMs: BigInt(clock.now()) };
	const statement = toBinary(NumberCertificateSchema, create(NumberCertificateSchema, certificate));
	return { certificate: { statement, signature: policyKey.sign(LABELS.numberCertificate, statement) } };
}
