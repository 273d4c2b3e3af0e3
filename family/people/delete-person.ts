import type { Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import { removeItem } from "../intake/items.ts";
import { dropNumber } from "../phone/verified-number.ts";
import type { Records } from "../records/schema.ts";
import type { PersonId } from "./person.ts";

/** Deletes a person with everything that is theirs or was derived from it. What they shared elsewhere is not ours. */
export async function deletePerson(
	context: FamilyContext,
	transaction: Transaction<Records>,
	person: PersonId,
): Promise<void> {
	await dropNumber(context, transaction, person);
	const items = await transaction
		.selectFrom("shared_item")
		.select(["subject", "purpose"])
		.where("person_id", "=", person)
		.execute();
	for (const { subject, purpose } of items) await removeItem(context, transaction, subject, purpose);
	for (const gone of context.personGone) await gone(transaction, person);
	for (const table of ["session", "post", "link_nonce", "account_link", "address_entry"] as const)
		await transaction.deleteFrom(table).where("person_id", "=", person).execute();
	await transaction
		.deleteFrom("suggestion_edge")
		.where(({ or, eb }) => or([eb("viewer_id", "=", person), eb("other_id", "=", person)]))
		.execute();
	await transaction
		.deleteFrom("friendship")
		.where(({ or, eb }) => or([eb("person_id", "=", person), eb("friend_id", "=", person)]))
		.execute();
	await transaction
		.deleteFrom("friend_request")
		.where(({ or, eb }) => or([eb("from_person_id", "=", person), eb("to_person_id", "=", person)]))
		.execute();
	await transaction.deleteFrom("person").where("person_id", "=", person).execute();
}
