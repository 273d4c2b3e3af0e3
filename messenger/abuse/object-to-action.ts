import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Policy } from "@troth/bridge";
import {
	isAbusePurpose,
	type ObjectToActionRequest,
	type ObjectToActionResponseSchema,
	Refusal,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { actionOf, objectTo } from "./actions.ts";
import type { Limit } from "./limits.ts";

/**
 * Files an objection (GDPR article 21). The limit here stays until the operator has looked at it: only the sharing stops
 * at once. A repeat is answered as the first time. Refuses with NOT_FOUND, FORBIDDEN.
 */
export async function objectToAction(
	context: MessengerContext,
	{ purpose }: ObjectToActionRequest,
	{ account }: Session,
): Promise<MessageInitShape<typeof ObjectToActionResponseSchema>> {
	const { records, clock, terms, limits, events } = context;
	if (!isAbusePurpose(purpose)) throw noAction();
	const objectedAtMs = await records.transaction().execute(async (transaction) => {
		const action = await actionOf(transaction, account, purpose, clock.now());
		if (action === undefined) throw noAction();
		if (action.objected_at_ms !== null) return action.objected_at_ms;
		const decided = action.kept_at_ms !== null;
		if (!mayObject(terms.current, { purpose, toldBy: undefined, objectedAtMs: undefined, decided }))
			throw new Refusal("FORBIDDEN", "there is no objection to this, or it was decided already");
		await objectTo(transaction, action, clock.now());
		return clock.now();
	});
	limits.changed(account);
	events.objected(purpose);
	return { objectedAtMs: BigInt(objectedAtMs) };
}

/** Once, to what the operator of this server did, unless the policy says that the law leaves no room for it. */
export function mayObject(
	policy: Policy,
	{ purpose, toldBy, objectedAtMs, decided }: Pick<Limit, "purpose" | "toldBy" | "objectedAtMs" | "decided">,
): boolean {
	if (toldBy !== undefined || objectedAtMs !== undefined || decided) return false;
	// Where nothing is shared under this purpose, the operator is still asked to look again.
	return policy.purposes.get(purpose)?.objection ?? true;
}

function noAction(): Refusal {
	return new Refusal("NOT_FOUND", "there is no such limit on this account now");
}
