/** The key under which an account's shares are committed to: its devices and the server have it, and nobody else. */
import { randomBytes } from "node:crypto";
import type { AccountId } from "@troth/protocol";
import type { ConsentRecords } from "./tables.ts";

const SHARE_KEY_BYTES = 32;

/** The account's share key; made now where there is none yet. */
export async function shareKeyOf(db: ConsentRecords, account: AccountId, nowMs: number): Promise<Uint8Array> {
	const fresh = { account_id: account, share_key: randomBytes(SHARE_KEY_BYTES), created_at_ms: nowMs };
	const read = () =>
		db.selectFrom("share_key").select("share_key").where("account_id", "=", account).executeTakeFirst();
	const stored = await read();
	if (stored !== undefined) return stored.share_key;
	await db
		.insertInto("share_key")
		.values(fresh)
		.onConflict((conflict) => conflict.column("account_id").doNothing())
		.execute();
	return (await read())?.share_key ?? fresh.share_key;
}
