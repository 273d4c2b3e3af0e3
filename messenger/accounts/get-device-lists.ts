import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type GetDeviceListsRequest,
	type GetDeviceListsResponseSchema,
	idBytes,
	LIMITS,
	Refusal,
	readId,
} from "@troth/protocol";
import type { Kysely } from "kysely";
import type { MessengerContext } from "../context.ts";
import type { Records } from "../records/schema.ts";

/** The signed device lists of accounts, in the order asked. Refuses with MALFORMED. */
export async function getDeviceLists(
	{ records }: MessengerContext,
	request: GetDeviceListsRequest,
): Promise<MessageInitShape<typeof GetDeviceListsResponseSchema>> {
	return { lists: await deviceListsOf(records, readAccountIds(request.accountIds)) };
}

/** Account ids of a request, at most LIMITS.accountsPerRequest. Refuses with MALFORMED. */
export function readAccountIds(ids: readonly Uint8Array[]): readonly AccountId[] {
	if (ids.length > LIMITS.accountsPerRequest)
		throw new Refusal("MALFORMED", `at most ${LIMITS.accountsPerRequest} accounts in one request`);
	return ids.map((bytes) => {
		const id = readId<AccountId>(bytes);
		if (id === undefined) throw new Refusal("MALFORMED", "account ids have 16 bytes");
		return id;
	});
}

/** One element per account, without a list for those that are gone. */
export async function deviceListsOf(records: Kysely<Records>, accounts: readonly AccountId[]) {
	if (accounts.length === 0) return [];
	const rows = await records
		.selectFrom("account")
		.select(["account_id", "list_statement", "list_signature"])
		.where("account_id", "in", accounts)
		.execute();
	const byId = new Map(rows.map((row) => [row.account_id, row]));
	return accounts.map((account) => {
		const row = byId.get(account);
		return {
			accountId: idBytes(account),
			...(row !== undefined && { deviceList: { statement: row.list_statement, signature: row.list_signature } }),
		};
	});
}
