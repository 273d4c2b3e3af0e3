/** Takes in what a bridge delivers, item by item, and answers each with a leaf of the company's own log. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type DeliverRequest,
	type DeliverResponseSchema,
	ItemOutcome,
	type ItemReceiptSchema,
	toHex,
} from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import { rememberCheckpoints, type ShareRecord, type ShareRecordKind } from "@troth/transparency";
import type { FamilyContext } from "../context.ts";
import type { Receipts } from "../receipts/receipts.ts";
import { type Beliefs, type Judgement, judge, type RefusalReason } from "./judge.ts";
import { Keeping } from "./keeping.ts";
import { Known } from "./known.ts";
import { verifyPolicies } from "./policies.ts";
import { takeResidual } from "./residual.ts";
import { type Taking, takeRecall, takeShare } from "./take.ts";

type Answered = Extract<ShareRecordKind, "kept" | "dropped" | "stale" | "recalled">;
type Taken =
	| { readonly outcome: "refused"; readonly reason: RefusalReason; readonly purpose: string }
	| { readonly outcome: Answered; readonly record: ShareRecord };

const OUTCOMES = {
	kept: ItemOutcome.KEPT,
	dropped: ItemOutcome.DROPPED,
	stale: ItemOutcome.STALE,
	recalled: ItemOutcome.RECALLED,
} as const satisfies Record<Answered, ItemOutcome>;

/**
 * The items of a request are taken in their order and in one transaction. Rejects where the store or the log fails: then
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
	const judged = request.items.map((item) => judge(item, beliefs));
	const { taken, hasDeleted } = await context.records.transaction().execute(async (transaction) => {
		const known = new Known(transaction);
		await known.lookUp(
			context,
			judged.filter((judgement) => judgement.kind === "share"),
		);
		const taking = { transaction, known, keeping: new Keeping(context, transaction) };
		const all: Taken[] = [];
		for (const judgement of judged) all.push(await take(context, taking, judgement));
		await taking.keeping.write();
		return { taken: all, hasDeleted: known.hasDeleted };
	});
	for (const one of taken) tell(context, one);
	// Before a receipt says so, what was deleted has left the files, too (hazard 33).
	if (hasDeleted) await eraseDeleted(context.records);
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

function tell({ events }: FamilyContext, taken: Taken): void {
	if (taken.outcome === "refused") events.tookIn(taken.purpose, "refused", taken.reason);
	else events.tookIn(taken.record.purpose, taken.outcome);
}

async function take(context: FamilyContext, taking: Taking, judgement: Judgement): Promise<Taken> {
	if (judgement.kind === "refused") return { outcome: "refused", reason: judgement.reason, purpose: "unknown" };
	const { record, leafHash } = judgement;
	const outcome = await apply(context, taking, judgement);
	if (outcome === "refused")
		return { outcome, reason: judgement.kind === "residual" ? "VALUE" : "CONSENT_KEY", purpose: record.purpose };
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

async function apply(
	context: FamilyContext,
	taking: Taking,
	judgement: Exclude<Judgement, { readonly kind: "refused" }>,
): Promise<Answered | "refused"> {
	if (judgement.kind === "share") return takeShare(context, taking, judgement);
	const { transaction, known, keeping } = taking;
	await keeping.write();
	// A recall deletes, and so does what is said anew about nobody's account. The shares behind them read again.
	known.deleted();
	if (judgement.kind === "residual") return takeResidual(context, transaction, judgement);
	await takeRecall(context, transaction, judgement.record);
	return "recalled";
}
