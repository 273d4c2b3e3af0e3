/** Browsers that speak for an account, and their sessions. */
import { createHash, randomBytes } from "node:crypto";
import { type AccountId, type Clock, type DeviceId, Refusal, signedBytes, toHex } from "@troth/protocol";
import { verifyEd25519 } from "@troth/transparency";
import type { Kysely, Transaction } from "kysely";
import type { Speaker } from "../../asking/own-statement.ts";
import type { BesideRecords } from "../records/schema.ts";

const ID_BYTES = 16;
const TOKEN_BYTES = 32;
export const SESSION_MS = 30 * 60 * 1000;
/** Who has more has forgotten most of them. */
const MOST_BROWSERS = 20;

/** A browser that is logged in. */
export interface BrowserSession {
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly publicKey: Uint8Array;
	/** Names what this browser signs grants with. */
	readonly root: string;
	readonly digest: string;
}

/** The browser with this key; remembered from now on where it is new. */
export async function browserOf(
	records: Transaction<BesideRecords>,
	account: AccountId,
	publicKey: Uint8Array,
	nowMs: number,
): Promise<DeviceId> {
	const known = await records
		.selectFrom("browser")
		.select("device_id")
		.where("account_id", "=", account)
		.where("public_key", "=", publicKey)
		.executeTakeFirst();
	if (known !== undefined) return known.device_id;
	const device = toHex(randomBytes(ID_BYTES)) as DeviceId;
	await records
		.insertInto("browser")
		.values({ device_id: device, account_id: account, public_key: publicKey, created_at_ms: nowMs })
		.execute();
	const old = records
		.selectFrom("browser")
		.select("device_id")
		.where("account_id", "=", account)
		.orderBy("created_at_ms", "desc")
		.orderBy("device_id")
		.limit(1000)
		.offset(MOST_BROWSERS);
	await records.deleteFrom("session").where("device_id", "in", old).execute();
	await records.deleteFrom("browser").where("device_id", "in", old).execute();
	return device;
}

/** Opens a session; gives its token, which is stored nowhere here. */
export async function openSession(
	records: Transaction<BesideRecords>,
	{ account, device, root }: Pick<BrowserSession, "account" | "device" | "root">,
	nowMs: number,
): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
	const token = randomBytes(TOKEN_BYTES).toString("base64url");
	const expiresAtMs = nowMs + SESSION_MS;
	await records.deleteFrom("session").where("expires_at_ms", "<=", nowMs).execute();
	await records
		.insertInto("session")
		.values({
			token_digest: digestOf(token),
			account_id: account,
			device_id: device,
			consent_root: root,
			expires_at_ms: expiresAtMs,
		})
		.execute();
	return { token, expiresAtMs };
}

const BEARER = /^Bearer (\S+)$/;

/** Whose session is it? Refuses with UNAUTHENTICATED. */
export async function sessionOf(
	{ records, clock }: { readonly records: Kysely<BesideRecords>; readonly clock: Clock },
	authorization: string | undefined,
): Promise<BrowserSession> {
	const token = BEARER.exec(authorization ?? "")?.[1];
	const row =
		token === undefined
			? undefined
			: await records
					.selectFrom("session")
					.innerJoin("browser", "browser.device_id", "session.device_id")
					.select(["session.account_id", "session.device_id", "session.consent_root", "session.token_digest"])
					.select("browser.public_key")
					.where("session.token_digest", "=", digestOf(token))
					.where("session.expires_at_ms", ">", clock.now())
					.executeTakeFirst();
	if (row === undefined) throw new Refusal("UNAUTHENTICATED", "the session is over: ask the host for another token");
	return {
		account: row.account_id,
		device: row.device_id,
		publicKey: row.public_key,
		root: row.consent_root,
		digest: row.token_digest,
	};
}

/** The browser as somebody whose statements are checked. */
export function speakerOf({ account, device, publicKey }: BrowserSession): Speaker {
	return {
		account,
		device,
		signed: async (label, { statement, signature }) =>
			verifyEd25519(publicKey, signedBytes(label, statement), signature),
	};
}

function digestOf(token: string): string {
	return createHash("sha256").update(token).digest("hex");
}
