/** Who is friends with whom, and who asked. */
import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import type { PersonId } from "../people/person.ts";
import type { Records } from "../records/schema.ts";

export interface Named {
	readonly person: PersonId;
	readonly name: string;
}

/** Asks for friendship. Where the other one asked already, they are friends from now on. */
export async function requestFriendship(
	{ clock }: FamilyContext,
	transaction: Transaction<Records>,
	from: PersonId,
	to: PersonId,
): Promise<void> {
	if (from === to || (await areFriends(transaction, from, to))) return;
	if (await acceptFriendship({ clock }, transaction, from, to)) return;
	await transaction
		.insertInto("friend_request")
		.values({ from_person_id: from, to_person_id: to, at_ms: clock.now() })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}

/** `person` accepts what `from` asked for. False where nothing was asked. */
export async function acceptFriendship(
	{ clock }: Pick<FamilyContext, "clock">,
	transaction: Transaction<Records>,
	person: PersonId,
	from: PersonId,
): Promise<boolean> {
	const asked = await transaction
		.deleteFrom("friend_request")
		.where("from_person_id", "=", from)
		.where("to_person_id", "=", person)
		.returning("at_ms")
		.execute();
	if (asked.length === 0) return false;
	const since_ms = clock.now();
	await transaction
		.insertInto("friendship")
		.values([
			{ person_id: person, friend_id: from, since_ms },
			{ person_id: from, friend_id: person, since_ms },
		])
		.execute();
	return true;
}

/** Ends a friendship, takes back a request, or turns one down. */
export async function endFriendship(transaction: Transaction<Records>, one: PersonId, other: PersonId): Promise<void> {
	for (const [a, b] of [
		[one, other],
		[other, one],
	] as const) {
		await transaction.deleteFrom("friendship").where("person_id", "=", a).where("friend_id", "=", b).execute();
		await transaction
			.deleteFrom("friend_request")
			.where("from_person_id", "=", a)
			.where("to_person_id", "=", b)
			.execute();
	}
}

async function areFriends(transaction: Transaction<Records>, one: PersonId, other: PersonId): Promise<boolean> {
	const row = await transaction
		.selectFrom("friendship")
		.select("since_ms")
		.where("person_id", "=", one)
		.where("friend_id", "=", other)
		.executeTakeFirst();
	return row !== undefined;
}

export interface Friends {
	readonly friends: readonly Named[];
	/** Those who asked this person. */
	readonly asking: readonly Named[];
	/** Those this person asked. */
	readonly asked: readonly Named[];
}

export async function friendsOf({ records }: FamilyContext, person: PersonId): Promise<Friends> {
	const friends = await records
		.selectFrom("friendship")
		.innerJoin("person", "person.person_id", "friendship.friend_id")
		.select(["person.person_id as person", "name"])
		.where("friendship.person_id", "=", person)
		.orderBy("name")
		.execute();
	const asking = await records
		.selectFrom("friend_request")
		.innerJoin("person", "person.person_id", "friend_request.from_person_id")
		.select(["person.person_id as person", "name"])
		.where("to_person_id", "=", person)
		.orderBy("at_ms")
		.execute();
	const asked = await records
		.selectFrom("friend_request")
		.innerJoin("person", "person.person_id", "friend_request.to_person_id")
		.select(["person.person_id as person", "name"])
		.where("from_person_id", "=", person)
		.orderBy("at_ms")
		.execute();
	return { friends, asking, asked };
}
