/** What the operator, or another company, limited on this account: since when, why, until when, and how to object. */
import type { LimitView } from "@troth/client/device/api.ts";
import { ShieldAlert } from "lucide-react";
import { useState } from "react";
import { useAction } from "../info/use-action.ts";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/note.tsx";
import { words } from "../words/words.ts";

/** Nothing for nearly everybody. */
export function LimitsNotice() {
	const model = useModel();
	const { value: limits, again } = useAnswer(model.host.limits);
	if (limits === undefined || limits.length === 0) return null;
	return (
		<section aria-label={words.limits.title} className="flex flex-col gap-3">
			{limits.map((limit) => (
				<LimitNote key={`${limit.toldBy ?? ""} ${limit.purpose}`} limit={limit} onObjected={again} />
			))}
		</section>
	);
}

function LimitNote({ limit, onObjected }: { readonly limit: LimitView; readonly onObjected: () => void }) {
	const model = useModel();
	const act = useAction();
	const [busy, setBusy] = useState(false);
	const { limits: say } = words;
	const who = useNameOf(limit.toldBy);
	const object = () =>
		act(async () => {
			setBusy(true);
			try {
				await model.host.objectTo(limit.purpose);
				onObjected();
			} finally {
				setBusy(false);
			}
		});
	return (
		<Note
			icon={<ShieldAlert size={20} aria-hidden="true" />}
			tone="brass"
			title={limit.restrictions.length === 0 ? say.noteTitle : say.title}
		>
			<p className="mt-1">{say.why(limit.label, limit.caseId)}</p>
			<p className="mt-1">{say.effect(limit.restrictions)}</p>
			<p className="mt-1 text-muted text-xs">{say.period(limit.sinceMs, limit.untilMs, who)}</p>
			<p className="mt-3">{objectionOf(limit, who)}</p>
			{limit.canObject && (
				<Button look="quiet" className="mt-3" busy={busy} onClick={() => void object()}>
					{say.objection.action}
				</Button>
			)}
		</Note>
	);
}

function objectionOf({ toldBy, contact, canObject, objectedAtMs }: LimitView, who: string): string {
	const { objection } = words.limits;
	if (objectedAtMs !== undefined) return objection.filed(objectedAtMs);
	if (toldBy !== undefined) return objection.elsewhere(who, contact);
	return canObject ? objection.text : objection.decided;
}

/** As the terms name the company. */
function useNameOf(toldBy: string | undefined): string {
	const terms = useCell(useModel().terms);
	if (toldBy === undefined) return words.limits.operator;
	const recipients = terms?.purposes.flatMap((purpose) => purpose.recipients) ?? [];
	return recipients.find(({ id }) => id === toldBy)?.name ?? toldBy;
}
