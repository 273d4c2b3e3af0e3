import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RemoveContactLinkRequest, RemoveContactLinkResponseSchema } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** The caller's contact link leads nowhere from now on. */
export async function removeContactLink(
	{ records }: MessengerContext,
	_request: RemoveContactLinkRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof RemoveContactLinkResponseSchema>> {
	await records.deleteFrom("contact_link").where("account_id", "=", account).execute();
	return {};
}
