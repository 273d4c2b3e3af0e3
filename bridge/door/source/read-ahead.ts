/**
 * What the decisions about many shares are made from, read at one moment and in a few queries. A decision asks a dozen
 * things; asked for each share by itself, most of a door's time would go into asking.
 */
import { type AccountId, isResidual, type Purpose } from "@troth/protocol";
import { GONE } from "../../consent/standing.ts";
import { type AccountRow, isShared, type PersonSource, type SharedPurpose, type ShareSource } from "./share-source.ts";

/** A share that is going to be decided about. */
export interface Ahead {
	readonly account: AccountId;
	readonly purpose: string;
	readonly recipient: string;
	readonly generation: number;
}

/**
 * Reads for these shares, and for no others: what is asked about anybody else is as if they were gone. In the order in
 * which it would be read for one: the fields last, because they show nothing any more once a yes is taken back. Fields
 * that are kept by a host are asked for when they are needed. Rejects with StoreError.
 */
export async function readAhead(source: ShareSource, shares: readonly Ahead[]): Promise<PersonSource> {
	const accounts = accountsOf(shares);
	if (accounts.length === 0) return source;
	const keys = await source.shareKeys(accounts);
	const standings = await source.standings(accounts);
	const grants = new Map<string, { readonly statement: Uint8Array; readonly signature: Uint8Array }>();
	for (const some of Map.groupBy(shares, ({ purpose, recipient }) => `${purpose} ${recipient}`).values()) {
		const { purpose = "", recipient = "" } = some[0] ?? {};
		if (!isShared(purpose)) continue;
		for (const grant of await source.grants(accountsOf(some), purpose, recipient))
			grants.set(grantKey(grant.account_id, purpose, recipient, grant.generation), grant);
	}
	const rows = new Map<string, readonly AccountRow<SharedPurpose>[] | undefined>();
	for (const [purpose, some] of Map.groupBy(shares, (share) => share.purpose)) {
		if (!isShared(purpose)) continue;
		const read = await source.valuesOfMany(accountsOf(some), purpose);
		if (read === undefined) continue;
		for (const account of accountsOf(some)) rows.set(`${purpose} ${account}`, []);
		for (const [account, own] of Map.groupBy(read, (row) => row.account)) rows.set(`${purpose} ${account}`, own);
	}
	return {
		shareKey: async (account) => keys.get(account),
		standing: async (account) => standings.get(account) ?? GONE,
		grant: async (account, purpose, recipient, generation) =>
			grants.get(grantKey(account, purpose, recipient, generation)),
		async values(account, purpose, generation) {
			const own = rows.get(`${purpose} ${account}`);
			if (own === undefined) return source.values(account, purpose, generation);
			// Of purposes that ask there is one row, and whether its yes is the one that is meant is the gate's question.
			return (isResidual(purpose) ? own.find((row) => row.generation === generation) : own[0]) as never;
		},
	};
}

function accountsOf(shares: readonly Pick<Ahead, "account">[]): readonly AccountId[] {
	return [...new Set(shares.map(({ account }) => account))];
}

function grantKey(account: AccountId, purpose: Purpose, recipient: string, generation: number): string {
	return `${account} ${generation} ${recipient} ${purpose}`;
}
