import type { MessageInitShape } from "@bufbuild/protobuf";
import { type GetOwnAccountRequest, type GetOwnAccountResponseSchema, idBytes } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { unlinksAt } from "../linking/idle-devices.ts";
import { numberChangeRule } from "./number-rest.ts";

/** What the caller's devices have to know of their account; `about-me/` says everything. */
export async function getOwnAccount(
	{ records, directory, delivery, clock }: MessengerContext,
	_request: GetOwnAccountRequest,
	session: Session,
): Promise<MessageInitShape<typeof GetOwnAccountResponseSchema>> {
	const account = await records
		.selectFrom("account")
		.selectAll()
		.where("account_id", "=", session.account)
		.executeTakeFirstOrThrow();
	const devices = await records
		.selectFrom("device")
		.select(["device_id", "created_at_ms", "last_attached_ms"])
		.where("account_id", "=", session.account)
		.where("removed_at_ms", "is", null)
		.orderBy("created_at_ms")
		.execute();
	const accepted = await records
		.selectFrom("terms_acceptance")
		.select(({ fn }) => fn.max("version").as("version"))
		.where("account_id", "=", session.account)
		.executeTakeFirst();
	const lock = await records
		.selectFrom("registration_lock")
		.select("set_at_ms")
		.where("account_id", "=", session.account)
		.executeTakeFirst();
	const number = await numberChangeRule(records, session.account, clock.now());
	const blocked = await directory.blockedBy(session.account);
	return {
		accountId: idBytes(account.account_id),
		phone: account.phone,
		createdAtMs: BigInt(account.created_at_ms),
		deviceList: { statement: account.list_statement, signature: account.list_signature },
		blockedAccountIds: [...blocked].map((id) => idBytes(id)),
		devices: devices.map((row) => {
			const attached = delivery.attached(row.device_id);
			const lastAttachedMs = directory.lastSeen(row.device_id) ?? row.last_attached_ms;
			const seenMs = attached ? clock.now() : (lastAttachedMs ?? row.created_at_ms);
			return {
				deviceId: idBytes(row.device_id),
				createdAtMs: BigInt(row.created_at_ms),
				lastAttachedMs: BigInt(lastAttachedMs ?? 0),
				attached,
				// The only device of an account stays.
				unlinksAtMs: BigInt((devices.length > 1 && unlinksAt(seenMs, clock.now())) || 0),
			};
		}),
		acceptedTermsVersion: accepted?.version ?? 0,
		registrationLock: lock !== undefined,
		numberChangedAtMs: BigInt(number.changedAtMs ?? 0),
		numberChangeableFromMs: BigInt(number.changeableFromMs),
		numberBackUntilMs: BigInt(number.backUntilMs),
	};
}
