/** Somebody says that they have another number. */
import type { AccountId, Content, ConversationId, MessageId } from "@troth/protocol";
import { addRow } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { readAccount } from "../identity/directory.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";

/**
 * A row in the direct conversation says so, with the new number where it came with the server's word (`learn-profile.ts`
 * has it already). Without it the number that was known is no longer theirs.
 */
export async function showNumberChanged(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	row: { readonly seq: number; readonly id: MessageId; readonly sender: AccountId; readonly timeMs: number },
	{ profile }: Content,
): Promise<void> {
	const record = await draft.read(KEYS.conversation(id));
	if (record?.kind !== "direct" || row.sender === context.self.account) return;
	const known = await readAccount(draft, row.sender);
	const shown = profile?.number?.certificate !== undefined;
	if (!shown && known.phone !== undefined) draft.write(KEYS.account(row.sender), { ...known, phone: undefined });
	const phone = shown ? known.phone : undefined;
	const body = { kind: "number-changed", who: [row.sender], ...(phone !== undefined && { phone }) } as const;
	await addRow(context, draft, id, { ...row, body });
}
