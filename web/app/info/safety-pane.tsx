/** The safety number: the same on both sides exactly when nobody stands in between. */
import type { SafetyNumber, SafetyOutcome } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { Copy, KeyRound, ShieldCheck, ShieldQuestion } from "lucide-react";
import { useState } from "react";
import { useTitle } from "../people/use-numbers.ts";
import { ScanButton } from "../scanning/scan-button.tsx";
import { useModel } from "../state/context.ts";
import { nameOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { AcceptButton } from "./accept-button.tsx";
import { CompareBox } from "./compare-box.tsx";
import { OutcomeNote } from "./outcome-note.tsx";
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
	const [outcome, setOutcome] = useState<SafetyOutcome>();
	const name = titleOf(nameOf(person));

	const confirm = (verified: boolean) =>
		act(async () => {
			await model.host.confirmSafetyNumber(account, verified);
			safetyChanges.set(safetyChanges.value + 1);
		});

	const compare = (code: string) =>
		act(async () => {
			const compared = await model.host.compareSafetyCode(code, account);
			setOutcome(compared.outcome);
			if (compared.outcome === "same") await confirm(true);
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
					{safety.change !== undefined && <Changed account={account} name={name} safety={safety} />}
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
							<QrCode text={safety.code} label={words.safety.qr} width={216} />
						</div>
						<p className="mt-1 text-center text-muted text-xs">{words.trust.code}</p>
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
					<div role="status">{outcome !== undefined && <OutcomeNote outcome={outcome} />}</div>
					<ScanButton
						label={words.trust.scan}
						instead={words.trust.insteadOfScanning}
						onCode={(code) => void compare(code)}
					/>
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
					<CompareBox account={account} digits={safety.digits} />
				</div>
			)}
		</Pane>
	);
}

interface ChangedProps {
	readonly account: AccountId;
	readonly name: string;
	readonly safety: SafetyNumber;
}

/** What became of the person's key, and the other number, if there is one. */
function Changed({ account, name, safety: { change, offeredDigits } }: ChangedProps) {
	if (change === undefined) return null;
	return (
		<section aria-label={words.trust.mark} className="flex flex-col gap-3 rounded-card bg-rust-soft p-4 text-sm">
			<p className="flex items-start gap-2.5 font-semibold">
				<KeyRound size={18} aria-hidden="true" className="mt-0.5 shrink-0 text-rust" />
				{words.trust.banner[change.what](name)}
			</p>
			<p className="text-xs leading-relaxed">{words.trust.keysChangedText[change.what]}</p>
			{offeredDigits !== undefined && (
				<>
					<h2 className="font-semibold text-xs">{words.trust.offered}</h2>
					<ol className="grid grid-cols-4 gap-x-3 gap-y-1 text-center font-semibold text-sm tabular-nums tracking-[0.06em]">
						{offeredDigits.map((group, i) => (
							<li key={`${i.toString()}-${group}`}>{group}</li>
						))}
					</ol>
					<p className="text-xs">{words.trust.offeredText}</p>
				</>
			)}
			<AcceptButton account={account} what={change.what} name={name} />
		</section>
	);
}
