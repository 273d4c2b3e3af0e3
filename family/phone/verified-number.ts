/** The number a person has shown to be theirs, and what hangs on it. */
import { type PhoneNumber, toHex } from "@troth/protocol";
import { numberPseudonym } from "@troth/transparency";
import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import { removeItem } from "../intake/items.ts";
import type { MatchPurpose } from "../match-keys/match-keys.ts";
import type { PersonId } from "../people/person.ts";
import type { Records } from "../records/schema.ts";

/**
 * The number is this person's now. Whoever had it before loses it with all that hung on it: numbers change hands, and
 * the last proof is the one that holds. So does the person's own number of before.
 */
export async function takeNumber(
	{ keys: { tags }, clock, matchKeys, abusePseudonymKey }: FamilyContext,
	transaction: Transaction<Records>,
	person: PersonId,
	phone: PhoneNumber,
): Promise<void> {
	const peopleTag = tags.people(phone);
	const holder = await holderOf(transaction, peopleTag);
	if (holder === person) return;
	if (holder !== undefined) await dropNumber({ matchKeys }, transaction, holder);
	await dropNumber({ matchKeys }, transaction, person);
	await transaction
		.insertInto("verified_phone")
		.values({
			person_id: person,
			people_tag: peopleTag,
			book_tag: tags.book(phone),
			list_tag: tags.list(phone),
			last_two: phone.slice(-2),
			pair_name: abusePseudonymKey === undefined ? null : toHex(numberPseudonym(abusePseudonymKey, phone)),
			verified_at_ms: clock.now(),
		})
		.execute();
}

/** Who verified the number with this tag. */
export async function holderOf(
	transaction: Transaction<Records>,
	peopleTag: Uint8Array,
): Promise<PersonId | undefined> {
	const row = await transaction
		.selectFrom("verified_phone")
		.select("person_id")
		.where("people_tag", "=", peopleTag)
		.executeTakeFirst();
	return row?.person_id;
}

/** The person has no number any more: their own match keys go, and every share that found them by it (C3). */
export async function dropNumber(
	{ matchKeys }: Pick<FamilyContext, "matchKeys">,
	transaction: Transaction<Records>,
	person: PersonId,
): Promise<void> {
	await transaction.deleteFrom("verified_phone").where("person_id", "=", person).execute();
	await matchKeys.remove(transaction, { person, source: "self" });
	const items = await transaction
		.selectFrom("shared_item")
		.select(["subject", "purpose"])
		.where("person_id", "=", person)
		.where("attached_by", "=", "number")
		.execute();
	for (const { subject, purpose } of items) await removeItem({ matchKeys }, transaction, subject, purpose);
}

/** Which tag of the verified number a purpose is matched by. */
const TAG_OF = { friend_suggestions: "book_tag", relevant_ads: "list_tag" } as const;

/** The person's own choice for one purpose. False where there is no verified number to choose about. */
export async function choosePurpose(
	{ matchKeys, clock }: FamilyContext,
	transaction: Transaction<Records>,
	person: PersonId,
	purpose: MatchPurpose,
	chosen: boolean,
): Promise<boolean> {
	const which = { person, purpose, source: "self" } as const;
	if (!chosen) {
		await matchKeys.remove(transaction, which);
		return true;
	}
	const phone = await transaction
		.selectFrom("verified_phone")
		.selectAll()
		.where("person_id", "=", person)
		.executeTakeFirst();
	if (phone === undefined) return false;
	if ((await ownChoices(transaction, person)).has(purpose)) return true;
	await matchKeys.add(transaction, [
		{
			person_id: person,
			purpose,
			source: "self",
			subject: "",
			generation: 0,
			policy_hash: "",
			tag: phone[TAG_OF[purpose]],
			since_ms: clock.now(),
		},
	]);
	return true;
}

/** What the person lets their own number be used for. */
export async function ownChoices(
	records: Pick<Transaction<Records>, "selectFrom">,
	person: PersonId,
): Promise<ReadonlySet<MatchPurpose>> {
	const rows = await records
		.selectFrom("match_key")
		.select("purpose")
		.where("person_id", "=", person)
		.where("source", "=", "self")
		.execute();
	return new Set(rows.map(({ purpose }) => purpose));
}
