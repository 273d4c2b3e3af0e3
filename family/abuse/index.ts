/** Spam and abuse across services without reading anything: labels that are told, and labels that go back (D8). */
import { ABUSE_LABELS, type AbusePurpose } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance } from "fastify";
import type { FamilyContext } from "../context.ts";
import { labelKnowledge } from "./knowledge.ts";
import { serveLabelOperator } from "./operator.ts";
import { toldLabels } from "./told-labels.ts";

export function serveAbuse(app: FastifyInstance, context: FamilyContext): void {
	for (const purpose of Object.keys(ABUSE_LABELS) as AbusePurpose[])
		context.consumers.set(purpose, toldLabels(context));
	context.knowledge.push((viewer) => labelKnowledge(context, viewer));
	context.personGone.push(async (transaction, person) => {
		await transaction.deleteFrom("own_label").where("person_id", "=", person).execute();
	});
	serveLabelOperator(app, context);
}

/** Forgets the company's own labels that are over. */
export async function sweepLabels({ records, clock }: FamilyContext): Promise<void> {
	const { numDeletedRows } = await records
		.deleteFrom("own_label")
		.where("until_ms", "<=", clock.now())
		.executeTakeFirstOrThrow();
	if (numDeletedRows > 0n) await eraseDeleted(records);
}
