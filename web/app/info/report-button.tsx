/** Telling the operator about a person: why, and of what they wrote only what is revealed. */
import { type AccountId, type ConversationId, REPORT_REASONS, type ReportReason } from "@troth/protocol";
import { Flag } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Sheet } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export function ReportButton(person: Omit<ReportSheetProps, "onClose">) {
	const [asking, setAsking] = useState(false);
	return (
		<>
			<button
				type="button"
				onClick={() => setAsking(true)}
				className="flex min-h-12 items-center gap-3.5 rounded-control px-4 text-left font-semibold text-rust text-sm hover:bg-rust-soft"
			>
				<Flag size={20} aria-hidden="true" />
				{words.limits.report.action(person.name)}
			</button>
			{asking && <ReportSheet {...person} onClose={() => setAsking(false)} />}
		</>
	);
}

interface ReportSheetProps {
	readonly account: AccountId;
	readonly name: string;
	/** Where they wrote what can be revealed. */
	readonly conversation: ConversationId;
	readonly onClose: () => void;
}

/** As many as a report may hold. */
const MESSAGES = 10;

export function ReportSheet({ account, name, conversation, onClose }: ReportSheetProps) {
	const model = useModel();
	const { report: say } = words.limits;
	const [reason, setReason] = useState<ReportReason>();
	const [reveals, setReveals] = useState(false);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (reason === undefined) return;
		setBusy(true);
		try {
			const reveal = reveals ? { conversation, messages: MESSAGES } : undefined;
			model.say(say.done(await model.host.report(account, reason, reveal)));
			onClose();
		} catch (failure) {
			setError(reasonOf(failure));
			setBusy(false);
		}
	};
	return (
		<Sheet open onClose={onClose} title={say.title(name)}>
			<form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
				<p className="text-muted text-sm">{say.text}</p>
				<fieldset className="flex flex-col">
					<legend className="mb-1 font-semibold text-muted text-xs">{say.why}</legend>
					{REPORT_REASONS.map((one) => (
						<label key={one} className="flex min-h-11 items-center gap-3 rounded-control px-2 text-sm hover:bg-hover">
							<input
								type="radio"
								name="reason"
								className="size-4 accent-plum"
								checked={reason === one}
								onChange={() => setReason(one)}
							/>
							{say.reasons[one]}
						</label>
					))}
				</fieldset>
				<label className="flex min-h-11 items-start gap-3 rounded-control px-2 py-2 text-sm hover:bg-hover">
					<input
						type="checkbox"
						className="mt-0.5 size-4 shrink-0 accent-plum"
						checked={reveals}
						onChange={(event) => setReveals(event.target.checked)}
					/>
					<span>
						{say.reveal}
						<span className="block text-muted text-xs">{say.revealHint}</span>
					</span>
				</label>
				{error !== undefined && <Problem>{error}</Problem>}
				<Button type="submit" look="danger" busy={busy} disabled={reason === undefined}>
					{say.send}
				</Button>
			</form>
		</Sheet>
	);
}
