/** Limits on the own account, objections to them, and reports about others. */
import {
	type AbusePurpose,
	type AccountId,
	type AccountLimit,
	idBytes,
	isAbusePurpose,
	Restriction,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { LimitView, RestrictionView, Revealed } from "../device/limits-api.ts";
import { openingsOf } from "./openings.ts";

const RESTRICTIONS: Partial<Record<Restriction, RestrictionView>> = {
	[Restriction.NEW_CONVERSATIONS]: "new-conversations",
	[Restriction.NEW_DEVICES]: "new-devices",
};

export async function readLimits({ rpc }: Pick<DeviceContext, "rpc">): Promise<readonly LimitView[]> {
	const { limits } = await rpc.abuse.getLimits({});
	return limits.flatMap((limit) => viewLimit(limit) ?? []);
}

export async function objectTo(
	context: Pick<DeviceContext, "rpc">,
	purpose: AbusePurpose,
): Promise<readonly LimitView[]> {
	await context.rpc.abuse.objectToAction({ purpose });
	return readLimits(context);
}

export async function reportAccount(
	{ rpc, state }: Pick<DeviceContext, "rpc" | "state">,
	account: AccountId,
	reason: string,
	reveal?: Revealed,
): Promise<number> {
	const messages =
		reveal === undefined ? [] : [...(await openingsOf(state, reveal.conversation, account, reveal.messages))];
	await rpc.abuse.reportAccount({ accountId: idBytes(account), reason, messages });
	return messages.length;
}

/** Undefined for a purpose that this version does not know. */
function viewLimit(limit: AccountLimit): LimitView | undefined {
	const { purpose, label, scoreClass, caseId, toldBy, contact, sinceMs, untilMs, canObject, objectedAtMs } = limit;
	if (!isAbusePurpose(purpose)) return undefined;
	return {
		...{ purpose, label, canObject, sinceMs: Number(sinceMs), untilMs: Number(untilMs) },
		scoreClass: scoreClass || undefined,
		caseId: caseId || undefined,
		toldBy: toldBy || undefined,
		contact: contact || undefined,
		restrictions: limit.restrictions.flatMap((one) => RESTRICTIONS[one] ?? []),
		objectedAtMs: objectedAtMs === 0n ? undefined : Number(objectedAtMs),
	};
}
