/** The notice of new terms: kept from its coming until a device of this person signed that it was displayed. */
import { create, toBinary } from "@bufbuild/protobuf";
import { idBytes, LABELS, NoticeDisplayedSchema } from "@troth/protocol";
import { readStanding } from "../consent/standing.ts";
import type { DeviceContext } from "../device/context.ts";
import type { SharingView, TermsReminder } from "../device/sharing-api.ts";
import { signStatement } from "../identity/signed.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { NoticeRecord } from "../state/sharing-records.ts";
import { readTerms } from "./read-terms.ts";

/** Keeps that a notice came, and tells it once that is durable. */
export async function noteNotice(context: DeviceContext, draft: Draft, version: number): Promise<void> {
	const known = await draft.read(KEYS.notice);
	if (known !== undefined && known.version >= version) return;
	draft.write(KEYS.notice, { version, confirmed: false });
	draft.after(() => context.announcer.emit({ type: "terms", version }));
}

/** Keeps that a reminder came, and tells it once that is durable. A later day stands for those before it. */
export async function noteReminder(
	context: DeviceContext,
	draft: Draft,
	{ version, day }: TermsReminder,
): Promise<void> {
	const known = await draft.read(KEYS.notice);
	const same = known?.version === version;
	if (known !== undefined && (known.version > version || (same && (known.reminder?.day ?? 0) >= day))) return;
	// Who is reminded was shown the notice, on this device or on another one.
	draft.write(KEYS.notice, { version, confirmed: same ? known.confirmed : true, reminder: { day, shown: false } });
	draft.after(() => context.announcer.emit({ type: "terms", version, reminderDay: day }));
}

/** The reminder that waits to be displayed. */
export async function waitingReminder({ state }: DeviceContext): Promise<TermsReminder | undefined> {
	const notice = await state.read(KEYS.notice);
	if (notice?.reminder === undefined || notice.reminder.shown) return undefined;
	return { version: notice.version, day: notice.reminder.day };
}

/** The reminder of this version was displayed. */
export async function endReminder({ state }: DeviceContext, version: number): Promise<void> {
	await state.transact(async (draft) => {
		const known = await draft.read(KEYS.notice);
		if (known?.version === version && known.reminder !== undefined) draft.write(KEYS.notice, withoutReminder(known));
	});
}

function withoutReminder({ reminder, ...notice }: NoticeRecord): NoticeRecord {
	return reminder === undefined ? notice : { ...notice, reminder: { ...reminder, shown: true } };
}

/** The version whose notice waits to be displayed. */
export async function waitingNotice({ state }: DeviceContext): Promise<number | undefined> {
	const notice = await state.read(KEYS.notice);
	return notice === undefined || notice.confirmed ? undefined : notice.version;
}

/** Signs that this version was displayed. Rejects with TERMS_VERSION_UNKNOWN; throws Untrusted. */
export async function confirmNotice(context: DeviceContext, version: number): Promise<SharingView> {
	const { engine, keys, self, rpc } = context;
	const terms = await readTerms(context, version);
	const statement = toBinary(
		NoticeDisplayedSchema,
		create(NoticeDisplayedSchema, {
			accountId: idBytes(self.account),
			deviceId: idBytes(self.device),
			version,
			policyHash: terms.policyHash,
			textHash: terms.textHash,
			displayedAtMs: BigInt(context.serverNow()),
		}),
	);
	await rpc.sharing.confirmNotice({ notice: await signStatement(engine, keys, LABELS.noticeDisplayed, statement) });
	await endNotice(context, version);
	context.announcer.emit({ type: "sharing" });
	return (await readStanding(context)).view;
}

/** This version was displayed or accepted: its notice waits no longer. */
export async function endNotice({ state }: DeviceContext, version: number): Promise<void> {
	await state.transact(async (draft) => {
		const known = await draft.read(KEYS.notice);
		if (known !== undefined && known.version <= version)
			draft.write(KEYS.notice, { ...withoutReminder(known), confirmed: true });
	});
}
