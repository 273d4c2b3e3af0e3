import type { MessageInitShape } from "@bufbuild/protobuf";
import { fromHex, LIMITS, type RequestCodeRequest, type RequestCodeResponseSchema } from "@troth/protocol";
import { readPhoneNumber } from "../accounts/phone-numbers.ts";
import type { Caller, MessengerContext } from "../context.ts";
import { countCode, macOfCode, newAttemptId, newCode } from "./attempts.ts";
import { deliverCode } from "./deliver-code.ts";

/** Begins an attempt and sends its first code. Refuses with PHONE_INVALID, RATE_LIMITED, UNAVAILABLE. */
export async function requestCode(
	context: MessengerContext,
	request: RequestCodeRequest,
	{ address }: Caller,
): Promise<MessageInitShape<typeof RequestCodeResponseSchema>> {
	const { records, secrets, clock, codeLimits } = context;
	const phone = readPhoneNumber(request.phone);
	const now = clock.now();
	codeLimits?.spend(phone, address);
	const attempt = {
		attempt_id: newAttemptId(),
		phone,
		guesses: 0,
		resends: 0,
		resend_at_ms: now + LIMITS.codeResendMs,
		expires_at_ms: now + LIMITS.codeMs,
	};
	const code = newCode();
	await records.transaction().execute(async (transaction) => {
		await countCode(transaction, secrets, phone, now);
		await transaction
			.insertInto("registration_attempt")
			.values({ ...attempt, code_mac: macOfCode(secrets, attempt.attempt_id, code) })
			.execute();
	});
	await deliverCode(context, phone, code);
	context.events.codeSent("first");
	return {
		attemptId: fromHex(attempt.attempt_id) ?? new Uint8Array(),
		codeLength: LIMITS.codeLength,
		resendAtMs: BigInt(attempt.resend_at_ms),
		expiresAtMs: BigInt(attempt.expires_at_ms),
	};
}
