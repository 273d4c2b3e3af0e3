/**
 * What the messenger says of its use: under names that hold for a quarter, and where it lives under a rule that allows no
 * more, in sums over many people. Kept until a recall or the time takes it.
 */
import { LAST_DAY_OF_WEEK, readDay, USAGE_CLASSES, type UsageClass, weekOf } from "@troth/protocol";
import * as v from "valibot";
import type { ResidualConsumer } from "../intake/residual.ts";

const Sums = v.strictObject({
	week: v.string(),
	people: v.pipe(
		v.record(v.picklist(USAGE_CLASSES), v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
		v.check((people) => Object.keys(people).length > 0),
	),
});

export const usageConsumer: ResidualConsumer = {
	async keep(transaction, { record, values }) {
		const usageClass = values.get("usage_class") ?? "";
		const said = { subject: record.subject, said_day: record.generation };
		if (!values.has("last_used_day")) {
			const sums = readSums(usageClass);
			if (sums === undefined || sums.week + LAST_DAY_OF_WEEK !== record.generation) return "refused";
			await transaction
				.insertInto("said_sums")
				.values(sums.people.map(([usage_class, people]) => ({ ...said, week: sums.week, usage_class, people })))
				.execute();
			return "kept";
		}
		const lastUsedDay = readDay(values.get("last_used_day") ?? "");
		// Said on the day that is its generation: nobody was there later than that.
		if (lastUsedDay === undefined || lastUsedDay > record.generation || !isUsageClass(usageClass)) return "refused";
		await transaction
			.insertInto("said_usage")
			.values({ ...said, week: weekOf(record.generation), usage_class: usageClass, last_used_day: lastUsedDay })
			.execute();
		return "kept";
	},
	async remove(transaction, { subject, generation }) {
		for (const table of ["said_usage", "said_sums"] as const)
			await transaction.deleteFrom(table).where("subject", "=", subject).where("said_day", "=", generation).execute();
	},
};

interface ReadSums {
	/** The Monday, as a UTC day since 1970. */
	readonly week: number;
	readonly people: readonly (readonly [UsageClass, number])[];
}

function readSums(text: string): ReadSums | undefined {
	try {
		const { week, people } = v.parse(Sums, JSON.parse(text));
		const day = readDay(week);
		if (day === undefined || weekOf(day) !== day) return undefined;
		return {
			week: day,
			people: USAGE_CLASSES.flatMap((one) => (people[one] === undefined ? [] : [[one, people[one]]])),
		};
	} catch {
		return undefined;
	}
}

function isUsageClass(text: string | undefined): text is UsageClass {
	return (USAGE_CLASSES as readonly (string | undefined)[]).includes(text);
}
