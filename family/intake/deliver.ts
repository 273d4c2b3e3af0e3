/** Takes in what a bridge delivers, item by item, and answers each with a leaf of the company's own log. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type DeliverRequest,
	type DeliverResponseSchema,
	ItemOutcome,
	type ItemReceiptSchema,
	type SharedItem,
	toHex,
} from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import { rememberCheckpoints, type ShareRecord, type ShareRecordKind } from "@troth/transparency";
import type { FamilyContext } from "../context.ts";
import type { Receipts } from "../receipts/receipts.ts";
import { type Beliefs, type Judgement, judge, type RefusalReason } from "./judge.ts";
import { verifyPolicies } from "./policies.ts";
import { takeResidual } from "./residual.ts";
import { takeRecall, takeShare } from "./take.ts";

type Answered = Extract<ShareRecordKind, "kept" | "dropped" | "stale" | "recalled">;
type Taken =
	| { readonly outcome: "refused"; readonly reason: RefusalReason }
	| { readonly outcome: Answered; readonly record: ShareRecord };

const OUTCOMES = {
	kept: ItemOutcome.KEPT,
	dropped: ItemOutcome.DROPPED,
	stale: ItemOutcome.STALE,
	recalled: ItemOutcome.RECALLED,
} as const satisfies Record<Answered, ItemOutcome>;

/**
 * Each item is a transaction of its own, in the order of the request. Rejects where the store or the log fails: then
 * nothing was acknowledged, and the same request may be made again.
 */
export async function deliver(
	context: FamilyContext,
	receipts: Receipts,
	request: DeliverRequest,
): Promise<MessageInitShape<typeof DeliverResponseSchema>> {
	const { company, trust } = context;
	const policies = verifyPolicies(request.policies, trust.policyKey);
	const beliefs: Beliefs = { recipient: company.id, trust, policies, openCheckpoint: rememberCheckpoints() };
	const taken: Taken[] = [];
	for (const item of request.items) taken.push(await take(context, item, beliefs));
	// Before a receipt says so, what was deleted has left the files, too (hazard 33).
	if (taken.some(({ outcome }) => outcome === "recalled" || outcome === "dropped")) await eraseDeleted(context.records);
	const proofs = await receipts.append(taken.flatMap((one) => (one.outcome === "refused" ? [] : [one.record])));
	let next = 0;
	const answers = taken.map((one): MessageInitShape<typeof ItemReceiptSchema> => {
		if (one.outcome === "refused") return { outcome: ItemOutcome.REFUSED, reason: one.reason };
		const receipt = proofs[next++];
		if (receipt === undefined) throw new TypeError("a receipt without its proof");
		return { outcome: OUTCOMES[one.outcome], receipt };
	});
	return { receipts: answers };
}

async function take(context: FamilyContext, item: SharedItem, beliefs: Beliefs): Promise<Taken> {
	const judgement = judge(item, beliefs);
	if (judgement.kind === "refused") {
		context.events.tookIn("unknown", "refused", judgement.reason);
		return { outcome: "refused", reason: judgement.reason };
	}
	const { record, leafHash } = judgement;
	const outcome = await apply(context, judgement);
	if (outcome === "refused") {
		const reason = judgement.kind === "residual" ? "VALUE" : "CONSENT_KEY";
		context.events.tookIn(record.purpose, "refused", reason);
		return { outcome, reason };
	}
	context.events.tookIn(record.purpose, outcome);
	const { v, recipient, subject, purpose, policyHash, purposeHash, generation } = record;
	return {
		outcome,
		record: {
			v,
			kind: outcome,
			recipient,
			subject,
			purpose,
			fields: [],
			policyHash,
			purposeHash,
			generation,
			grant: "",
			t: context.clock.now(),
			answers: toHex(leafHash),
		},
	};
}

function apply(
	context: FamilyContext,
	judgement: Exclude<Judgement, { readonly kind: "refused" }>,
): Promise<Answered | "refused"> {
	return context.records.transaction().execute(async (transaction) => {
		if (judgement.kind === "share") return takeShare(context, transaction, judgement);
		if (judgement.kind === "residual") return takeResidual(context, transaction, judgement);
		await takeRecall(context, transaction, judgement.record);
		return "recalled";
	});
}
