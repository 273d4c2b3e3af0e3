/**
 * The company's own labels: its operator says something of one of its people, and the messenger's bridge is told under
 * the number's pseudonym, as long as that person has a number verified here. Each has a leaf in the company's log.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	fromHex,
	type ListLabelsRequest,
	type ListLabelsResponseSchema,
	type ReturnedLabelSchema,
	ShareProofSchema,
} from "@troth/protocol";
import type { ShareRecord } from "@troth/transparency";
import type { FamilyContext } from "../context.ts";
import type { Receipts } from "../receipts/receipts.ts";

const LABELS_PER_PAGE = 500;
const NO_HASH = "0".repeat(64);

/** IntakeService.ListLabels. Rejects where the store or the log fails: a label without its leaf is not given out. */
export async function listLabels(
	context: FamilyContext,
	receipts: Receipts,
	{ after, knownVersion }: ListLabelsRequest,
): Promise<MessageInitShape<typeof ListLabelsResponseSchema>> {
	const { records, clock } = context;
	const { version } = await records.selectFrom("own_label_version").select("version").executeTakeFirstOrThrow();
	if (version === knownVersion) return { version };
	const rows = await records
		.selectFrom("own_label")
		.innerJoin("verified_phone", "verified_phone.person_id", "own_label.person_id")
		.selectAll("own_label")
		.select("verified_phone.pair_name as name")
		.where("label_id", ">", after)
		.where("verified_phone.pair_name", "is not", null)
		.where("until_ms", ">", clock.now())
		.orderBy("label_id")
		.limit(LABELS_PER_PAGE)
		.execute();
	const labels: MessageInitShape<typeof ReturnedLabelSchema>[] = [];
	for (const row of rows) {
		const { name, label, score_class: scoreClass, since_ms, until_ms } = row;
		if (name === null) continue;
		const kept = row.proved_name === name && row.proof !== null ? row.proof : undefined;
		const proof = kept ?? (await prove(context, receipts, row.label_id, recordOf(context, name, since_ms)));
		labels.push({
			...{ subject: fromHex(name) ?? new Uint8Array(), label, scoreClass },
			...{ sinceMs: BigInt(since_ms), untilMs: BigInt(until_ms), proof: fromBinary(ShareProofSchema, proof) },
		});
	}
	return { labels, version, nextAfter: rows.length < LABELS_PER_PAGE ? 0 : (rows.at(-1)?.label_id ?? 0) };
}

/** What the company's log says of a label: that there is one about this name, for this purpose. Not which. */
function recordOf({ clock }: FamilyContext, name: string, sinceMs: number): ShareRecord {
	return {
		...{ v: 1, kind: "share", recipient: "messenger", subject: name, purpose: "spam_and_abuse" },
		...{ fields: ["label", "score_class"], policyHash: NO_HASH, purposeHash: NO_HASH },
		...{ generation: sinceMs, grant: "", t: clock.now(), answers: "" },
	};
}

async function prove(
	{ records }: FamilyContext,
	receipts: Receipts,
	labelId: number,
	record: ShareRecord,
): Promise<Uint8Array> {
	const [proved] = await receipts.append([record]);
	const proof = toBinary(ShareProofSchema, create(ShareProofSchema, proved));
	await records
		.updateTable("own_label")
		.set({ proof, proved_name: record.subject })
		.where("label_id", "=", labelId)
		.execute();
	return proof;
}
