/** Who may see a conversation's group, and join it by itself: the devices of its member accounts. */
import type { AccountId } from "@troth/protocol";
import type { Session } from "../context.ts";
import type { Exchange } from "../delivery/exchange.ts";
import type { LogOwner } from "../delivery/log-owner.ts";
import { directOf } from "./replacing.ts";

export interface Access {
	readonly role: "member" | "admin";
	/** A direct conversation in which the caller's account has no device left: the account it is paired with. */
	readonly pairedWith: AccountId | undefined;
}

/** Undefined for accounts that are not in the conversation. */
export async function accessOf(exchange: Exchange, owner: LogOwner, session: Session): Promise<Access | undefined> {
	const own = owner.members.accounts.get(session.account)?.devices.find(({ until }) => until === undefined);
	if (own !== undefined) return { role: own.role, pairedWith: undefined };
	if (owner.group?.kind !== "direct") return undefined;
	// All devices of the account are gone, and new ones are there: the pair is still theirs.
	for (const { account } of owner.members.accounts.values()) {
		if (account === session.account) continue;
		const paired = await directOf(exchange.logs, session.account, account);
		if (paired === owner.log) return { role: "member", pairedWith: account };
	}
	return undefined;
}
