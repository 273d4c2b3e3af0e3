import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountLimitSchema,
	type GetLimitsRequest,
	type GetLimitsResponseSchema,
	Restriction,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { type Limit, type Restricted, restrictionsOf } from "./limits.ts";
import { mayObject } from "./object-to-action.ts";

const WIRE: { readonly [what in Restricted]: Restriction } = {
	"new-conversations": Restriction.NEW_CONVERSATIONS,
	"new-devices": Restriction.NEW_DEVICES,
};

/** Every limit on the caller's account: since when, until when, why, and who said so. */
export async function getLimits(
	context: MessengerContext,
	_request: GetLimitsRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof GetLimitsResponseSchema>> {
	const limits = await context.limits.of(account);
	return { limits: limits.map((limit) => describe(context, limit)) };
}

function describe(
	{ terms }: Pick<MessengerContext, "terms">,
	limit: Limit,
): MessageInitShape<typeof AccountLimitSchema> {
	const { purpose, label, scoreClass, caseId, toldBy, sinceMs, untilMs, objectedAtMs } = limit;
	const { recipients } = terms.current.file;
	return {
		purpose,
		label,
		scoreClass: scoreClass ?? "",
		caseId: caseId ?? "",
		toldBy: toldBy ?? "",
		sinceMs: BigInt(sinceMs),
		untilMs: BigInt(untilMs),
		restrictions: restrictionsOf(limit).map((what) => WIRE[what]),
		contact: recipients.find(({ id }) => id === toldBy)?.contact ?? "",
		canObject: mayObject(terms.current, limit),
		objectedAtMs: BigInt(objectedAtMs ?? 0),
	};
}
