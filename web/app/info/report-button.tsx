/** Telling the operator about a person: why, and nothing that was written. */
import { type AccountId, REPORT_REASONS, type ReportReason } from "@troth/protocol";
import { Flag } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Sheet } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export function ReportButton({ account, name }: { readonly account: AccountId; readonly name: string }) {
	const [asking, setAsking] = useState(false);
	return (
		<>
			<button
				type="button"
				onClick={() => setAsking(true)}
				className="flex min-h-12 items-center gap-3.5 rounded-control px-4 text-left font-semibold text-rust text-sm hover:bg-rust-soft"
			>
				<Flag size={20} aria-hidden="true" />
				{words.limits.report.action(name)}
			</button>
			{asking && <ReportSheet account={account} name={name} onClose={() => setAsking(false)} />}
		</>
	);
}

interface ReportSheetProps {
	readonly account: AccountId;
	readonly name: string;
	readonly onClose: () => void;
}

function ReportSheet({ account, name, onClose }: ReportSheetProps) {
	const model = useModel();
	const { report: say } = words.limits;
	const [reason, setReason] = useState<ReportReason>();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (reason === undefined) return;
		setBusy(true);
		try {
			await model.host.report(account, reason);
			model.say(say.done);
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
				{error !== undefined && <Problem>{error}</Problem>}
				<Button type="submit" look="danger" busy={busy} disabled={reason === undefined}>
					{say.send}
				</Button>
			</form>
		</Sheet>
	);
}
