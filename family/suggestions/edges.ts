/**
 * Suggestions that come from numbers: two people who have each other's number in their address books, and whose numbers
 * may both be used for this. Derived rows: whenever a key or an address book changes, the edges of that person are made
 * anew, in the same transaction.
 */
import { sql, type Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import { type MatchKeyListener, peopleOf } from "../match-keys/match-keys.ts";
import type { PersonId } from "../people/person.ts";
import type { Records } from "../records/schema.ts";

type Needs = Pick<FamilyContext, "clock">;

/** Makes and deletes edges as match keys come and go. */
export function edgesFromKeys(context: Needs): MatchKeyListener {
	const refresh: MatchKeyListener["gone"] = async (transaction, keys) => {
		for (const person of peopleOf(keys, "friend_suggestions")) await refreshEdges(context, transaction, person);
	};
	return { arrived: refresh, gone: refresh };
}

/**
 * The edges of one person, from what is there now. Both directions: who may be told about whom is symmetric, the
 * switches are asked when suggestions are shown.
 */
export async function refreshEdges(
	{ clock }: Needs,
	transaction: Transaction<Records>,
	person: PersonId,
): Promise<void> {
	const before = await transaction
		.deleteFrom("suggestion_edge")
		.where(({ or, eb }) => or([eb("viewer_id", "=", person), eb("other_id", "=", person)]))
		.returning(["viewer_id", "other_id", "since_ms"])
		.execute();
	const since = new Map(
		before.map((edge) => [edge.viewer_id === person ? edge.other_id : edge.viewer_id, edge.since_ms]),
	);
	const now = clock.now();
	// A person may have several keys (own, shared): any pair of them makes the edge.
	const { rows } = await sql<{ other: PersonId; mine: string; theirs: string }>`
		select their_key.person_id as other, min(my_key.match_key_id) as mine, min(their_key.match_key_id) as theirs
		from match_key as my_key
		join address_entry as their_entry on their_entry.book_tag = my_key.tag
		join match_key as their_key
			on their_key.person_id = their_entry.person_id and their_key.purpose = 'friend_suggestions'
		join address_entry as my_entry on my_entry.person_id = my_key.person_id and my_entry.book_tag = their_key.tag
		where my_key.person_id = ${person} and my_key.purpose = 'friend_suggestions'
			and their_key.person_id <> ${person}
			and my_entry.expires_at_ms > ${now} and their_entry.expires_at_ms > ${now}
		group by their_key.person_id
	`.execute(transaction);
	for (const { other, mine, theirs } of rows) {
		const since_ms = since.get(other) ?? now;
		const there = { viewer_id: person, other_id: other, viewer_key_id: mine, other_key_id: theirs, since_ms };
		const back = { viewer_id: other, other_id: person, viewer_key_id: theirs, other_key_id: mine, since_ms };
		await transaction.insertInto("suggestion_edge").values([there, back]).execute();
	}
}
