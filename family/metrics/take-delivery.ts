/** How the messenger delivered on a day: counts about nobody. */
import { type DeliveryCounts, dayText } from "@troth/protocol";
import * as v from "valibot";
import type { ResidualConsumer } from "../intake/residual.ts";

const Word = v.pipe(v.string(), v.nonEmpty(), v.maxLength(20), v.regex(/^[\w.]+$/));
const Counts = v.strictObject({
	day: v.string(),
	cells: v.pipe(
		v.array(
			v.strictObject({
				os: Word,
				app_version: Word,
				outcome: v.picklist(["delivered", "left"]),
				times: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
			}),
		),
		v.minLength(1),
		v.maxLength(1000),
		v.check((cells) => new Set(cells.map((cell) => JSON.stringify({ ...cell, times: 0 }))).size === cells.length),
	),
});

export const deliveryConsumer: ResidualConsumer = {
	async keep(transaction, { record, values }) {
		const counts = readCounts(values.get("counts") ?? "");
		if (counts === undefined || counts.day !== dayText(record.generation)) return "refused";
		await transaction.deleteFrom("delivery_said").where("day", "=", record.generation).execute();
		await transaction
			.insertInto("delivery_said")
			.values(counts.cells.map((cell) => ({ ...cell, day: record.generation })))
			.execute();
		return "kept";
	},
	async remove(transaction, { generation }) {
		await transaction.deleteFrom("delivery_said").where("day", "=", generation).execute();
	},
};

function readCounts(text: string): DeliveryCounts | undefined {
	try {
		const parsed = v.safeParse(Counts, JSON.parse(text));
		return parsed.success ? parsed.output : undefined;
	} catch {
		return undefined;
	}
}
