/** Usernames: which may be claimed, and what happens to one that is given up. */
import { createHmac } from "node:crypto";
import { type AccountId, LIMITS, Refusal, readUsername } from "@troth/protocol";
import type { Transaction } from "kysely";
import type { Records } from "../records/schema.ts";
import type { Secrets } from "../secrets.ts";

/** The username as it is kept. Refuses with USERNAME_INVALID; it is not repeated. */
export function requireUsername(text: string): string {
	const name = readUsername(text);
	if (name === undefined) throw new Refusal("USERNAME_INVALID", "not a possible username");
	return name;
}

/** What is left of a name that was given up: equality, for who has this server's key. */
export function usernameMac({ usernameKey }: Pick<Secrets, "usernameKey">, name: string): string {
	return createHmac("sha256", usernameKey).update(name).digest("hex");
}

/**
 * Gives up the account's username, if it has one: it leads nowhere, and nobody but the account gets it for a while.
 */
export async function giveUpUsername(
	transaction: Transaction<Records>,
	account: AccountId,
	nowMs: number,
): Promise<void> {
	const held = await transaction
		.deleteFrom("username")
		.where("account_id", "=", account)
		.returning("name_mac")
		.executeTakeFirst();
	if (held === undefined) return;
	const freeAtMs = nowMs + LIMITS.usernameQuarantineMs;
	await transaction
		.insertInto("released_username")
		.values({ name_mac: held.name_mac, account_id: account, free_at_ms: freeAtMs })
		.execute();
}

/** The roles of a server and its people, and this product: nobody may pass for them. */
const RESERVED: ReadonlySet<string> = new Set(
	[
		...["abuse", "account", "accounts", "admin", "administrator", "admins", "all", "api", "billing", "bot", "business"],
		...["calls", "channel", "contact", "everyone", "group", "hostmaster", "info", "legal", "login", "mail", "me"],
		...["messenger", "mod", "moderator", "moderators", "news", "nobody", "notice", "notices", "null", "official"],
		...["operator", "owner", "password", "payment", "payments", "postmaster", "press", "privacy", "register", "root"],
		...["safety", "security", "server", "service", "settings", "staff", "support", "system", "team", "terms", "troth"],
		...["undefined", "update", "updates", "verification", "verified", "verify", "webmaster", "you"],
	].map(skeleton),
);
const RESERVED_BEGINNINGS: readonly string[] = ["troth"].map(skeleton);

/** Names that may be held by nobody, written in whatever way reads like them. */
export function isReserved(name: string): boolean {
	const bare = skeleton(name);
	return RESERVED.has(bare) || RESERVED_BEGINNINGS.some((beginning) => bare.startsWith(beginning));
}

/** Without signs, and with one character for those that look alike. */
function skeleton(name: string): string {
	return name.replaceAll(/[._]/g, "").replaceAll("0", "o").replaceAll(/[1i]/g, "l").replaceAll("5", "s");
}
