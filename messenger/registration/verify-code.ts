import { randomBytes } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	ID_BYTES,
	idBytes,
	isRefusal,
	LIMITS,
	toHex,
	type VerifyCodeRequest,
	type VerifyCodeResponseSchema,
} from "@troth/protocol";
import { restOfNumber } from "../accounts/number-rest.ts";
import type { MessengerContext } from "../context.ts";
import type { RegistrationAttemptRow } from "../records/schema.ts";
import { guessCode, readAttemptId } from "./attempts.ts";
import { lockOfNumber } from "./lock/number-lock.ts";
import { digestOfToken, tokenOfAttempt } from "./registration-token.ts";

/**
 * The right code gives a registration token and the id of the account to be. The same code again, while the attempt
 * lives, gives the same. Refuses with NOT_FOUND, CODE_WRONG (attemptsLeft), CODE_LOCKED, CODE_EXPIRED.
 */
export async function verifyCode(
	context: MessengerContext,
	request: VerifyCodeRequest,
): Promise<MessageInitShape<typeof VerifyCodeResponseSchema>> {
	const { records, secrets, clock, events } = context;
	const attemptId = readAttemptId(request.attemptId);
	const attempt = await guessCode(records, secrets, attemptId, request.code, clock.now()).catch((error: unknown) => {
		if (isRefusal(error, "CODE_WRONG")) events.codeChecked("wrong");
		if (isRefusal(error, "CODE_LOCKED")) events.codeChecked("locked");
		if (isRefusal(error, "CODE_EXPIRED")) events.codeChecked("expired");
		throw error;
	});
	events.codeChecked("right");
	const token = tokenOfAttempt(secrets, attemptId);
	const account = await noteVerified(context, attempt, digestOfToken(token));
	const holder = await records
		.selectFrom("account")
		.select("account_id")
		.where("phone", "=", attempt.phone)
		.executeTakeFirst();
	return {
		registrationToken: token,
		accountId: idBytes(account),
		replacesAccount: holder !== undefined && holder.account_id !== account,
		lockedUntilMs: BigInt((await lockOfNumber(records, attempt.phone, clock.now()))?.untilMs ?? 0),
		restingUntilMs: BigInt((await restOfNumber(records, secrets, attempt.phone, clock.now()))?.untilMs ?? 0),
	};
}

/** The account id that goes with this token, chosen the first time. */
async function noteVerified(
	{ records, clock }: MessengerContext,
	{ phone }: RegistrationAttemptRow,
	tokenDigest: string,
): Promise<AccountId> {
	return records.transaction().execute(async (transaction) => {
		await transaction
			.insertInto("registration")
			.values({
				token_digest: tokenDigest,
				account_id: toHex(randomBytes(ID_BYTES)) as AccountId,
				phone,
				expires_at_ms: clock.now() + LIMITS.registrationTokenMs,
				request_digest: null,
			})
			.onConflict((conflict) => conflict.column("token_digest").doNothing())
			.execute();
		const row = await transaction
			.selectFrom("registration")
			.select("account_id")
			.where("token_digest", "=", tokenDigest)
			.executeTakeFirstOrThrow();
		return row.account_id;
	});
}
