import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	FindableBy,
	LIMITS,
	Refusal,
	readId,
	type SetFindableRequest,
	type SetFindableResponseSchema,
} from "@troth/protocol";
import type { Transaction } from "kysely";
import type { MessengerContext, Session } from "../context.ts";
import type { Records } from "../records/schema.ts";
import { BY_NUMBER, choiceOf, type FindableChoice } from "./findable.ts";

/**
 * Who may find the caller by number from now on. Contacts that were named are kept only while they are the ones who may.
 * Refuses with MALFORMED, FORBIDDEN.
 */
export async function setFindable(
	{ records }: MessengerContext,
	request: SetFindableRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof SetFindableResponseSchema>> {
	const [added, removed] = [readContacts(request.addContacts), readContacts(request.removeContacts)];
	if (added.length + removed.length > LIMITS.findableContactsPerRequest)
		throw new Refusal("MALFORMED", `at most ${LIMITS.findableContactsPerRequest} contacts at once`);
	const byNumber = readChoice(request.byNumber);
	return records.transaction().execute(async (transaction) => {
		if (request.keepChoice) {
			const holds = await choiceOf(transaction, account);
			if (holds !== "contacts") return { contacts: 0, byNumber: BY_NUMBER[holds] };
		}
		await transaction.deleteFrom("findable").where("account_id", "=", account).execute();
		if (byNumber !== "everyone")
			await transaction.insertInto("findable").values({ account_id: account, by_number: byNumber }).execute();
		if (byNumber !== "contacts") {
			await transaction.deleteFrom("findable_contact").where("account_id", "=", account).execute();
			return { contacts: 0, byNumber: BY_NUMBER[byNumber] };
		}
		return {
			contacts: await changeContacts(transaction, account, added, removed),
			byNumber: FindableBy.CONTACTS,
		};
	});
}

async function changeContacts(
	transaction: Transaction<Records>,
	account: AccountId,
	added: readonly AccountId[],
	removed: readonly AccountId[],
): Promise<number> {
	if (removed.length > 0)
		await transaction
			.deleteFrom("findable_contact")
			.where("account_id", "=", account)
			.where("contact_id", "in", removed)
			.execute();
	if (added.length > 0)
		await transaction
			.insertInto("findable_contact")
			.values(added.map((contact) => ({ account_id: account, contact_id: contact })))
			.onConflict((conflict) => conflict.columns(["account_id", "contact_id"]).doNothing())
			.execute();
	const { contacts } = await transaction
		.selectFrom("findable_contact")
		.select(({ fn }) => fn.countAll<number>().as("contacts"))
		.where("account_id", "=", account)
		.executeTakeFirstOrThrow();
	if (Number(contacts) > LIMITS.findableContacts)
		throw new Refusal("FORBIDDEN", `at most ${LIMITS.findableContacts} contacts can be named`);
	return Number(contacts);
}

function readContacts(ids: readonly Uint8Array[]): readonly AccountId[] {
	return ids.map((bytes) => {
		const id = readId<AccountId>(bytes);
		if (id === undefined) throw new Refusal("MALFORMED", "account ids have 16 bytes");
		return id;
	});
}

function readChoice(choice: FindableBy): FindableChoice {
	switch (choice) {
		case FindableBy.UNSPECIFIED:
		case FindableBy.EVERYONE:
			return "everyone";
		case FindableBy.CONTACTS:
			return "contacts";
		case FindableBy.NOBODY:
			return "nobody";
		default:
			// What a newer client means must not be taken for "everyone".
			throw new Refusal("MALFORMED", "this server knows no such choice");
	}
}
