import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	HASH_BYTES,
	Refusal,
	type SetContactLinkRequest,
	type SetContactLinkResponseSchema,
	toHex,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Makes this the caller's only contact link; the one before leads nowhere from now on. Refuses with MALFORMED. */
export async function setContactLink(
	{ records, clock }: MessengerContext,
	{ tokenHash }: SetContactLinkRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof SetContactLinkResponseSchema>> {
	if (tokenHash.length !== HASH_BYTES) throw new Refusal("MALFORMED", `a link is named by ${HASH_BYTES} bytes`);
	const link = { token_digest: toHex(tokenHash), made_at_ms: clock.now() };
	await records.transaction().execute(async (transaction) => {
		const same = await transaction
			.selectFrom("contact_link")
			.select("account_id")
			.where("token_digest", "=", link.token_digest)
			.executeTakeFirst();
		// Nobody makes the token of somebody else by chance.
		if (same !== undefined && same.account_id !== account) throw new Refusal("MALFORMED", "this link is in use");
		await transaction
			.insertInto("contact_link")
			.values({ account_id: account, ...link })
			.onConflict((conflict) => conflict.column("account_id").doUpdateSet(link))
			.execute();
	});
	return { madeAtMs: BigInt(link.made_at_ms) };
}
