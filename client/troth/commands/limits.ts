import { isAbusePurpose } from "@troth/protocol";
import type { LimitView } from "../../device/api.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

export const limits: Command = {
	name: "limits",
	usage: "[object PURPOSE]",
	summary: "shows the limits on this account, and objects to one that the operator of this server set",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const [word] = args.words;
		if (word !== undefined && word !== "object") throw new UsageError(`there is no limits ${word}`);
		const purpose = word === undefined ? undefined : requireWord(args, 1, "PURPOSE");
		if (purpose !== undefined && !isAbusePurpose(purpose)) throw new UsageError(`nothing is limited for ${purpose}`);
		const now = purpose === undefined ? await device.limits() : await device.objectTo(purpose);
		if (now.length === 0) output.say({ limits: [] }, "No limit is on your account.");
		for (const limit of now) output.say(forOutput(limit), describe(limit));
	}),
};

function forOutput({ sinceMs: since, untilMs: until, objectedAtMs: objectedAt, ...rest }: LimitView) {
	return { ...rest, since, until, ...(objectedAt !== undefined && { objectedAt }) };
}

const RESTRICTIONS = {
	"new-conversations": "you can begin only few new conversations an hour",
	"new-devices": "you can link no further device",
} as const;

function describe(limit: LimitView): string {
	const { purpose, label, caseId, toldBy, contact, sinceMs, untilMs, restrictions, canObject, objectedAtMs } = limit;
	const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
	const what =
		restrictions.length === 0 ? "it takes nothing away" : restrictions.map((one) => RESTRICTIONS[one]).join(", ");
	const objection =
		objectedAtMs !== undefined
			? `you objected on ${day(objectedAtMs)}, and the operator has to look at it`
			: toldBy !== undefined
				? `to object, write to ${contact ?? toldBy}`
				: canObject
					? `to object: troth limits object ${purpose}`
					: "there is no further objection to it here: the law leaves no room for one, or the operator has looked at it again";
	return [
		`A limit is on your account since ${day(sinceMs)}, until ${day(untilMs)} (UTC): ${what}.`,
		`  why: ${label} (${purpose}${caseId === undefined ? "" : `, ${caseId}`}), told by ${toldBy ?? "the operator of this server"}`,
		`  ${objection}`,
	].join("\n");
}
