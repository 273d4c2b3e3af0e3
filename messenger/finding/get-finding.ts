import type { MessageInitShape } from "@bufbuild/protobuf";
import { fromHex, type GetFindingRequest, type GetFindingResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { BY_NUMBER, choiceOf } from "./findable.ts";

/** By what the caller may be found. */
export async function getFinding(
	{ records }: MessengerContext,
	_request: GetFindingRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof GetFindingResponseSchema>> {
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
		byNumber: BY_NUMBER[await choiceOf(records, account)],
		contacts: Number(contacts),
		username: username?.name ?? "",
		contactLinkHash: fromHex(link?.token_digest ?? "") ?? new Uint8Array(),
		contactLinkMadeAtMs: BigInt(link?.made_at_ms ?? 0),
	};
}
