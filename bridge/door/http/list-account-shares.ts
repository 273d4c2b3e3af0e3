/** BridgeService.ListAccountShares: what the log holds about one account, in the order of its chain, with proofs. */
import { create, fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	ItemReceiptSchema,
	type ListAccountSharesRequest,
	type ListAccountSharesResponse,
	ListAccountSharesResponseSchema,
	Refusal,
	readId,
	type Share,
	ShareSchema,
	ShareState,
} from "@troth/protocol";
import type { DoorContext } from "../context.ts";
import { shareProofOf } from "../log/share-proof-of.ts";
import type { ShareRow, ShareStateName } from "../store/schema.ts";

const SHARES_PER_PAGE = 100;

const STATES: Readonly<Record<ShareStateName, ShareState>> = {
	logged: ShareState.LOGGED,
	answered: ShareState.ANSWERED,
	withheld: ShareState.WITHHELD,
	overtaken: ShareState.OVERTAKEN,
};

/** Refuses with MALFORMED. An account without a chain has an empty list. */
export async function listAccountShares(
	context: DoorContext,
	request: ListAccountSharesRequest,
): Promise<ListAccountSharesResponse> {
	const account = readId<AccountId>(request.accountId);
	if (account === undefined) throw new Refusal("MALFORMED", "an account id has 16 bytes");
	const { store, log } = context;
	const chain = await store
		.selectFrom("chain")
		.select("share_key")
		.where("account_id", "=", account)
		.executeTakeFirst();
	if (chain === undefined) return create(ListAccountSharesResponseSchema, {});
	const rows = await store
		.selectFrom("share")
		.selectAll()
		.where("account_id", "=", account)
		.where("n", ">", request.afterN)
		// What is not in a published tree has no proof yet; batches come whole, so this leaves no hole.
		.where("leaf_index", "<", log.size)
		.orderBy("n")
		.limit(SHARES_PER_PAGE + 1)
		.execute();
	const shares = rows.slice(0, SHARES_PER_PAGE).map((row) => shareOf(context, row, chain.share_key));
	return create(ListAccountSharesResponseSchema, { shares, more: rows.length > SHARES_PER_PAGE });
}

function shareOf({ log }: DoorContext, row: ShareRow, shareKey: Uint8Array): Share {
	const proof = shareProofOf(log, row, shareKey, row.leaf_index < log.witnessedSize ? "witnessed" : "signed");
	return create(ShareSchema, {
		n: row.n,
		share: proof,
		state: STATES[row.state],
		...(row.receipt !== null && { receipt: fromBinary(ItemReceiptSchema, row.receipt) }),
		answeredAtMs: BigInt(row.answered_at_ms ?? 0),
	});
}
