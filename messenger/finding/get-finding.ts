import type { MessageInitShape } from "@bufbuild/protobuf";
import { FindableBy, fromHex, type GetFindingRequest, type GetFindingResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** By what the caller may be found. */
export async function getFinding(
	{ records }: MessengerContext,
	_request: GetFindingRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof GetFindingResponseSchema>> {
	const findable = await records
		.selectFrom("findable")
		.select("by_number")
		.where("account_id", "=", account)
		.executeTakeFirst();
	const { contacts } = await records
		.selectFrom("findable_contact")
		.select(({ fn }) => fn.countAll<number>().as("contacts"))
		.where("account_id", "=", account)
		.executeTakeFirstOrThrow();
	const username = await records
		.selectFrom("username")
		.select("name")
		.where("account_id", "=", account)
		.executeTakeFirst();
	const link = await records
		.selectFrom("contact_link")
		.select(["token_digest", "made_at_ms"])
		.where("account_id", "=", account)
		.executeTakeFirst();
	return {
		byNumber: BY_NUMBER[findable?.by_number ?? "everyone"],
		contacts: Number(contacts),
		username: username?.name ?? "",
		contactLinkHash: fromHex(link?.token_digest ?? "") ?? new Uint8Array(),
		contactLinkMadeAtMs: BigInt(link?.made_at_ms ?? 0),
	};
}

const BY_NUMBER = {
	everyone: FindableBy.EVERYONE,
	contacts: FindableBy.CONTACTS,
	nobody: FindableBy.NOBODY,
} as const;
