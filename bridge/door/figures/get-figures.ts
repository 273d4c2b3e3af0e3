/** BridgeService.GetFigures: what the operator's pages show of the door. */
import { create } from "@bufbuild/protobuf";
import { type GetFiguresResponse, GetFiguresResponseSchema } from "@troth/protocol";
import type { DoorContext } from "../context.ts";
import { readFigures } from "./read-figures.ts";

export async function getFigures(context: DoorContext): Promise<GetFiguresResponse> {
	const { shares, recalls, log, failing } = await readFigures(context);
	return create(GetFiguresResponseSchema, {
		shares: shares.map(({ purpose, recipient, ...counts }) => {
			const exact = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, BigInt(count)]));
			return { purpose, recipient, ...exact };
		}),
		recalls: {
			open: BigInt(recalls.open),
			overdue: BigInt(recalls.overdue),
			pastLimit: BigInt(recalls.pastLimit),
			oldestAtMs: BigInt(recalls.oldestAtMs ?? 0),
		},
		log: {
			size: BigInt(log.size),
			witnessedSize: BigInt(log.witnessedSize),
			checkpointAtMs: BigInt(log.checkpointAtMs ?? 0),
			witnesses: log.witnesses.map(({ name, atMs }) => ({ name, cosignedAtMs: BigInt(atMs ?? 0) })),
		},
		failing: failing.map((one) => ({ ...one })),
	});
}
