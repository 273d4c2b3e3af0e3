/** From raw results to a table: one row per figure, one column per server, with the ratio to ours. */
import type { Measurement } from "./generator.ts";
import type { BenchResult, ContenderResult, MeasurementName, Workload } from "./results.ts";

interface Row {
	readonly title: string;
	readonly workload: Workload;
	readonly measurement: MeasurementName;
	readonly field: string;
	readonly digits: number;
	/** Which direction is good; undefined for figures without a ratio. */
	readonly better: "more" | "less" | undefined;
}

const ROWS: readonly Row[] = [
	{ title: "w1: one to one, online, messages/s", ...figure("w1", "w1", "delivered_per_s", 0, "more") },
	{ title: "w1: median latency at full load, ms", ...figure("w1", "w1", "p50_ms", 0, "less") },
	{ title: "w1: CPU seconds per 10 000 messages", ...figure("w1", "w1", "srv_cpu_s_per_10k", 2, "less") },
	{ title: "w2: stored for absent users, messages/s", ...figure("w2", "store", "acked_per_s", 0, "more") },
	{ title: "w2: drained at their login, messages/s", ...figure("w2", "drain", "drained_per_s", 0, "more") },
	{ title: "w2: acknowledged, not back in 25 s", ...figure("w2", "drain", "lost_acked", 0, undefined) },
	{ title: "w2: acknowledged, not back after kill -9", ...figure("w2kill", "killDrain", "lost_acked", 0, undefined) },
	{ title: "w3: memory per idle connection, KB", ...figure("w3", "w3", "kb_per_conn", 1, "less") },
	{ title: "w3: logins/s", ...figure("w3", "w3", "logins_per_s", 0, "more") },
	{ title: "w4: deliveries/s to a group of 256", ...figure("w4", "w4", "deliveries_per_s", 0, "more") },
];

function figure(
	workload: Workload,
	measurement: MeasurementName,
	field: string,
	digits: number,
	better: Row["better"],
): Omit<Row, "title"> {
	return { workload, measurement, field, digits, better };
}

/** One measurement in a line, for who watches a run: "acked_per_s 12 345, …". */
export function describeMeasurement(name: MeasurementName, figures: Measurement): string {
	const fields = ROWS.filter(({ measurement }) => measurement === name);
	const shown = [...fields, ...WATCHED].flatMap(({ field, digits }) => {
		const value = figures[field];
		return typeof value === "number" ? [`${field} ${formatNumber(value, digits)}`] : [];
	});
	const problems = ["why", "first_error"].flatMap((field) => (figures[field] ? [`${field}: ${figures[field]}`] : []));
	return [...shown, ...problems].join(", ");
}

/** Whether the server or the generator was the limit. */
const WATCHED = [
	{ field: "srv_cpu_pct", digits: 0 },
	{ field: "gen_cpu_pct", digits: 0 },
];

export interface Table {
	readonly head: readonly string[];
	readonly rows: readonly (readonly string[])[];
}

/** Rows without any figure are left out; a server that is not installed keeps its column and says so. */
export function makeTable({ contenders }: BenchResult): Table {
	const [ours] = contenders;
	if (ours === undefined) return { head: [], rows: [] };
	const measured = ROWS.filter((row) => contenders.some((one) => figureOf(one, row) !== undefined || failed(one, row)));
	return {
		head: ["", ...contenders.map(({ name, version }) => (version === undefined ? name : `${name} ${version}`))],
		rows: measured.map((row) => [row.title, ...contenders.map((one) => cell(one, ours, row))]),
	};
}

function figureOf(contender: ContenderResult, { measurement, field }: Row): number | undefined {
	const value = contender.measurements[measurement]?.[field];
	return typeof value === "number" ? value : undefined;
}

function failed(contender: ContenderResult, { workload }: Row): boolean {
	return contender.failures[workload] !== undefined;
}

function cell(contender: ContenderResult, ours: ContenderResult, row: Row): string {
	if (contender.version === undefined) return "not installed";
	const value = figureOf(contender, row);
	if (value === undefined) return failed(contender, row) ? "failed" : "–";
	const text = row.field === "lost_acked" ? lost(contender, row, value) : formatNumber(value, row.digits);
	const ratio = contender === ours ? undefined : ratioTo(figureOf(ours, row), value, row.better);
	return ratio === undefined ? text : `${text} (${ratio})`;
}

/** "0 of 100 000" */
function lost(contender: ContenderResult, { measurement }: Row, value: number): string {
	const acked = contender.measurements[measurement]?.["acked"];
	return `${formatNumber(value, 0)} of ${formatNumber(typeof acked === "number" ? acked : 0, 0)}`;
}

/** How many times better ours is: above ×1 it is, below it is not. */
function ratioTo(ours: number | undefined, theirs: number, better: Row["better"]): string | undefined {
	if (ours === undefined || better === undefined || ours <= 0 || theirs <= 0) return undefined;
	const ratio = better === "more" ? ours / theirs : theirs / ours;
	return `×${ratio >= 10 ? ratio.toFixed(0) : ratio >= 1 ? ratio.toFixed(1) : ratio.toFixed(2)}`;
}

/** Thousands apart: 12 345.6 */
export function formatNumber(value: number, digits: number): string {
	const [whole = "", fraction] = value.toFixed(digits).split(".");
	const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, " ");
	return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** CommonMark with pipes. */
export function toMarkdown({ head, rows }: Table): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	const rule = head.map((_, i) => (i === 0 ? "---" : "--:"));
	return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** Columns aligned for a terminal. */
export function toText({ head, rows }: Table): string {
	const widths = head.map((_, i) => Math.max(...[head, ...rows].map((cells) => cells[i]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		cells
			.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
			.join("  ")
			.trimEnd();
	return [line(head), ...rows.map(line)].join("\n");
}
