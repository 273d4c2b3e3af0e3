/** The lists a person is on, as far as they may be looked at now. */
import { type Kysely, sql } from "kysely";
import type { KeyKind } from "../audiences/payload.ts";
import type { PersonId } from "../people/person.ts";
import type { Records } from "../records/schema.ts";
import type { AdAccountId } from "./tables.ts";

export interface ListOfPerson {
	readonly audience: string;
	readonly account: AdAccountId;
	readonly matchedBy: KeyKind;
	/** Does the advertiser say that these are its own customers? */
	readonly own: boolean;
	/** People on this list. */
	readonly members: number;
}

/**
 * Asks the keys and the rows themselves, at this moment, and not only what was derived from them before: a key that is
 * gone, a share whose retention is over and a row past its time count for nothing, whatever a job has still to sweep.
 */
export async function listsOfPerson(
	db: Kysely<Records>,
	person: PersonId,
	nowMs: number,
): Promise<readonly ListOfPerson[]> {
	const tags = await liveTags(db, person, nowMs);
	if (tags.length === 0) return [];
	const rows = await db
		.selectFrom("audience_row")
		.innerJoin("audience", "audience.audience_id", "audience_row.audience_id")
		.innerJoin("audience_member", "audience_member.audience_id", "audience.audience_id")
		.select(["audience.audience_id", "account_id", "list_origin", "customer_file_source", "matched_by"])
		.distinct()
		.select(({ selectFrom }) =>
			selectFrom("audience_member as everybody")
				.select(sql<number>`count(distinct everybody.person_id)`.as("members"))
				.whereRef("everybody.audience_id", "=", "audience.audience_id")
				.as("members"),
		)
		.where("audience_row.tag", "in", tags)
		.where("audience_row.expires_at_ms", ">", nowMs)
		.where("audience_member.person_id", "=", person)
		.orderBy("audience.audience_id")
		.orderBy("matched_by", "desc")
		.execute();
	return rows.map(({ audience_id, account_id, list_origin, customer_file_source, matched_by, members }) => {
		const unsaid = customer_file_source === "USER_PROVIDED_ONLY";
		const own = list_origin === null ? unsaid : list_origin !== "partner";
		return { audience: audience_id, account: account_id, matchedBy: matched_by, own, members: members ?? 0 };
	});
}

/** Under which tags the person may be found now: a number of their own or shared and not run out, and their address. */
async function liveTags(db: Kysely<Records>, person: PersonId, nowMs: number): Promise<readonly Uint8Array[]> {
	const keys = await db
		.selectFrom("match_key")
		.leftJoin("shared_item", (join) =>
			join
				.onRef("shared_item.subject", "=", "match_key.subject")
				.onRef("shared_item.purpose", "=", "match_key.purpose"),
		)
		.select("tag")
		.where("match_key.person_id", "=", person)
		.where("match_key.purpose", "=", "relevant_ads")
		.where(({ or, eb }) => or([eb("source", "=", "self"), eb("shared_item.expires_at_ms", ">", nowMs)]))
		.execute();
	const addresses = await db.selectFrom("email_key").select("tag").where("person_id", "=", person).execute();
	return [...keys, ...addresses].map(({ tag }) => tag);
}
