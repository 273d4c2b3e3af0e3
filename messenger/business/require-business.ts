import { Refusal } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

/** Throws FORBIDDEN where the caller is no approved business. */
export function requireBusiness({ businesses }: MessengerContext, { account }: Session): void {
	if (!businesses.isBusiness(account)) throw new Refusal("FORBIDDEN", "only approved businesses may do this");
}
