/**
 * Objections to what the host says of somebody without their yes (GDPR Art. 21): what was told is taken back at once, and
 * the host is told. It decides: it ends the label, or says that it stands, and then there is no second objection to it.
 */
import { createHmac } from "node:crypto";
import { type AbusePurpose, type AccountId, isAbusePurpose, Refusal } from "@troth/protocol";
import type { Transaction } from "kysely";
import { shareKeyOf } from "../../consent/share-key.ts";
import { takeBack } from "../../consent/tell.ts";
import { FieldsUnavailable } from "../../door/source/share-source.ts";
import type { BesideContext } from "../context.ts";
import type { HostValues } from "../facts/host-facts.ts";
import { consentOf } from "../people/people.ts";
import type { BesideRecords, ObjectionTable } from "../records/schema.ts";
import { callHost } from "./call-host.ts";

/** A label, as the host says it now, and what became of an objection to it. */
export interface Labelled {
	readonly purpose: AbusePurpose;
	readonly values: HostValues<AbusePurpose> & Partial<Record<"score_class" | "case_id", string | null>>;
	/** Since when it is told; 0 where it is told to nobody. */
	readonly toldSinceMs: number;
	readonly objectedAtMs: number | undefined;
	readonly canObject: boolean;
}

/** What the host says of this person for the purposes of the version in force. Refuses with UNAVAILABLE. */
export async function labelsOf(context: BesideContext, account: AccountId): Promise<readonly Labelled[]> {
	const purposes = [...context.terms.current.purposes.keys()].filter(isAbusePurpose);
	const labels = await Promise.all(purposes.map((purpose) => labelOf(context, account, purpose)));
	return labels.filter((label) => label !== undefined);
}

/**
 * Nobody is told of this label any more until the host has looked at it. A repeat is answered as the first time. Refuses
 * with NOT_FOUND (no such label now), FORBIDDEN (no objection to it, or it was decided already), UNAVAILABLE.
 */
export async function objectTo(context: BesideContext, account: AccountId, purpose: string): Promise<number> {
	const { records, clock, events } = context;
	const label = isAbusePurpose(purpose) ? await labelOf(context, account, purpose) : undefined;
	if (label === undefined) throw new Refusal("NOT_FOUND", "there is no such label now");
	if (label.objectedAtMs !== undefined) return label.objectedAtMs;
	if (!label.canObject) throw new Refusal("FORBIDDEN", "there is no objection to this, or it was decided already");
	const nowMs = clock.now();
	await records.transaction().execute(async (transaction) => {
		const digest = await digestOf(transaction, account, label.purpose, label.values, nowMs);
		const row = { digest, objected_at_ms: nowMs, heard_at_ms: null, kept_at_ms: null };
		await transaction
			.insertInto("objection")
			.values({ account_id: account, purpose: label.purpose, ...row })
			.onConflict((conflict) => conflict.columns(["account_id", "purpose"]).doUpdateSet(row))
			.execute();
		await takeBack(consentOf(transaction), { account, purpose: label.purpose, nowMs });
		await transaction
			.deleteFrom("said_word")
			.where("account_id", "=", account)
			.where("purpose", "=", label.purpose)
			.execute();
	});
	events.objected(label.purpose);
	await tellObjections(context, account);
	return nowMs;
}

/** The host has looked at it, and the label stands: it may be told again. */
export async function keepLabel({ records, clock }: BesideContext, account: AccountId, purpose: string): Promise<void> {
	await records
		.updateTable("objection")
		.set({ kept_at_ms: clock.now(), heard_at_ms: clock.now() })
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.where("kept_at_ms", "is", null)
		.execute();
}

/**
 * Tells the host of what it has not taken yet, the oldest first. What it does not take is told again at the next look, and
 * keeps nobody else's from it.
 *
 * @param account of this person alone
 */
export async function tellObjections(
	{ records, clock, objections, events }: Pick<BesideContext, "records" | "clock" | "objections" | "events">,
	account?: AccountId,
): Promise<void> {
	if (objections === undefined) return;
	const waiting = await records
		.selectFrom("objection")
		.innerJoin("person", "person.account_id", "objection.account_id")
		.select(["objection.account_id", "purpose", "objected_at_ms", "host_id"])
		.where("heard_at_ms", "is", null)
		.$if(account !== undefined, (query) => query.where("objection.account_id", "=", account as AccountId))
		.orderBy("objected_at_ms")
		.execute();
	for (const { account_id, purpose, objected_at_ms: atMs, host_id: id } of waiting) {
		const answer = await callHost(objections, clock.now(), { type: "objected", id, purpose, atMs });
		if (answer !== "taken") events.hostUnavailable();
		// It is down: the others would wait for nothing.
		if (answer === "silent") return;
		if (answer === "refused") continue;
		await records
			.updateTable("objection")
			.set({ heard_at_ms: clock.now() })
			.where("account_id", "=", account_id)
			.where("purpose", "=", purpose)
			.where("objected_at_ms", "=", atMs)
			.execute();
	}
}

/**
 * Does an objection to this very label wait for the host? One to a label that is no more is forgotten.
 *
 * @param values undefined where the host says nothing
 */
export async function isObjected(
	transaction: Transaction<BesideRecords>,
	account: AccountId,
	purpose: AbusePurpose,
	values: object | undefined,
	nowMs: number,
): Promise<boolean> {
	const objection = await objectionOf(transaction, account, purpose);
	if (objection === undefined) return false;
	if (values !== undefined && objection.digest === (await digestOf(transaction, account, purpose, values, nowMs)))
		return objection.kept_at_ms === null;
	await transaction.deleteFrom("objection").where("account_id", "=", account).where("purpose", "=", purpose).execute();
	return false;
}

async function labelOf(
	context: BesideContext,
	account: AccountId,
	purpose: AbusePurpose,
): Promise<Labelled | undefined> {
	const { records, facts, terms, clock, objections } = context;
	const person = await records
		.selectFrom("person")
		.select("host_id")
		.where("account_id", "=", account)
		.executeTakeFirst();
	const values = person && (await read(facts, purpose, person.host_id));
	if (values?.label == null) return undefined;
	return records.transaction().execute(async (transaction) => {
		const digest = await digestOf(transaction, account, purpose, values, clock.now());
		const found = await objectionOf(transaction, account, purpose);
		const objection = found?.digest === digest ? found : undefined;
		const said = await transaction
			.selectFrom("said_word")
			.select("generation")
			.where("account_id", "=", account)
			.where("purpose", "=", purpose)
			.executeTakeFirst();
		const heard = objections !== undefined && terms.current.purposes.get(purpose)?.objection === true;
		return {
			...{ purpose, values, toldSinceMs: said?.generation ?? 0, canObject: heard && objection === undefined },
			objectedAtMs: objection?.kept_at_ms === null ? objection.objected_at_ms : undefined,
		};
	});
}

async function read(facts: BesideContext["facts"], purpose: AbusePurpose, hostId: string) {
	try {
		return await facts.read(purpose, hostId);
	} catch (error) {
		if (!(error instanceof FieldsUnavailable)) throw error;
		throw new Refusal("UNAVAILABLE", "what is said of you can not be read now", { cause: error });
	}
}

function objectionOf(
	transaction: Transaction<BesideRecords>,
	account: AccountId,
	purpose: string,
): Promise<ObjectionTable | undefined> {
	return transaction
		.selectFrom("objection")
		.selectAll()
		.where("account_id", "=", account)
		.where("purpose", "=", purpose)
		.executeTakeFirst();
}

/** The number is no part of it: a label goes on when its person's number changes, and so does an objection to it. */
async function digestOf(
	transaction: Transaction<BesideRecords>,
	account: AccountId,
	purpose: AbusePurpose,
	values: object,
	nowMs: number,
): Promise<string> {
	const key = await shareKeyOf(consentOf(transaction), account, nowMs);
	const label = JSON.stringify([purpose, { ...values, phone_number: null }]);
	return createHmac("sha256", key).update(`troth/v1/beside/objection\0${label}`).digest("hex");
}
