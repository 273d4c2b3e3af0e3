/** What our messenger has to reach on two cores, whatever the peers do. */
import { paceOfPeers } from "./reference.ts";
import type { BenchResult, MeasurementName } from "./results.ts";
import { formatNumber } from "./table.ts";

interface Floor {
	readonly title: string;
	readonly measurement: MeasurementName;
	readonly field: string;
	readonly bound: number;
	readonly direction: "at least" | "at most";
}

const FLOORS: readonly Floor[] = [
	{ title: "w1, messages/s", ...bound("w1", "delivered_per_s", "at least", 25_000) },
	{ title: "w2, stored/s", ...bound("store", "acked_per_s", "at least", 20_000) },
	{ title: "w2, drained/s", ...bound("drain", "drained_per_s", "at least", 13_500) },
	{ title: "w2, acknowledged and lost", ...bound("drain", "lost_acked", "at most", 0) },
	{ title: "w2 with kill -9, acknowledged and lost", ...bound("killDrain", "lost_acked", "at most", 0) },
	{ title: "w3, KB per connection", ...bound("w3", "kb_per_conn", "at most", 12) },
	{ title: "w3, logins/s", ...bound("w3", "logins_per_s", "at least", 2_000) },
	{ title: "w4, deliveries/s", ...bound("w4", "deliveries_per_s", "at least", 60_000) },
];

function bound(measurement: MeasurementName, field: string, direction: Floor["direction"], value: number) {
	return { measurement, field, direction, bound: value };
}

export interface FloorResult {
	readonly title: string;
	readonly text: string;
	readonly reached: boolean;
	/** What the floor comes to at the pace of the peers here; undefined for what does not hang on a machine's speed. */
	readonly here: { readonly bound: number; readonly ratio: number; readonly reached: boolean } | undefined;
}

/** Those floors whose workload was run. */
export function checkFloors(result: BenchResult): readonly FloorResult[] {
	const ours = result.contenders[0];
	return FLOORS.flatMap(({ title, measurement, field, direction, bound }) => {
		const value = ours?.measurements[measurement]?.[field];
		if (typeof value !== "number") return [];
		const reached = direction === "at least" ? value >= bound : value <= bound;
		const digits = Number.isInteger(value) ? 0 : 1;
		const text = `${formatNumber(value, digits)} (${direction} ${formatNumber(bound, 0)})`;
		const pace = direction === "at least" ? paceOfPeers(result, measurement, field) : undefined;
		const here = pace && { bound: bound * pace.ratio, ratio: pace.ratio, reached: value >= bound * pace.ratio };
		return [{ title, text, reached, here }];
	});
}
