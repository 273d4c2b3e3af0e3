import { createHash } from "node:crypto";
import { type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { openStanding } from "@troth/bridge";
import {
	type CreateAccountRequest,
	CreateAccountRequestSchema,
	type CreateAccountResponseSchema,
	Refusal,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import { takeUpBlock } from "../abuse/ending.ts";
import { noteDeliveryTasks, runDeliveryTasks } from "../accounts/delivery-tasks.ts";
import { type CheckedDeviceList, checkDeviceList, invalid } from "../accounts/device-list.ts";
import { type EndedAccount, endHolder, finishEnding } from "../accounts/end-account.ts";
import { requireRested } from "../accounts/number-rest.ts";
import { regionOfNumber } from "../accounts/phone-numbers.ts";
import { addDevices } from "../accounts/publish-device-list.ts";
import type { MessengerContext } from "../context.ts";
import { checkOffer } from "../keys/publish-key-packages.ts";
import { addToStock, setLastResort } from "../keys/stock.ts";
import type { Records, RegistrationRow } from "../records/schema.ts";
import { requireUnlocked } from "./lock/number-lock.ts";
import { findVerified, tokenInvalid, useVerified } from "./verified-number.ts";

/**
 * Turns a verified number into an account with one device. Whoever had the number before loses it: their account ends,
 * and nothing of it is inherited. The same request with the same token is answered as the first time.
 * Refuses with REGISTRATION_TOKEN_INVALID, DEVICE_LIST_INVALID, KEY_PACKAGE_INVALID, CIPHER_SUITE_UNSUPPORTED, NUMBER_LOCKED,
 * NUMBER_RESTING.
 */
export async function createAccount(
	context: MessengerContext,
	request: CreateAccountRequest,
): Promise<MessageInitShape<typeof CreateAccountResponseSchema>> {
	const { clock, events } = context;
	const digest = createHash("sha256").update(toBinary(CreateAccountRequestSchema, request)).digest("hex");
	const registration = await findVerified(context, request.registrationToken);
	const replaced =
		registration.request_digest === null
			? await create(context, registration, digest, request)
			: await repeat(context, registration, digest);
	await runDeliveryTasks(context, [registration.account_id]);
	if (replaced !== undefined) {
		events.accountReplaced(replaced.account);
		await finishEnding(context, replaced);
	}
	return { serverTimeMs: BigInt(clock.now()) };
}

async function create(
	context: MessengerContext,
	registration: RegistrationRow,
	digest: string,
	request: CreateAccountRequest,
): Promise<EndedAccount | undefined> {
	const { records, clock, events } = context;
	const list = checkDeviceList(request.deviceList);
	const [first, ...others] = list.devices;
	if (list.account !== registration.account_id) throw invalid("the account id is not the one that was assigned");
	if (list.version !== 1) throw invalid("the first list has version 1");
	if (first === undefined || others.length > 0) throw invalid("the first list has exactly one device");
	const { packages, lastResort } = await checkOffer(request, { account: list.account, ...first }, clock.now());
	if (lastResort === undefined) throw new Refusal("KEY_PACKAGE_INVALID", "the last-resort key package is missing");
	const outcome = await records.transaction().execute(async (transaction) => {
		if (!(await useVerified(transaction, registration, list.account, digest))) return "used";
		await requireRested(
			transaction,
			context.secrets,
			{ account: list.account, phone: registration.phone },
			clock.now(),
		);
		await requireUnlocked(transaction, registration, clock.now());
		const replaced = await endHolder(transaction, registration.phone, clock.now());
		await insertAccount(transaction, registration, list, clock.now());
		await takeUpBlock(context, transaction, { account: list.account, phone: registration.phone });
		await addToStock(transaction, first.device, packages);
		await setLastResort(transaction, first.device, lastResort);
		return { replaced };
	});
	if (outcome === "used") return repeat(context, await findVerified(context, request.registrationToken), digest);
	events.accountCreated(list.account, first.device);
	return outcome.replaced;
}

/** Good only for the very request that used the token, and while its account exists. */
async function repeat(
	{ records }: MessengerContext,
	registration: RegistrationRow,
	digest: string,
): Promise<undefined> {
	const account = await records
		.selectFrom("account")
		.select("account_id")
		.where("account_id", "=", registration.account_id)
		.executeTakeFirst();
	if (registration.request_digest !== digest || account === undefined) throw tokenInvalid();
}

async function insertAccount(
	transaction: Transaction<Records>,
	{ phone }: RegistrationRow,
	list: CheckedDeviceList,
	now: number,
): Promise<void> {
	await transaction
		.insertInto("account")
		.values({
			account_id: list.account,
			phone,
			identity_key: list.identityKey,
			list_version: list.version,
			list_statement: list.signed.statement,
			list_signature: list.signed.signature,
			created_at_ms: now,
		})
		.execute();
	await openStanding(transaction, list.account, now, regionOfNumber(phone));
	const devices = list.devices.map(({ device }) => device);
	await addDevices(transaction, list, devices, now);
	await noteDeliveryTasks(transaction, list.account, { added: devices, removed: [], announce: false });
}
