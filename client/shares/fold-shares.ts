/** The chain of a person's records as a list of shares with what became of each. Pure. */
import type { PolicyFile } from "@troth/protocol";
import type { ShareState, SharesView, ShareView } from "../device/sharing-api.ts";
import type { Answer, JudgedShare } from "./verify-share.ts";

/** What a record refers to: words by the policy's hash, decisions by the grant's. */
export interface ShareReferences {
	readonly policy: (hash: string) => PolicyFile | undefined;
	readonly event: (grantHash: string) => string | undefined;
	/** What was shared is to be forgotten by then where its purpose's time is over; UTC milliseconds. */
	readonly nowMs: number;
}

const DAY_MS = 24 * 3600 * 1000;

/** @param judged in the order in which the server told them */
export function foldShares(judged: readonly JudgedShare[], references: ShareReferences): Omit<SharesView, "end"> {
	const holes: number[] = [];
	let next = 1;
	const shares = judged.map((one) => {
		for (; next < one.n; next++) holes.push(next);
		// A place that was told before, or comes after a later one, is not where it belongs.
		const told: JudgedShare =
			one.n < next && !one.alarms.includes("place") ? { ...one, alarms: [...one.alarms, "place"] } : one;
		next = Math.max(next, one.n + 1);
		return viewShare(told, recallOf(one, judged), references);
	});
	return { shares, holes };
}

/** The first recall that covers this share: of its purpose, recipient and subject, of its generation or a later one. */
function recallOf({ n, record }: JudgedShare, judged: readonly JudgedShare[]): JudgedShare | undefined {
	if (record?.kind !== "share") return undefined;
	return judged.find(
		(other) =>
			other.record?.kind === "recall" &&
			other.n > n &&
			other.record.purpose === record.purpose &&
			other.record.recipient === record.recipient &&
			// One person has several names where they change.
			other.record.subject === record.subject &&
			other.record.generation >= record.generation,
	);
}

function viewShare(
	{ n, record, answer, answeredAtMs, proof, receipt, alarms }: JudgedShare,
	recall: JudgedShare | undefined,
	{ policy, event, nowMs }: ShareReferences,
): ShareView {
	const file = policy(record?.policyHash ?? "");
	const row = file?.purposes.find(({ id }) => id === record?.purpose);
	const keptUntilMs =
		answer === "kept" && row !== undefined && answeredAtMs !== undefined
			? answeredAtMs + row.retentionDays * DAY_MS
			: undefined;
	const state = record === undefined ? "unreadable" : stateOf(answer, recall);
	const words = file?.locales[file.referenceLocale]?.purposes?.[record?.purpose ?? ""];
	return {
		n,
		kind: record?.kind === "share" || record?.kind === "recall" ? record.kind : "unreadable",
		purpose: record?.purpose ?? "",
		recipient: record?.recipient ?? "",
		fields: record?.fields ?? [],
		generation: record?.generation ?? 0,
		timeMs: record?.t ?? 0,
		basis: row?.basis,
		event: event(record?.grant ?? ""),
		words:
			file === undefined || words === undefined
				? undefined
				: { version: file.version, title: words.title, body: words.body },
		state: state === "shared" && nowMs >= (keptUntilMs ?? Number.POSITIVE_INFINITY) ? "expired" : state,
		answeredAtMs,
		keptUntilMs,
		recalledBy: recall?.n,
		proof,
		receipt,
		alarms,
	};
}

const STATES: Readonly<Record<Answer, ShareState>> = {
	waiting: "logged",
	overtaken: "logged",
	withheld: "withheld",
	kept: "shared",
	dropped: "dropped",
	stale: "stale",
	refused: "refused",
	recalled: "acknowledged",
};

function stateOf(answer: Answer, recall: JudgedShare | undefined): ShareState {
	// What never left, or was dropped, is no longer anywhere: a recall adds nothing to it.
	if (recall === undefined || answer === "withheld") return STATES[answer];
	return recall.answer === "recalled" ? "acknowledged" : "recalled";
}
