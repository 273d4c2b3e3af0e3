/**
 * Advertisers' accounts. Their token and secret are derived from the company's seed, so that no credential lies in the
 * store and the same account has the same ones after every start.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { FamilyContext } from "../context.ts";
import type { AdAccountId, AdAccountRow } from "./tables.ts";

type Accounts = Pick<FamilyContext, "records" | "keys" | "clock">;

export interface AdAccountInput {
	/** Up to 20 digits; the Graph writes "act_" before them. */
	readonly id: string;
	/** The advertiser's name, as people read it beside an ad. */
	readonly name: string;
	/** Has the advertiser agreed to the rules for lists? Without it, lists are refused (2655). */
	readonly audienceTerms: boolean;
}

export interface AdAccount {
	/** With "act_". */
	readonly id: string;
	readonly accessToken: string;
	readonly appSecret: string;
	readonly appId: string;
}

/**
 * Opens an account, or gives the one there is: repeating it changes the name and the terms only. Throws TypeError for
 * an id that is none.
 */
export async function createAdAccount(context: Accounts, input: AdAccountInput): Promise<AdAccount> {
	if (!/^[1-9]\d{0,19}$/.test(input.id)) throw new TypeError("an ad account's id is up to 20 digits");
	const { records, clock } = context;
	const now = clock.now();
	const account_id = input.id as AdAccountId;
	const terms = input.audienceTerms ? now : null;
	const row = await records
		.insertInto("ad_account")
		.values({ account_id, name: input.name, token_number: 1, audience_terms_at_ms: terms, created_at_ms: now })
		.onConflict((conflict) =>
			conflict.column("account_id").doUpdateSet({ name: input.name, audience_terms_at_ms: terms }),
		)
		.returningAll()
		.executeTakeFirstOrThrow();
	return {
		id: `act_${account_id}`,
		accessToken: tokenOf(context, row),
		appSecret: appSecretOf(context, account_id),
		appId: appIdOf(account_id),
	};
}

/** The account whose token this is; undefined for any other text. */
export async function findAdAccountByToken(context: Accounts, token: string): Promise<AdAccountRow | undefined> {
	const id = /^TROTH([1-9]\d{0,19})Z[0-9a-f]{64}$/.exec(token)?.[1] as AdAccountId | undefined;
	if (id === undefined) return undefined;
	const row = await context.records
		.selectFrom("ad_account")
		.selectAll()
		.where("account_id", "=", id)
		.executeTakeFirst();
	if (row === undefined) return undefined;
	return timingSafeEqual(Buffer.from(token), Buffer.from(tokenOf(context, row))) ? row : undefined;
}

function tokenOf(context: Accounts, { account_id, token_number }: AdAccountRow): string {
	return `TROTH${account_id}Z${mac(context, "ad-account-tokens", `${account_id}|${token_number}`)}`;
}

/** What `appsecret_proof` is keyed with: 32 hex digits. */
export function appSecretOf(context: Pick<FamilyContext, "keys">, account: AdAccountId): string {
	return mac(context, "app-secrets", account).slice(0, 32);
}

/** Each account has one app, whose id says nothing that the account's does not. */
export function appIdOf(account: AdAccountId): string {
	return `9${account}`;
}

function mac({ keys }: Pick<FamilyContext, "keys">, use: string, text: string): string {
	return createHmac("sha256", keys.derive(use)).update(text).digest("hex");
}
