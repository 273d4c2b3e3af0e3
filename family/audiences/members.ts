/**
 * Who of a list is a member. Members are derived from two things, a row of the list and a key of the person, and these
 * functions make them true again in the transaction in which either changed. A person's member rows hold no number,
 * no tag and no hash.
 */
import type { Kysely, Transaction } from "kysely";
import { type MatchKeyListener, peopleOf } from "../match-keys/match-keys.ts";
import type { PersonId } from "../people/person.ts";
import type { Records } from "../records/schema.ts";

/** Follows the keys for `relevant_ads`: members appear with a key and vanish with it. */
export const memberListener: MatchKeyListener = {
	arrived: (transaction, keys) => settlePeople(transaction, peopleOf(keys, "relevant_ads")),
	gone: (transaction, keys) => settlePeople(transaction, peopleOf(keys, "relevant_ads")),
};

/** Makes the member rows of these people those that follow from their keys now. */
export async function settlePeople(transaction: Transaction<Records>, people: readonly PersonId[]): Promise<void> {
	if (people.length === 0) return;
	await deleteUnfounded(transaction, { people });
	await transaction
		.insertInto("audience_member")
		.columns(["audience_id", "person_id", "matched_by"])
		.expression(
			transaction
				.selectFrom("list_key")
				.innerJoin("audience_row", "audience_row.tag", "list_key.tag")
				.select(["audience_row.audience_id", "list_key.person_id", "list_key.matched_by"])
				.where("list_key.person_id", "in", people),
		)
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	// What a person was shown because of a key goes with the key: it would tell which list they were on.
	await transaction
		.deleteFrom("impression")
		.where("person_id", "in", people)
		.where("audience_id", "is not", null)
		.where(({ not, exists, selectFrom }) =>
			not(
				exists(
					selectFrom("audience_member")
						.select("audience_member.audience_id")
						.whereRef("audience_member.audience_id", "=", "impression.audience_id")
						.whereRef("audience_member.person_id", "=", "impression.person_id")
						.whereRef("audience_member.matched_by", "=", "impression.matched_by"),
				),
			),
		)
		.execute();
}

/** Members that follow from these rows of a list. */
export async function addMembers(
	transaction: Transaction<Records>,
	audience: string,
	tags: readonly Uint8Array[],
): Promise<void> {
	await transaction
		.insertInto("audience_member")
		.columns(["audience_id", "person_id", "matched_by"])
		.expression(
			transaction
				.selectFrom("list_key")
				.innerJoin("audience_row", "audience_row.tag", "list_key.tag")
				.select(["audience_row.audience_id", "list_key.person_id", "list_key.matched_by"])
				.where("audience_row.audience_id", "=", audience)
				.where("list_key.tag", "in", tags),
		)
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}

/** Deletes members that no row and key stand behind any more, of these people or of one list. */
export async function deleteUnfounded(
	db: Kysely<Records>,
	of: { readonly people: readonly PersonId[] } | { readonly audience: string },
): Promise<void> {
	let members = db.deleteFrom("audience_member");
	members =
		"people" in of
			? members.where("audience_member.person_id", "in", of.people)
			: members.where("audience_member.audience_id", "=", of.audience);
	await members
		.where(({ not, exists, selectFrom }) =>
			not(
				exists(
					selectFrom("list_key")
						.innerJoin("audience_row", "audience_row.tag", "list_key.tag")
						.select("list_key.person_id")
						.whereRef("audience_row.audience_id", "=", "audience_member.audience_id")
						.whereRef("list_key.person_id", "=", "audience_member.person_id")
						.whereRef("list_key.matched_by", "=", "audience_member.matched_by"),
				),
			),
		)
		.execute();
}
