/**
 * "People you may know", each with its reasons.
 *
 * What a reason may say: the viewer learns why *they* see this person, and nothing that only the other one knows. So
 * both are told that they have each other's number in their address books, which each of them put there. How the other
 * one's number came to be known here (verified here, or shared by their messenger) is told to that person alone, on
 * their own page: to others it would say who uses Troth and what they agreed to. How the viewer's own number is known is
 * part of the reason, because it is theirs to change. That a suggestion appears at all does say that the other one has
 * the viewer's number and said yes to suggestions; the text of both switches says so beforehand.
 */
import { sql } from "kysely";
import type { FamilyContext } from "../context.ts";
import { day } from "../pages/day.ts";
import type { PersonId } from "../people/person.ts";

export interface Reason {
	readonly kind: "address_books" | "common_friends";
	readonly text: string;
}

export interface Suggestion {
	readonly person: PersonId;
	readonly name: string;
	readonly reasons: readonly Reason[];
}

const MOST = 20;
const FRIENDS_NAMED = 2;

/** For one person, those with a number first. Empty where they switched it off. */
export async function suggestionsFor(context: FamilyContext, viewer: PersonId): Promise<readonly Suggestion[]> {
	const { records } = context;
	const own = await records
		.selectFrom("person")
		.select("suggest_to_me")
		.where("person_id", "=", viewer)
		.executeTakeFirst();
	if (own?.suggest_to_me !== 1) return [];
	const found = new Map<PersonId, { name: string; reasons: Reason[] }>();
	const add = (person: PersonId, name: string, reason: Reason) => {
		const entry = found.get(person) ?? { name, reasons: [] };
		entry.reasons.push(reason);
		found.set(person, entry);
	};
	for (const { person, name, source, since } of await byNumber(context, viewer))
		add(person, name, { kind: "address_books", text: addressBookReason(context, source, since) });
	for (const { person, name, friends } of await byFriends(context, viewer))
		add(person, name, { kind: "common_friends", text: commonFriendsReason(friends) });
	return [...found].slice(0, MOST).map(([person, entry]) => ({ person, ...entry }));
}

function addressBookReason({ company }: FamilyContext, source: "self" | "share", since: number): string {
	const known =
		source === "self"
			? `you gave ${company.title} your number and ticked this on ${day(since)}`
			: `you let Troth share your number with ${company.title} for this on ${day(since)}`;
	return `You have each other's number in your address books. Yours counts because ${known}.`;
}

function commonFriendsReason(friends: readonly string[]): string {
	const named = friends.slice(0, FRIENDS_NAMED).join(" and ");
	const more = friends.length - FRIENDS_NAMED;
	if (more > 0) return `${named} and ${more} more ${more === 1 ? "friend" : "friends"} of yours are friends with them.`;
	return `${named} ${friends.length === 1 ? "is" : "are"} friends with both of you.`;
}

/** Neither friends nor asked already, and willing to be suggested. */
function open(viewer: PersonId) {
	return sql<boolean>`
		person.suggest_me = 1 and person.person_id <> ${viewer}
		and not exists (select 1 from friendship where person_id = ${viewer} and friend_id = person.person_id)
		and not exists (select 1 from friend_request
			where (from_person_id = ${viewer} and to_person_id = person.person_id)
				or (from_person_id = person.person_id and to_person_id = ${viewer}))`;
}

async function byNumber({ records }: FamilyContext, viewer: PersonId) {
	return records
		.selectFrom("suggestion_edge")
		.innerJoin("person", "person.person_id", "suggestion_edge.other_id")
		.innerJoin("match_key", "match_key.match_key_id", "suggestion_edge.viewer_key_id")
		.select(["person.person_id as person", "person.name", "match_key.source", "match_key.since_ms as since"])
		.where("viewer_id", "=", viewer)
		.where(open(viewer))
		.orderBy("suggestion_edge.since_ms", "desc")
		.orderBy("person.person_id")
		.limit(MOST)
		.execute();
}

async function byFriends({ records }: FamilyContext, viewer: PersonId) {
	const { rows } = await sql<{ person: PersonId; name: string; friends: string }>`
		select person.person_id as person, person.name as name, json_group_array(common.name) as friends
		from friendship as mine
		join person as common on common.person_id = mine.friend_id
		join friendship as theirs on theirs.person_id = mine.friend_id
		join person on person.person_id = theirs.friend_id
		where mine.person_id = ${viewer} and ${open(viewer)}
		group by person.person_id
		order by count(*) desc, person.person_id
		limit ${MOST}
	`.execute(records);
	return rows.map(({ person, name, friends }) => ({ person, name, friends: JSON.parse(friends) as string[] }));
}
