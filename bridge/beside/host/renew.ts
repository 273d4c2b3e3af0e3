/** A fact about somebody is another one: what stands is shared again, and the newer replaces the older at its recipient. */
import { createHmac } from "node:crypto";
import { type AccountId, isResidual, type ResidualPurpose } from "@troth/protocol";
import type { Transaction } from "kysely";
import { shareKeyOf } from "../../consent/share-key.ts";
import { readStanding } from "../../consent/standing.ts";
import { FieldsUnavailable } from "../../door/source/share-source.ts";
import type { BesideContext } from "../context.ts";
import { type HostPurpose, isHostPurpose } from "../facts/host-facts.ts";
import { consentOf } from "../people/people.ts";
import type { BesideRecords } from "../records/schema.ts";

/** Purposes that ask, and for which the host has the fact. */
type NumberPurpose = Exclude<HostPurpose, ResidualPurpose>;

function isNumberPurpose(purpose: string): purpose is NumberPurpose {
	return isHostPurpose(purpose) && !isResidual(purpose);
}

/** Asks the door to share under every yes that stands, as it stands: nobody has to say it again. True where one does. */
export async function shareAnew(
	records: Transaction<BesideRecords>,
	account: AccountId,
	nowMs: number,
): Promise<boolean> {
	const { choices } = await readStanding(consentOf(records), account);
	const rows = [...choices].flatMap(([purpose, { state, generation, recipients }]) =>
		// A link is no fact of the host's, and goes on as it is.
		state !== "granted" || !isNumberPurpose(purpose)
			? []
			: recipients.map((recipient) => ({
					account_id: account,
					kind: "share" as const,
					purpose,
					recipient,
					generation,
					created_at_ms: nowMs,
				})),
	);
	if (rows.length > 0) await records.insertInto("share_outbox").values(rows).execute();
	return rows.length > 0;
}

/**
 * Looks what the fact about somebody with a yes is now, and remembers how to know it again. Where it was another one, or
 * was never looked at, `whenOther` says what follows. Rejects with FieldsUnavailable.
 */
export async function lookAtFact(
	{ records, facts, clock }: Pick<BesideContext, "records" | "facts" | "clock">,
	account: AccountId,
	whenOther: (records: Transaction<BesideRecords>) => Promise<boolean>,
): Promise<boolean> {
	const yes = await records
		.selectFrom("consent_choice as choice")
		.innerJoin("person", "person.account_id", "choice.account_id")
		.select(["choice.purpose", "person.host_id"])
		.where("choice.account_id", "=", account)
		.where("choice.state", "=", "granted")
		.execute();
	const [first] = yes.flatMap(({ purpose, host_id }) =>
		isNumberPurpose(purpose) ? [{ purpose, hostId: host_id }] : [],
	);
	const values = first && (await facts.read(first.purpose, first.hostId));
	if (values === undefined) return false;
	return records.transaction().execute(async (transaction) => {
		const digest = await digestOf(transaction, account, values.phone_number, clock.now());
		return (await noteFact(transaction, account, digest)) && whenOther(transaction);
	});
}

/** Remembers what is being shared now, so that the sweep does not share it once more. The host may be away: then it does. */
export async function learnFact(context: BesideContext, account: AccountId): Promise<void> {
	try {
		await lookAtFact(context, account, async () => true);
	} catch (error) {
		if (!(error instanceof FieldsUnavailable)) throw error;
	}
}

/** By what a fact is known again without being kept: a MAC under a key that is deleted with the account. */
async function digestOf(
	records: Transaction<BesideRecords>,
	account: AccountId,
	phone: string | null,
	nowMs: number,
): Promise<string> {
	const key = await shareKeyOf(consentOf(records), account, nowMs);
	return createHmac("sha256", key)
		.update(`troth/v1/beside/known-fact\0${phone ?? ""}`)
		.digest("hex");
}

/** Remembers what the fact is now; true where it was another one, or was not known. */
async function noteFact(records: Transaction<BesideRecords>, account: AccountId, digest: string): Promise<boolean> {
	const before = await records
		.selectFrom("known_fact")
		.select("digest")
		.where("account_id", "=", account)
		.executeTakeFirst();
	if (before?.digest === digest) return false;
	await records
		.insertInto("known_fact")
		.values({ account_id: account, digest })
		.onConflict((conflict) => conflict.column("account_id").doUpdateSet({ digest }))
		.execute();
	return true;
}
