/** Step 1: the number a code is sent to. */
import { MonitorSmartphone } from "lucide-react";
import { type FormEvent, useState } from "react";
import { NumberField } from "../people/number-field.tsx";
import { homeRegion, loadNumbers } from "../people/use-numbers.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { words } from "../words/words.ts";
import type { Attempt } from "./registration.tsx";
import { StepHeading } from "./step-heading.tsx";

export interface NumberStepProps {
	readonly server: string;
	readonly typed: string;
	readonly onTyped: (typed: string) => void;
	readonly onSent: (attempt: Attempt) => void;
	/** Becomes a device of an account that exists instead. */
	readonly onLink: () => void;
}

export function NumberStep({ server, typed, onTyped, onSent, onLink }: NumberStepProps) {
	const { host } = useModel();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			const phone = (await loadNumbers()).readNumber(typed, homeRegion()).e164;
			if (phone === undefined) return setError(words.refusal("PHONE_INVALID"));
			const { attempt, resendAtMs } = await host.requestCode(server, phone);
			onSent({ phone, id: attempt, resendAtMs });
		} catch (failure) {
			setError(reasonOf(failure));
		} finally {
			setBusy(false);
		}
	};

	return (
		<form onSubmit={submit} noValidate className="flex flex-col gap-6">
			<StepHeading title={words.number.title} text={words.number.text} />
			<NumberField
				label={words.number.label}
				value={typed}
				onChange={(next) => {
					onTyped(next);
					setError(undefined);
				}}
				error={error}
				autoFocus
				own
			/>
			<Button type="submit" busy={busy} disabled={typed.trim() === ""} className="min-h-12 text-base">
				{busy ? words.number.sending : words.number.submit}
			</Button>
			<div className="flex flex-col items-center gap-1 border-line border-t pt-5 text-center">
				<p className="text-muted text-sm">{words.linking.join.offerText}</p>
				<Button look="plain" onClick={onLink}>
					<MonitorSmartphone size={18} aria-hidden="true" /> {words.linking.join.offer}
				</Button>
			</div>
		</form>
	);
}
