/** The public figures beside the share log: the door's own word, shown as such. */
import type { Get } from "@troth/transparency";
import type { Finding } from "./check-log.ts";
import { type RangeOfFigures, words } from "./words.ts";

/** What stands at `/figures` below the share log's address. */
export async function readFigures(shareLog: string, get: Get): Promise<readonly Finding[]> {
	const say = words.figures;
	const figures = await fetchJson(`${shareLog.replace(/\/$/, "")}/figures`, get);
	const recalls = isObject(figures) && isObject(figures["recalls"]) ? figures["recalls"] : undefined;
	const [open, overdue, pastLimit] = ["open", "overdue", "pastLimit"].map((name) => rangeIn(recalls?.[name]));
	const day = isObject(figures) ? figures["day"] : undefined;
	const hours = [recalls?.["targetHours"], recalls?.["limitHours"]].filter((value) => typeof value === "number");
	const [target, limit] = hours;
	if (open === undefined || overdue === undefined || pastLimit === undefined || typeof day !== "string")
		return [{ state: "open", text: say.none }];
	const late = overdue.from > 0;
	const past = pastLimit.from > 0;
	return [
		{ state: "told", text: say.lead(day) },
		{ state: "told", text: say.open(open) },
		{ state: late ? "open" : "told", text: say.overdue(overdue, target ?? 24) },
		{ state: past ? "fails" : "told", text: say.pastLimit(pastLimit, limit ?? 720) },
	];
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rangeIn(value: unknown): RangeOfFigures | undefined {
	if (!isObject(value)) return undefined;
	const { from, below } = value;
	return typeof from === "number" && typeof below === "number" ? { from, below } : undefined;
}

async function fetchJson(url: string, get: Get): Promise<unknown> {
	try {
		const response = await get(url);
		return response.ok ? await response.json() : undefined;
	} catch {
		return undefined;
	}
}
