/** The host's people as accounts here: opened at their first visit, ended with everything that was shared. */
import { randomBytes } from "node:crypto";
import { type AccountId, toHex } from "@troth/protocol";
import { partOf } from "@troth/storage";
import type { Transaction } from "kysely";
import { openStanding, recallEverything, recordEvent } from "../../consent/record.ts";
import type { Policies } from "../../consent/standing.ts";
import type { ConsentTables } from "../../consent/tables.ts";
import type { BesideRecords } from "../records/schema.ts";
import type { HostPerson } from "./host-token.ts";

type Records = Transaction<BesideRecords>;

const ID_BYTES = 16;

/** The person's account; a fresh one at the first visit. */
export async function accountOf(
	records: Records,
	{ hostId }: Pick<HostPerson, "hostId">,
	nowMs: number,
): Promise<{ readonly account: AccountId; readonly root: string | null; readonly fresh: boolean }> {
	const known = await records
		.selectFrom("person")
		.select(["account_id", "consent_root"])
		.where("host_id", "=", hostId)
		.executeTakeFirst();
	if (known !== undefined) return { account: known.account_id, root: known.consent_root, fresh: false };
	const account = toHex(randomBytes(ID_BYTES)) as AccountId;
	await records
		.insertInto("person")
		.values({ host_id: hostId, account_id: account, consent_root: null, created_at_ms: nowMs })
		.execute();
	await openStanding(consentOf(records), account, nowMs);
	return { account, root: null, fresh: true };
}

/** What the host says of where they live and their age, where it says it. */
export async function describe(
	records: Records,
	account: AccountId,
	policies: Policies,
	{ region, minor }: HostPerson,
	nowMs: number,
): Promise<void> {
	if (region === undefined && minor === undefined) return;
	const person = {
		...(region !== undefined && { declaredRegion: region }),
		...(minor !== undefined && { minor }),
	};
	await recordEvent(consentOf(records), account, policies, { type: "moved", person, atMs: nowMs });
}

/**
 * Recalls all that was shared about the account and forgets it, its browsers and its sessions. The door keeps what it
 * needs for the recalls until they are acknowledged. Nothing happens where there is no such account.
 */
export async function endAccount(records: Records, account: AccountId, nowMs: number): Promise<void> {
	await recallEverything(consentOf(records), account, nowMs);
	for (const table of [
		"terms_acceptance",
		"browser",
		"session",
		"known_fact",
		"said_word",
		"objection",
		"person",
	] as const)
		await records.deleteFrom(table).where("account_id", "=", account).execute();
}

/** The same transaction, as consent sees it. */
export function consentOf(records: Records): Transaction<ConsentTables> {
	return partOf(records);
}
