/** What the messenger tells of accounts that it acted upon: taken in by pseudonym, kept as long as it holds there. */
import { type AbusePurpose, isAbuseLabel, isAbusePurpose, isCaseId, isScoreClass } from "@troth/protocol";
import type { FamilyContext } from "../context.ts";
import type { BelievedResidual } from "../intake/judge.ts";
import type { ResidualConsumer } from "../intake/residual.ts";
import type { ToldLabelRow } from "./tables.ts";

/** The consumer of the three purposes. It keeps a label also where nobody here has that number, yet. */
export function toldLabels({ clock, company }: Pick<FamilyContext, "clock" | "company">): ResidualConsumer {
	return {
		async keep(transaction, item) {
			const said = readLabel(item);
			if (said === undefined) return "refused";
			const { subject, generation } = item.record;
			const contact = item.policy.contacts.get(company.id) ?? "";
			await transaction
				.insertInto("told_label")
				.values({ ...said, subject, generation, contact, told_at_ms: clock.now() })
				.execute();
			return "kept";
		},
		async remove(transaction, { subject, purpose, generation }) {
			await transaction
				.deleteFrom("told_label")
				.where("subject", "=", subject)
				.where("purpose", "=", purpose as AbusePurpose)
				.where("generation", "=", generation)
				.execute();
		},
	};
}

type Said = Pick<ToldLabelRow, "purpose" | "label" | "score_class" | "case_id">;

/** Only words of the vocabulary: nothing that the messenger writes is shown to people as it is. */
function readLabel({ purpose, values }: BelievedResidual): Said | undefined {
	const label = values.get("label");
	const score = values.get("score_class");
	const caseId = values.get("case_id");
	if (!isAbusePurpose(purpose) || label === undefined || !isAbuseLabel(purpose, label)) return undefined;
	if (score !== undefined && !isScoreClass(score)) return undefined;
	if (caseId !== undefined && !isCaseId(caseId)) return undefined;
	return { purpose, label, score_class: score ?? null, case_id: caseId ?? null };
}
