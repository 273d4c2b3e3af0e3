/** Their number or code, typed or pasted: for whoever can not scan. */
import type { SafetyOutcome } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { useState } from "react";
import { useModel } from "../state/context.ts";
import { words } from "../words/words.ts";
import { compareDigits } from "./compare-digits.ts";
import { OutcomeNote } from "./outcome-note.tsx";

export interface CompareBoxProps {
	readonly account: AccountId;
	readonly digits: readonly string[];
}

export function CompareBox({ account, digits }: CompareBoxProps) {
	const { host } = useModel();
	const [pasted, setPasted] = useState("");
	const [outcome, setOutcome] = useState<SafetyOutcome>();
	const isCode = /[A-Za-z_-]/.test(pasted);
	const result = compareDigits(digits, isCode ? "" : pasted);
	const change = (text: string) => {
		setPasted(text);
		setOutcome(undefined);
		if (!/[A-Za-z_-]/.test(text)) return;
		host.compareSafetyCode(text, account).then(
			(compared) => setOutcome(compared.outcome),
			() => {},
		);
	};
	return (
		<details className="rounded-card border border-line">
			<summary className="min-h-12 cursor-pointer px-4 py-3 font-semibold text-sm">{words.safety.compareTitle}</summary>
			<div className="flex flex-col gap-2 px-4 pb-4">
				<label className="text-sm" htmlFor="their-number">
					{words.safety.compareLabel}
				</label>
				<textarea
					id="their-number"
					rows={3}
					value={pasted}
					onChange={({ target }) => change(target.value)}
					className="w-full resize-none rounded-control border border-edge bg-raised px-3 py-2 text-base tracking-[0.08em]"
				/>
				<p className="text-muted text-xs">{words.safety.compareHint}</p>
				<div role="status">
					{isCode && outcome !== undefined && <OutcomeNote outcome={outcome} />}
					{result.kind === "same" && (
						<p className="rounded-control bg-moss-soft px-3 py-2 font-semibold text-sm">{words.safety.compareSame}</p>
					)}
					{result.kind === "differs" && (
						<p className="rounded-control bg-rust-soft px-3 py-2 font-semibold text-sm">
							{words.safety.compareDiffers(result.groups)}
						</p>
					)}
					{result.kind === "incomplete" && result.digits > 0 && (
						<p className="text-muted text-xs">{words.safety.compareIncomplete(result.digits)}</p>
					)}
				</div>
			</div>
		</details>
	);
}
