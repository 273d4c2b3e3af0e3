/**
 * What was said about nobody, in the clear: sums of delivery and of use. Each is opened in the log and put into a sentence;
 * the numbers themselves are the door's word, which a company's page can be held against.
 */
import { fromHex } from "@troth/protocol";
import { fromBase64, type Get, openShareProof, ProofError } from "@troth/transparency";
import type { Finding } from "./check-log.ts";
import type { LogToCheck } from "./subject.ts";
import { words } from "./words.ts";

const SHOWN = 20;
const say = words.published;

/** What stands at `/published.json` below the share log's address. */
export async function checkPublished(
	{ url, vkey }: LogToCheck,
	{ witnesses }: { readonly witnesses: readonly string[] },
	get: Get,
): Promise<readonly Finding[]> {
	const published = await readPublished(`${url.replace(/\/$/, "")}/published.json`, get);
	if (published === undefined) return [{ state: "open", text: say.none }];
	const { shares, more } = published;
	if (shares.length === 0) return [{ state: "told", text: say.nothing }];
	const findings = shares.slice(0, SHOWN).map((share) => findingOf(share, { log: vkey, witnesses, quorum: 0 }));
	const left = shares.length - SHOWN;
	return [
		{ state: "told", text: say.lead },
		...findings,
		...(left > 0 || more ? [{ state: "told" as const, text: say.more(Math.max(left, 0), more) }] : []),
	];
}

type Fields = Readonly<Record<string, unknown>>;

function findingOf(share: Fields, trust: Parameters<typeof openShareProof>[1]): Finding {
	const bytes = (name: string) => fromHex(String(share[name])) ?? new Uint8Array();
	try {
		const { record, index } = openShareProof(
			{
				record: new TextEncoder().encode(String(share["record"])),
				...{ salt: bytes("salt"), chain: bytes("chain"), context: bytes("context") },
				proof: fromBase64(String(share["proof"])) ?? new Uint8Array(),
			},
			trust,
		);
		const values = isObject(share["values"]) ? share["values"] : {};
		const said = describe(values);
		// What is shown has to be of the fields that the leaf names, and of no others.
		if (said === undefined || Object.keys(values).sort().join() !== record.fields.join())
			return { state: "fails", text: say.other(index) };
		return { state: "holds", text: say.one(said, record.recipient, index) };
	} catch (error) {
		if (!(error instanceof ProofError)) throw error;
		return { state: "fails", text: say.unproved(words.log.reason(error.code)) };
	}
}

/** Sums of delivery, or of use; undefined where it is neither. */
function describe(values: Fields): string | undefined {
	const counts = readJson(values["counts"]);
	if (counts !== undefined && typeof counts["day"] === "string" && Array.isArray(counts["cells"])) {
		const cells: readonly unknown[] = counts["cells"];
		const times = (outcome: string) =>
			cells.reduce<number>((sum, cell) => {
				const row = isObject(cell) && cell["outcome"] === outcome ? Number(cell["times"]) : 0;
				return sum + row;
			}, 0);
		return say.delivery(counts["day"], times("delivered"), times("left"));
	}
	const sums = readJson(values["usage_class"]);
	if (sums === undefined || typeof sums["week"] !== "string" || !isObject(sums["people"])) return undefined;
	const people = Object.entries(sums["people"]).map(([usageClass, count]) => [usageClass, Number(count)] as const);
	return say.usage(sums["week"], people);
}

function readJson(text: unknown): Fields | undefined {
	try {
		const value: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

async function readPublished(url: string, get: Get) {
	try {
		const response = await get(url);
		const body: unknown = response.ok ? await response.json() : undefined;
		if (!isObject(body) || !Array.isArray(body["shares"])) return undefined;
		return { shares: body["shares"].filter(isObject), more: body["more"] === true };
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
