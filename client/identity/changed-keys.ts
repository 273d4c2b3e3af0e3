import type { AccountId } from "@troth/protocol";
import { addRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
import { requireRemovals } from "./unlisted.ts";

/**
 * Says in every conversation shared with this account that its key, devices or number are not what they were. Devices
 * that are gone from its list have to go from the groups.
 */
export async function showChangedKeys(
	context: DeviceContext,
	draft: Draft,
	account: AccountId,
	timeMs: number,
	what: "key" | "devices" | "number",
): Promise<void> {
	if (what === "devices") await requireRemovals(context, draft, account);
	// One's own devices are another matter (`linking/device-notices.ts`).
	if (account === context.self.account) return;
	for (const { id } of context.state.keptWithin<ConversationRecord>(KEYS.conversations)) {
		const record = await draft.read(KEYS.conversation(id));
		if (record === undefined || record.state === "creating" || record.state === "ended") continue;
		if (!record.members.some((member) => member.account === account) && record.peer !== account) continue;
		await addRow(context, draft, id, {
			seq: undefined,
			id: undefined,
			sender: undefined,
			timeMs,
			body: { kind: "keys-changed", who: [account], what },
		});
	}
}
