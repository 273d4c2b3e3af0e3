import { createHash } from "node:crypto";
import { type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type AskedNumberChange,
	readNumberChange,
	receiptOfNumberChange,
	recordNumberChange,
	type Speaker,
	sameBytes,
} from "@troth/bridge";
import {
	type AccountId,
	type ChangeNumberRequest,
	ChangeNumberRequestSchema,
	type ChangeNumberResponseSchema,
	type PhoneNumber,
	Refusal,
} from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { Transaction } from "kysely";
import { actionsRenumbered } from "../abuse/actions.ts";
import { takeUpBlock } from "../abuse/ending.ts";
import type { MessengerContext, Session } from "../context.ts";
import type { Records, RegistrationRow } from "../records/schema.ts";
import { requireUnlocked } from "../registration/lock/number-lock.ts";
import { findVerified, tokenInvalid, useVerified } from "../registration/verified-number.ts";
import { speakerOf } from "../terms/own-statement.ts";
import { noteAccountChanged, runDeliveryTasks } from "./delivery-tasks.ts";
import { type EndedAccount, endHolder, finishEnding } from "./end-account.ts";
import { noteGivenUp, requireChangeable, requireRested } from "./number-rest.ts";
import { regionOfNumber } from "./phone-numbers.ts";

/**
 * Gives the account another number, in one transaction with what follows for sharing. Devices, conversations and blocks
 * stay as they are; whoever has the number now loses it, as at a registration, and the old one rests. The same request
 * with the same token is answered as the first time. Refuses with MALFORMED, UNAUTHENTICATED (a signature),
 * REGISTRATION_TOKEN_INVALID, NUMBER_LOCKED, NUMBER_RESTING, NUMBER_CHANGED_RECENTLY, PHONE_INVALID (it has this number), and for a
 * decision that does not stand any more with CONSENT_CONFLICT, PURPOSE_UNKNOWN, PURPOSE_NOT_ALLOWED, TERMS_NOT_ACCEPTED or TERMS_VERSION_UNKNOWN.
 */
export async function changeNumber(
	context: MessengerContext,
	request: ChangeNumberRequest,
	session: Session,
): Promise<MessageInitShape<typeof ChangeNumberResponseSchema>> {
	const { records, directory, events } = context;
	const speaker = speakerOf(context, session);
	const asked = await readNumberChange(context, request, speaker);
	const token = createHash("sha256").update(request.registrationToken).digest();
	if (!sameBytes(asked.statement.tokenHash, token)) throw new Refusal("MALFORMED", "this is another number's token");
	const digest = createHash("sha256").update(toBinary(ChangeNumberRequestSchema, request)).digest("hex");
	const verified = await findVerified(context, request.registrationToken);
	const changed =
		verified.request_digest === null ? await change(context, speaker, asked, verified, digest) : undefined;
	if (changed === undefined) return repeat(context, speaker, asked, request, digest);
	const { replaced, ...answer } = changed;
	directory.standingChanged(session.account);
	context.limits.changed(session.account);
	events.numberChanged(session.account);
	if (replaced !== undefined) {
		events.accountReplaced(replaced.account);
		await finishEnding(context, replaced);
	}
	await runDeliveryTasks(context, [session.account]);
	await eraseDeleted(records);
	return answer;
}

/** Undefined where another request used the token meanwhile. */
async function change(
	context: MessengerContext,
	speaker: Speaker,
	asked: AskedNumberChange,
	verified: RegistrationRow,
	digest: string,
): Promise<
	({ readonly replaced: EndedAccount | undefined } & MessageInitShape<typeof ChangeNumberResponseSchema>) | undefined
> {
	const { account } = speaker;
	const { phone } = verified;
	return context.records.transaction().execute(async (transaction) => {
		if (!(await useVerified(transaction, verified, account, digest))) return undefined;
		const now = context.clock.now();
		const before = await phoneOf(transaction, account);
		if (before === phone) throw new Refusal("PHONE_INVALID", "the account has this number");
		await requireChangeable(transaction, context.secrets, { account, phone }, now);
		await requireRested(transaction, context.secrets, { account, phone }, now);
		await requireUnlocked(transaction, verified, now);
		const replaced = await endHolder(transaction, phone, now);
		await noteGivenUp(transaction, context.secrets, { account, before, phone }, now);
		await transaction.updateTable("account").set({ phone }).where("account_id", "=", account).execute();
		await actionsRenumbered(context, transaction, account);
		await takeUpBlock(context, transaction, { account, phone });
		// What is remembered of how the old number was verified names it.
		await transaction
			.deleteFrom("registration")
			.where("account_id", "=", account)
			.where("token_digest", "!=", verified.token_digest)
			.execute();
		await noteAccountChanged(transaction, account);
		const receipt = await recordNumberChange(transaction, context, speaker, asked, regionOfNumber(phone));
		return { replaced, ...(receipt !== undefined && { receipt }) };
	});
}

async function phoneOf(transaction: Transaction<Records>, account: AccountId): Promise<PhoneNumber> {
	const row = await transaction
		.selectFrom("account")
		.select("phone")
		.where("account_id", "=", account)
		.executeTakeFirstOrThrow();
	return row.phone;
}

/** Good only for the very request that used the token. */
async function repeat(
	context: MessengerContext,
	speaker: Speaker,
	asked: AskedNumberChange,
	request: ChangeNumberRequest,
	digest: string,
): Promise<MessageInitShape<typeof ChangeNumberResponseSchema>> {
	const used = await findVerified(context, request.registrationToken);
	if (used.request_digest !== digest || used.account_id !== speaker.account) throw tokenInvalid();
	const receipt = await receiptOfNumberChange(context, speaker, asked);
	return receipt === undefined ? {} : { receipt };
}
