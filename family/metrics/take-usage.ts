/** What the messenger says of its use, under names that hold for a quarter: kept until a recall or the time takes it. */
import { readDay, USAGE_CLASSES, type UsageClass, weekOf } from "@troth/protocol";
import type { ResidualConsumer } from "../intake/residual.ts";

export const usageConsumer: ResidualConsumer = {
	async keep(transaction, { record, values }) {
		const lastUsedDay = readDay(values.get("last_used_day") ?? "");
		const usageClass = values.get("usage_class");
		// Said on the day that is its generation: nobody was there later than that.
		if (lastUsedDay === undefined || lastUsedDay > record.generation || !isUsageClass(usageClass)) return "refused";
		await transaction
			.insertInto("said_usage")
			.values({
				subject: record.subject,
				said_day: record.generation,
				week: weekOf(record.generation),
				usage_class: usageClass,
				last_used_day: lastUsedDay,
			})
			.execute();
		return "kept";
	},
	async remove(transaction, { subject, generation }) {
		await transaction
			.deleteFrom("said_usage")
			.where("subject", "=", subject)
			.where("said_day", "=", generation)
			.execute();
	},
};

function isUsageClass(text: string | undefined): text is UsageClass {
	return (USAGE_CLASSES as readonly (string | undefined)[]).includes(text);
}
