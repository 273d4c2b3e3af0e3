/** The safety number: the same on both sides exactly when nobody stands in between. */
import type { AccountId } from "@troth/protocol";
import { Copy, ShieldCheck, ShieldQuestion } from "lucide-react";
import { useState } from "react";
import { useTitle } from "../people/use-numbers.ts";
import { useModel } from "../state/context.ts";
import { nameOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { compareDigits } from "./compare-digits.ts";
import { QrCode } from "./qr-code.tsx";
import { useAction } from "./use-action.ts";
import { safetyChanges, useSafety } from "./use-safety.ts";

export function SafetyPane({ account }: { readonly account: AccountId }) {
	const model = useModel();
	const titleOf = useTitle();
	const list = useCell(model.conversations.list) ?? [];
	const person = list.flatMap(({ members }) => members).find((member) => member.account === account);
	const safety = useSafety(account);
	const act = useAction();
	const name = titleOf(nameOf(person));

	const confirm = (verified: boolean) =>
		act(async () => {
			await model.host.confirmSafetyNumber(account, verified);
			safetyChanges.set(safetyChanges.value + 1);
		});

	return (
		<Pane title={words.safety.title(name)}>
			{safety === undefined ? (
				<div role="status" className="grid place-items-center p-12 text-muted">
					<Spinner size={24} />
					<span className="sr-only">{words.common.loading}</span>
				</div>
			) : (
				<div className="mx-auto flex max-w-md flex-col gap-5 p-5">
					<p
						className={`flex items-center gap-2.5 rounded-control px-3.5 py-2.5 font-semibold text-sm ${safety.verified ? "bg-moss-soft" : "bg-brass-soft"}`}
					>
						{safety.verified ? (
							<ShieldCheck size={19} aria-hidden="true" className="text-moss" />
						) : (
							<ShieldQuestion size={19} aria-hidden="true" className="text-brass" />
						)}
						{safety.verified ? words.safety.verified : words.safety.notVerified}
					</p>
					<p className="text-sm">{words.safety.intro(name)}</p>
					<section
						aria-label={words.safety.digits}
						className="rounded-card border border-line bg-raised p-4 shadow-raised"
					>
						<ol className="grid grid-cols-3 gap-x-4 gap-y-2 text-center font-semibold text-xl tabular-nums tracking-[0.09em] sm:grid-cols-4 xl:grid-cols-3">
							{safety.digits.map((group, i) => (
								<li key={`${i.toString()}-${group}`}>{group}</li>
							))}
						</ol>
						<div className="mt-3 flex justify-center border-line border-t pt-4">
							<QrCode text={safety.digits.join("")} label={words.safety.qr} />
						</div>
						<div className="mt-2 flex justify-center">
							<Button
								look="plain"
								className="min-h-10"
								onClick={() =>
									act(async () => {
										await navigator.clipboard.writeText(safety.digits.join(" "));
										model.say(words.message.copied);
									})
								}
							>
								<Copy size={16} aria-hidden="true" /> {words.safety.copy}
							</Button>
						</div>
					</section>
					{safety.verified ? (
						<Button look="quiet" onClick={() => confirm(false)}>
							{words.safety.unconfirm}
						</Button>
					) : (
						<Button className="min-h-12 text-base" onClick={() => confirm(true)}>
							{words.safety.confirm}
						</Button>
					)}
					{safety.epochDigits !== undefined && (
						<section className="rounded-card bg-hover px-4 py-3.5">
							<h2 className="flex items-baseline justify-between gap-4 font-semibold text-sm">
								{words.safety.history}
								<span className="text-base tabular-nums tracking-[0.09em]">{safety.epochDigits.join(" ")}</span>
							</h2>
							<p className="mt-1 text-muted text-xs">{words.safety.historyText}</p>
						</section>
					)}
					<Compare digits={safety.digits} />
				</div>
			)}
		</Pane>
	);
}

function Compare({ digits }: { readonly digits: readonly string[] }) {
	const [pasted, setPasted] = useState("");
	const result = compareDigits(digits, pasted);
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
					inputMode="numeric"
					value={pasted}
					onChange={({ target }) => setPasted(target.value)}
					className="w-full resize-none rounded-control border border-edge bg-raised px-3 py-2 text-base tracking-[0.08em]"
				/>
				<p className="text-muted text-xs">{words.safety.compareHint}</p>
				<div role="status">
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
