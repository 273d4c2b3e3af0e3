import { hash } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { decodeStatement } from "@troth/bridge";
import {
	type AccountId,
	type BusinessPreferenceStatement,
	BusinessPreferenceStatementSchema,
	idBytes,
	LABELS,
	Refusal,
	readId,
	type SetBusinessPreferenceRequest,
	type SetBusinessPreferenceResponseSchema,
	type Signed,
	verifySigned,
} from "@troth/protocol";
import type { Insertable, Transaction } from "kysely";
import type { MessengerContext, Session } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { knownCategory } from "./category-rule.ts";
import { fromPermission, toPreference } from "./preference.ts";
import type { BusinessPreferenceTable } from "./tables.ts";

/** A device's clock may be this far ahead of the server's; a decision from the future would outlast later ones. */
const AHEAD_MS = 10 * 60 * 1000;
/** Hex digits of a consent id: the first 16 bytes of the statement's hash. */
const CONSENT_ID_DIGITS = 32;

/**
 * Stores a decision that a device of the caller signed. When it resolves, the next send of the business is judged by
 * it. Refuses with MALFORMED, UNAUTHENTICATED (the signature), NOT_FOUND (no such business), CONSENT_CONFLICT.
 */
export async function setBusinessPreference(
	context: MessengerContext,
	request: SetBusinessPreferenceRequest,
	session: Session,
): Promise<MessageInitShape<typeof SetBusinessPreferenceResponseSchema>> {
	const { signed, statement } = decodeStatement(BusinessPreferenceStatementSchema, request.statement);
	const known = await context.directory.known(session.device);
	if (known === undefined || !verifySigned(known.signatureKey, LABELS.businessPreference, signed))
		throw new Refusal("UNAUTHENTICATED", "the decision is not signed by this device");
	requireOwn(session, statement);
	const row = readDecision(context, session, statement, signed);
	if (!context.businesses.isBusiness(row.business_id)) throw new Refusal("NOT_FOUND", "no such business");
	await context.records.transaction().execute((transaction) => store(transaction, row, context.clock.now()));
	context.businesses.saidChanged(session.account);
	await context.delivery.businessRulesChanged(session.account);
	context.events.businessPreferenceSet(row.permission);
	return { preference: toPreference(row) };
}

function requireOwn(session: Session, { accountId, deviceId }: BusinessPreferenceStatement): void {
	const same = (bytes: Uint8Array, expected: Uint8Array) => Buffer.compare(bytes, expected) === 0;
	if (!same(accountId, idBytes(session.account)) || !same(deviceId, idBytes(session.device)))
		throw new Refusal("UNAUTHENTICATED", "the decision is another device's");
}

function readDecision(
	{ clock }: MessengerContext,
	session: Session,
	statement: BusinessPreferenceStatement,
	{ statement: bytes, signature }: Signed,
): Insertable<BusinessPreferenceTable> {
	const business = readId<AccountId>(statement.businessAccount);
	const category = knownCategory(statement.category);
	const permission = fromPermission(statement.permission);
	const decidedAtMs = Number(statement.decidedAtMs);
	if (business === undefined || category === undefined || permission === undefined)
		throw new Refusal("MALFORMED", "a decision names a business, a category and a permission");
	if (decidedAtMs <= 0 || decidedAtMs > clock.now() + AHEAD_MS)
		throw new Refusal("MALFORMED", "the decision's time is not a time, or lies in the future");
	return {
		account_id: session.account,
		business_id: business,
		category,
		permission,
		consent_id: hash("sha256", bytes, "hex").slice(0, CONSENT_ID_DIGITS),
		decided_at_ms: decidedAtMs,
		statement: bytes,
		signature,
	};
}

async function store(
	transaction: Transaction<Records>,
	row: Insertable<BusinessPreferenceTable>,
	nowMs: number,
): Promise<void> {
	const before = await transaction
		.selectFrom("business_preference")
		.select(["consent_id", "decided_at_ms"])
		.where("account_id", "=", row.account_id)
		.where("business_id", "=", row.business_id)
		.where("category", "=", row.category)
		.executeTakeFirst();
	if (before?.consent_id === row.consent_id) return;
	// An old statement that is put in again must not undo a later one.
	if (before !== undefined && before.decided_at_ms >= row.decided_at_ms)
		throw new Refusal("CONSENT_CONFLICT", "a later decision about this is stored");
	const { permission, consent_id, decided_at_ms, statement, signature } = row;
	await transaction
		.insertInto("business_preference")
		.values(row)
		.onConflict((conflict) =>
			conflict
				.columns(["account_id", "business_id", "category"])
				.doUpdateSet({ permission, consent_id, decided_at_ms, statement, signature }),
		)
		.execute();
	await transaction
		.insertInto("business_preference_event")
		.values({ account_id: row.account_id, statement, signature, recorded_at_ms: nowMs })
		.execute();
}
