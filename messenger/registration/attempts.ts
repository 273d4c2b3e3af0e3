/**
 * Attempts to prove that a number is one's own: what is stored of them, and the rules of guessing. A code exists in
 * the sender's hands and on the phone; here lies only its HMAC under the attempt's id.
 */
import { createHmac, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { ID_BYTES, LIMITS, type PhoneNumber, Refusal, toHex } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { Records, RegistrationAttemptRow } from "../records/schema.ts";
import type { Secrets } from "../secrets.ts";

/** Six digits, each as likely as the other. */
export function newCode(): string {
	return randomInt(10 ** LIMITS.codeLength)
		.toString()
		.padStart(LIMITS.codeLength, "0");
}

export function newAttemptId(): string {
	return toHex(randomBytes(ID_BYTES));
}

/** Reads an attempt's id. Refuses with NOT_FOUND: a wrong length is as unknown as a wrong value. */
export function readAttemptId(bytes: Uint8Array): string {
	if (bytes.length !== ID_BYTES) throw unknownAttempt();
	return toHex(bytes);
}

export function unknownAttempt(): Refusal {
	return new Refusal("NOT_FOUND", "no such attempt: ask for a code first");
}

export function macOfCode({ registrationKey }: Secrets, attempt: string, code: string): Uint8Array {
	return createHmac("sha256", registrationKey).update(`code\0${attempt}\0${code}`).digest();
}

/** What stands for the number in `code_sent`, hex. */
export function macOfPhone({ registrationKey }: Pick<Secrets, "registrationKey">, phone: PhoneNumber): string {
	return createHmac("sha256", registrationKey).update(`phone\0${phone}`).digest("hex");
}

/**
 * Counts a code that is about to go out to this number. Refuses with RATE_LIMITED, and `retryAtMs`, where
 * LIMITS.codeRequests went out within LIMITS.codeRequestsMs, by whichever attempts.
 */
export async function countCode(
	transaction: Transaction<Records>,
	secrets: Secrets,
	phone: PhoneNumber,
	nowMs: number,
): Promise<void> {
	const phoneMac = macOfPhone(secrets, phone);
	const recent = await transaction
		.selectFrom("code_sent")
		.select("sent_at_ms")
		.where("phone_mac", "=", phoneMac)
		.where("sent_at_ms", ">", nowMs - LIMITS.codeRequestsMs)
		.orderBy("sent_at_ms", "desc")
		.limit(LIMITS.codeRequests)
		.execute();
	const oldest = recent[LIMITS.codeRequests - 1];
	if (oldest !== undefined)
		throw new Refusal("RATE_LIMITED", "too many codes for this number", {
			retryAtMs: oldest.sent_at_ms + LIMITS.codeRequestsMs,
		});
	await transaction.insertInto("code_sent").values({ phone_mac: phoneMac, sent_at_ms: nowMs }).execute();
}

/** Refuses with CODE_LOCKED or CODE_EXPIRED where the attempt is over. */
export function checkOpen(attempt: RegistrationAttemptRow, nowMs: number): void {
	if (attempt.guesses >= LIMITS.codeAttempts)
		throw new Refusal("CODE_LOCKED", "too many wrong codes: ask for a new one");
	if (attempt.expires_at_ms <= nowMs) throw new Refusal("CODE_EXPIRED", "the code is too old: ask for a new one");
}

/**
 * One guess. It is charged before it is compared, and given back when it was right, so that guesses that come at the
 * same time can not be more than LIMITS.codeAttempts. Refuses with NOT_FOUND, CODE_EXPIRED, CODE_LOCKED, CODE_WRONG.
 */
export async function guessCode(
	records: Kysely<Records>,
	secrets: Secrets,
	attemptId: string,
	code: string,
	nowMs: number,
): Promise<RegistrationAttemptRow> {
	const attempt = await findAttempt(records, attemptId);
	checkOpen(attempt, nowMs);
	const charged = await records
		.updateTable("registration_attempt")
		.set(({ eb }) => ({ guesses: eb("guesses", "+", 1) }))
		.where("attempt_id", "=", attemptId)
		.where("guesses", "<", LIMITS.codeAttempts)
		.returningAll()
		.executeTakeFirst();
	if (charged === undefined) throw new Refusal("CODE_LOCKED", "too many wrong codes: ask for a new one");
	if (!timingSafeEqual(charged.code_mac, macOfCode(secrets, attemptId, code))) {
		const attemptsLeft = LIMITS.codeAttempts - charged.guesses;
		if (attemptsLeft === 0) throw new Refusal("CODE_LOCKED", "too many wrong codes: ask for a new one");
		throw new Refusal("CODE_WRONG", "another code was sent", { attemptsLeft });
	}
	await records
		.updateTable("registration_attempt")
		.set(({ eb }) => ({ guesses: eb("guesses", "-", 1) }))
		.where("attempt_id", "=", attemptId)
		.execute();
	return charged;
}

export async function findAttempt(records: Kysely<Records>, attemptId: string): Promise<RegistrationAttemptRow> {
	const attempt = await records
		.selectFrom("registration_attempt")
		.selectAll()
		.where("attempt_id", "=", attemptId)
		.executeTakeFirst();
	if (attempt === undefined) throw unknownAttempt();
	return attempt;
}
