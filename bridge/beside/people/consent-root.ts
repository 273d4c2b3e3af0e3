/**
 * A recipient believes one consent key per person and remembers it (hazard 29). All browsers of a person therefore sign
 * grants with keys that follow from one secret, which they carry over themselves and which never comes here; `root` is
 * the secret's name. A browser without it can take everything back, and allow nothing.
 */
import { type AccountId, Refusal } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { BesideRecords } from "../records/schema.ts";
import type { BrowserSession } from "./browsers.ts";

/** The first browser that allows something gives the account its root. Refuses with FORBIDDEN where another one did. */
export async function claimRoot(
	records: Kysely<BesideRecords>,
	{ account, root }: Pick<BrowserSession, "account" | "root">,
): Promise<void> {
	await records
		.updateTable("person")
		.set({ consent_root: root })
		.where("account_id", "=", account)
		.where("consent_root", "is", null)
		.execute();
	if ((await rootOf(records, account)) !== root)
		throw new Refusal("FORBIDDEN", "another browser of this person signs: carry its secret over, or start anew");
}

/** Null before the first grant. */
export async function rootOf(records: Kysely<BesideRecords>, account: AccountId): Promise<string | null> {
	const row = await records
		.selectFrom("person")
		.select("consent_root")
		.where("account_id", "=", account)
		.executeTakeFirst();
	return row?.consent_root ?? null;
}
