import type { MessageInitShape } from "@bufbuild/protobuf";
import { CodeChannel, LIMITS, Refusal, type ResendCodeRequest, type ResendCodeResponseSchema } from "@troth/protocol";
import type { Caller, MessengerContext } from "../context.ts";
import { checkOpen, countCode, findAttempt, macOfCode, newCode, readAttemptId } from "./attempts.ts";
import { deliverCode } from "./deliver-code.ts";

/**
 * Sends a fresh code for the same attempt; the one before no longer counts, wrong guesses still do.
 * Refuses with NOT_FOUND, RATE_LIMITED, CODE_LOCKED, CODE_EXPIRED, UNAVAILABLE.
 */
export async function resendCode(
	context: MessengerContext,
	request: ResendCodeRequest,
	{ address }: Caller,
): Promise<MessageInitShape<typeof ResendCodeResponseSchema>> {
	const { records, secrets, clock, codes, codeLimits } = context;
	const channel = request.channel === CodeChannel.VOICE ? "voice" : "sms";
	const attemptId = readAttemptId(request.attemptId);
	const now = clock.now();
	const code = newCode();
	const next = { resend_at_ms: now + LIMITS.codeResendMs, expires_at_ms: now + LIMITS.codeMs };
	const phone = await records.transaction().execute(async (transaction) => {
		const attempt = await findAttempt(transaction, attemptId);
		checkOpen(attempt, now);
		if (channel === "voice" && codes.voice !== true) throw new Refusal("UNAVAILABLE", "this server can not call");
		if (attempt.resends >= LIMITS.codeResends)
			throw new Refusal("RATE_LIMITED", "no more codes in this attempt", { retryAtMs: attempt.expires_at_ms });
		if (attempt.resend_at_ms > now)
			throw new Refusal("RATE_LIMITED", "a code was sent just now", { retryAtMs: attempt.resend_at_ms });
		codeLimits?.spend(attempt.phone, address);
		await countCode(transaction, secrets, attempt.phone, now);
		await transaction
			.updateTable("registration_attempt")
			.set({ ...next, resends: attempt.resends + 1, code_mac: macOfCode(secrets, attemptId, code) })
			.where("attempt_id", "=", attemptId)
			.execute();
		return attempt.phone;
	});
	await deliverCode(context, phone, code, channel);
	context.events.codeSent("again");
	return { resendAtMs: BigInt(next.resend_at_ms), expiresAtMs: BigInt(next.expires_at_ms) };
}
