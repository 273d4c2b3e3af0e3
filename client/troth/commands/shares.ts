import type { ChainEnd, ProofView, ShareView } from "../../device/api.ts";
import type { Command } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const shares: Command = {
	name: "shares",
	usage: "",
	summary: "lists everything that was ever shared about this account, with each proof checked on this device",
	options: {},
	run: withDevice("server", async (device, _args, { output }) => {
		const { shares: all, holes, end } = await device.shares();
		for (const n of holes)
			output.say({ n, verified: false, alarms: ["hole"] }, `ALARM  no. ${n} of your chain was left out`);
		if (end.kind === "hidden") output.say({ n: end.n, verified: false, alarms: ["hidden"] }, describeEnd(end));
		if (end.kind === "wrong") output.say({ verified: false, alarms: ["index"], reason: end.reason }, describeEnd(end));
		for (const share of all) {
			// A recall is told with what it recalls; on its own it is told where something about it is wrong.
			if (share.kind === "recall" && share.alarms.length === 0) continue;
			const recall = all.find(({ n }) => n === share.recalledBy);
			const fields = share.fields.length === 0 ? [undefined] : share.fields;
			for (const field of fields) output.say({ ...lineOf(share, field, recall), end }, describe(share, field));
		}
		if (all.length === 0 && holes.length === 0) output.remark("Nothing was ever shared about you.");
		output.remark(describeEnd(end));
	}),
};

function lineOf(share: ShareView, field: string | undefined, recall: ShareView | undefined) {
	const { n, kind, purpose, recipient, basis, event, words, generation, timeMs, state, alarms } = share;
	return {
		n,
		...(kind !== "share" && { kind }),
		...(field !== undefined && { field }),
		purpose,
		recipient,
		...(basis !== undefined && { basis }),
		...(event !== undefined && { consent: event }),
		...(words !== undefined && { version: words.version }),
		generation,
		time: timeMs,
		state,
		...(recall !== undefined && { recalledAt: recall.timeMs }),
		...(recall?.answeredAtMs !== undefined && { acknowledgedAt: recall.answeredAtMs }),
		verified: share.proof.verified && alarms.length === 0,
		proof: proofOf(share.proof),
		...(share.receipt !== undefined && { receipt: proofOf(share.receipt) }),
		alarms,
	};
}

/** What lies behind the last entry, as a sentence. */
function describeEnd(end: ChainEnd): string {
	switch (end.kind) {
		case "complete":
			return `Complete: nothing after no. ${end.after} in the first ${end.size} leaves of the log, ${timeOf(end.atMs)}.`;
		case "hidden":
			return `ALARM  No. ${end.n} is in the log and was not shown to you.`;
		case "wrong":
			return `ALARM  The public index of the log does not hold (${end.reason}).`;
		case "unchecked":
			return `Whether there is more could not be checked (${end.reason}).`;
	}
}

function timeOf(ms: number): string {
	return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

function proofOf(proof: ProofView) {
	if (!proof.verified) return { verified: false, reason: proof.reason };
	const { log, index, leafHash, treeSize, witnesses } = proof;
	return { verified: true, log, index, leafHash, treeSize, witnesses };
}

function describe(share: ShareView, field: string | undefined): string {
	const { purpose, recipient, basis, timeMs, state, proof, alarms } = share;
	const time = timeOf(timeMs);
	const what = `${time}  ${field ?? share.kind} → ${recipient} for ${purpose} (${basis ?? "no basis"}), ${state}`;
	const seen = proof.verified
		? `in ${proof.log} at ${proof.index}, seen by ${proof.witnesses.join(", ") || "no witness"}`
		: `not proven (${proof.reason})`;
	return `${alarms.length > 0 ? `ALARM (${alarms.join(", ")})  ` : ""}${what}; ${seen}`;
}
