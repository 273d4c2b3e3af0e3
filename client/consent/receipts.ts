/** The decisions of this device, as they lie in its store. */
import { toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { ReceiptView } from "../device/sharing-api.ts";
import { KEYS, within } from "../state/keys.ts";
import type { DecisionRecord } from "../state/sharing-records.ts";
import { viewReceipt } from "./receipt-document.ts";

/** Oldest first. */
export function readDecisions({ state }: DeviceContext): Promise<readonly DecisionRecord[]> {
	return state.range<DecisionRecord>(within(KEYS.decisions));
}

/** Oldest first. */
export async function readReceipts(context: DeviceContext): Promise<readonly ReceiptView[]> {
	const policyKey = (await context.state.read(KEYS.trust))?.policyKey;
	const deviceKey = toHex(context.keys.publicKey);
	const decisions = await readDecisions(context);
	return decisions.map((record) => viewReceipt(record, { server: context.profile().origin, policyKey, deviceKey }));
}
