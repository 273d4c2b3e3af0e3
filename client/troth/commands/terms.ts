import type { Basis } from "@troth/protocol";
import type { PolicyLogView, SharingView } from "../../device/api.ts";
import { choicesForOutput, residualForOutput } from "../choices.ts";
import type { Command } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const terms: Command = {
	name: "terms",
	usage: "",
	summary: "shows the terms in force, what this account accepted, the deadlines and the choice per purpose",
	options: {},
	run: withDevice("server", async (device, _args, { output }) => {
		const view = await device.terms();
		const sharing = await device.sharing();
		const { version, publishedAtMs, summary, documents, acceptedVersion } = view;
		const choices = choicesForOutput(view, sharing);
		// A document begins with its own title.
		const texts = documents.flatMap(({ body }) => ["", body]);
		const residual = residualForOutput(view, sharing);
		const lines = choices.map(
			({ title, purpose, state, denied }) =>
				`  ${title} (${purpose}): ${state}${denied === undefined ? "" : ` (nothing flows: ${denied})`}`,
		);
		const { phase, deadlineMs, promptUntilMs, pendingVersion, noticeDisplayedAtMs } = sharing;
		output.say(
			{
				version,
				publishedAt: publishedAtMs,
				acceptedVersion,
				phase,
				...(sharing.acceptedAtMs !== undefined && { acceptedAt: sharing.acceptedAtMs }),
				...(pendingVersion !== undefined && { pendingVersion }),
				...(noticeDisplayedAtMs !== undefined && { noticeDisplayedAt: noticeDisplayedAtMs }),
				...(deadlineMs !== undefined && { deadline: deadlineMs }),
				...(promptUntilMs !== undefined && { promptUntil: promptUntilMs }),
				...(phase === "suspended" && { absenceDays: sharing.absenceDays }),
				model: view.model,
				person: sharing.person,
				minorBelow: view.minorBelow,
				policyHash: view.policyHash,
				policyLog: view.policyLog,
				choices,
				residual,
				summary,
				documents,
			},
			[
				`Version ${version}, ${describeState(version, acceptedVersion, sharing)}`,
				`Hash ${view.policyHash}; ${describeLog(view.policyLog)}`,
				...summary.map((line) => `  · ${line}`),
				...(lines.length > 0 ? ["", "Your choices:", ...lines] : []),
				...(lines.length > 0 ? [`Rules for: ${describeWhere(sharing, view.minorBelow)}; see \`troth region\``] : []),
				...(residual.length > 0 ? ["", "What does not need your yes:", ...residual.map(describeResidual)] : []),
				...texts,
			].join("\n"),
		);
	}),
};

const GROUNDS = {
	legitimate_interest: "on an interest of this server",
	legal_duty: "because the law demands it",
	consent: "",
	opt_out: "",
} as const satisfies Record<Basis, string>;

function describeResidual(one: ReturnType<typeof residualForOutput>[number]): string {
	const { title, purpose, basis, fields, recipients, objectable, objected } = one;
	const objection = objected ? "you objected" : `object with: troth consent withdraw ${purpose}`;
	const what = `${fields.join(", ")} to ${recipients.join(", ")}, ${GROUNDS[basis]}`;
	return `  ${title} (${purpose}): ${what}${objectable ? `; ${objection}` : ""}`;
}

/** Whom the rules see. */
function describeWhere({ person }: SharingView, minorBelow: number): string {
	const { numberRegion, declaredRegion, minor } = person;
	const regions = [...new Set([numberRegion, declaredRegion])].filter((one) => one !== undefined);
	return `${regions.join(" and ") || "no known region"}${minor ? `, under ${minorBelow}` : ""}`;
}

/** Whether everybody is shown this policy. */
function describeLog(log: PolicyLogView): string {
	switch (log.kind) {
		case "logged":
			return `in ${log.log} at ${log.index}, seen by ${log.witnesses.join(", ") || "no witness"}`;
		case "pending":
			return "not in the public log of policies yet";
		case "contradicted":
			return `WARNING: the public log of policies contradicts it (${log.reason}); it can not be accepted`;
		case "unreachable":
			return `the public log of policies could not be asked (${log.reason})`;
		case "none":
			return "this server keeps no public log of policies";
	}
}

function describeState(version: number, accepted: number, { phase, deadlineMs, absenceDays }: SharingView): string {
	if (accepted >= version) return "accepted";
	const how = `troth accept ${version}`;
	const kept = `; where no device of yours comes for ${absenceDays} days the account is deleted, after two warnings`;
	if (phase === "suspended")
		return `not accepted in time, sending is suspended: ${how}${absenceDays === 0 ? "" : kept}`;
	if (deadlineMs === undefined) return `not accepted yet: ${how}`;
	return `not accepted yet, time until ${new Date(deadlineMs).toISOString()}: ${how}`;
}
