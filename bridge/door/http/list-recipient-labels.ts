/** BridgeService.ListRecipientLabels: what recipients gave back, with what the messenger finds out whose it is by. */
import { create } from "@bufbuild/protobuf";
import {
	fromHex,
	type ListRecipientLabelsRequest,
	type ListRecipientLabelsResponse,
	ListRecipientLabelsResponseSchema,
} from "@troth/protocol";
import type { DoorContext } from "../context.ts";
import { labelVersion } from "../labels/label-version.ts";

export async function listRecipientLabels(
	{ store, recipients }: DoorContext,
	{ knownVersion }: ListRecipientLabelsRequest,
): Promise<ListRecipientLabelsResponse> {
	const version = await labelVersion(store);
	if (version === knownVersion) return create(ListRecipientLabelsResponseSchema, { version });
	const rows = await store.selectFrom("returned_label").selectAll().orderBy("recipient").orderBy("subject").execute();
	return create(ListRecipientLabelsResponseSchema, {
		version,
		recipients: [...recipients.values()].flatMap(({ id, pairKey }) => {
			if (pairKey === undefined) return [];
			const labels = rows.filter(({ recipient }) => recipient === id);
			return [
				{
					recipient: id,
					numberKey: pairKey,
					labels: labels.map(({ subject, label, score_class, since_ms, until_ms }) => ({
						subject: fromHex(subject) ?? new Uint8Array(),
						...{ label, scoreClass: score_class, sinceMs: BigInt(since_ms), untilMs: BigInt(until_ms) },
					})),
				},
			];
		}),
	});
}
