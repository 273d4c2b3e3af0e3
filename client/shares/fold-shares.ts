/** The chain of a person's records as a list of shares with what became of each. Pure. */
import type { Basis, PolicyFile } from "@troth/protocol";
import type { ShareState, SharesView, ShareView } from "../device/sharing-api.ts";
import type { Answer, JudgedShare } from "./verify-share.ts";

/** What a record refers to: words by the policy's hash, decisions by the grant's. */
export interface ShareReferences {
	readonly policy: (hash: string) => PolicyFile | undefined;
	readonly event: (grantHash: string) => string | undefined;
}

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
	{ policy, event }: ShareReferences,
): ShareView {
	const file = policy(record?.policyHash ?? "");
	const words = file?.locales[file.referenceLocale]?.purposes?.[record?.purpose ?? ""];
	return {
		n,
		kind: record?.kind === "share" || record?.kind === "recall" ? record.kind : "unreadable",
		purpose: record?.purpose ?? "",
		recipient: record?.recipient ?? "",
		fields: record?.fields ?? [],
		generation: record?.generation ?? 0,
		timeMs: record?.t ?? 0,
		basis: basisOf(file, record?.purpose),
		event: event(record?.grant ?? ""),
		words:
			file === undefined || words === undefined
				? undefined
				: { version: file.version, title: words.title, body: words.body },
		state: record === undefined ? "unreadable" : stateOf(answer, recall),
		answeredAtMs,
		recalledBy: recall?.n,
		proof,
		receipt,
		alarms,
	};
}

function basisOf(file: PolicyFile | undefined, purpose: string | undefined): Basis | undefined {
	return file?.purposes.find(({ id }) => id === purpose)?.basis;
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
