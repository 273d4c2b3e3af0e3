/**
 * What a linked device may lack of the time before it came in to a conversation: what was said after the archive was made,
 * where no other device of the account sent it along (`own-rows.ts`). It is shown as a gap until somebody does.
 */
import { type ConversationId, type OwnRowsComplete, readId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, orderKey, within } from "../state/keys.ts";
import type { CameInRecord } from "../state/linking-records.ts";
import type { MessageRecord } from "../state/records.ts";

/** In the transaction in which this device gets its own first entry. @param at the position before it */
export async function noteCameIn(draft: Draft, id: ConversationId, at: number, atMs: number): Promise<void> {
	const known = await draft.read(KEYS.cameIn(id));
	if (known !== undefined) draft.write(KEYS.cameIn(id), { ...known, at, atMs });
}

/** Another device of the account has told what it has. */
export async function mergeComplete(
	context: DeviceContext,
	draft: Draft,
	said: readonly OwnRowsComplete[],
): Promise<void> {
	for (const { conversation, beforeSeq } of said) {
		const id = readId<ConversationId>(conversation);
		const known = id === undefined ? undefined : await draft.read(KEYS.cameIn(id));
		if (id === undefined || known === undefined) continue;
		draft.write(KEYS.cameIn(id), { ...known, told: Math.max(known.told ?? 0, beforeSeq) });
		draft.after(() => context.background(() => settleMissing(context, "taken away")));
	}
}

/** Whether anything may be missing in this conversation from before this device came in to it. */
export async function mayLackEarlier({ state }: Pick<DeviceContext, "state">, id: ConversationId): Promise<boolean> {
	return (await state.read(KEYS.cameIn(id))) !== undefined;
}

/**
 * Shows in each conversation that something may be missing, or that nothing is any more.
 *
 * @param lines `taken away`: others may be about to tell what is missing still
 */
export async function settleMissing(context: DeviceContext, lines: "shown" | "taken away"): Promise<void> {
	const { state } = context;
	// What is on its way is not missing.
	if ((await state.read(KEYS.historyToTake)) !== undefined) return;
	for (const [key] of await state.rangeKeys<CameInRecord>(within(KEYS.cameIns)))
		await state.transact((draft) => settleOne(context, draft, key.slice(KEYS.cameIns.length) as ConversationId, lines));
}

async function settleOne(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	lines: Parameters<typeof settleMissing>[1],
): Promise<void> {
	const cameIn = await draft.read(KEYS.cameIn(id));
	if (cameIn?.at === undefined) return;
	const { at, atMs = 0, told = 0 } = cameIn;
	const upTo = await archivedUpTo(draft, id);
	const row = (count: number): MessageRecord => ({
		// Behind all rows that come from others, and before those of this device.
		...{ key: `.${orderKey(at)}2-before`, seq: undefined, id: undefined, sender: undefined, timeMs: atMs },
		body: { kind: "gap", reason: "before", count },
		failed: undefined,
	});
	const { key } = row(0);
	if (at === 0 || (upTo !== undefined && (upTo >= at || told > at))) {
		draft.write(KEYS.cameIn(id), undefined);
		draft.write(KEYS.message(id, key), undefined);
		if (cameIn.shown === true) tell(context, draft, id, row(0));
	} else if (lines === "shown" && cameIn.shown !== true) {
		draft.write(KEYS.cameIn(id), { ...cameIn, shown: true });
		const lacking = row(at - (upTo ?? 0));
		draft.write(KEYS.message(id, key), lacking);
		tell(context, draft, id, lacking);
	}
}

/** Undefined where no archive of this account came, or none to its end. */
async function archivedUpTo(draft: Draft, id: ConversationId): Promise<number | undefined> {
	const archived = await draft.read(KEYS.archivedUpTo(id));
	if (archived === undefined) return undefined;
	return (await draft.read(KEYS.archiveTaken(archived.archive)))?.ended === true ? archived.seq : undefined;
}

function tell({ announcer, views }: DeviceContext, draft: Draft, id: ConversationId, row: MessageRecord): void {
	draft.after(() => announcer.emit({ type: "message", message: views.message(id, row), live: false }));
}
