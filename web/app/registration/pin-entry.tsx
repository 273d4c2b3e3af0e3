/** The PIN of a number that somebody holds with one. */
import { type FormEvent, useState } from "react";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { dayFormat } from "../words/en-grammar.ts";
import { words } from "../words/words.ts";

export interface PinEntryProps {
	/** Until then the lock holds without its owner. */
	readonly lockedUntilMs: number;
	/** Rejects where the PIN is not right. */
	readonly onPin: (pin: string) => Promise<void>;
	readonly onOtherNumber: () => void;
}

export function PinEntry({ lockedUntilMs, onPin, onOtherNumber }: PinEntryProps) {
	const { registrationLock: say } = words;
	const [pin, setPin] = useState("");
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			await onPin(pin.trim());
		} catch (failure) {
			setPin("");
			setError(troubleOf(failure));
			setBusy(false);
		}
	};
	return (
		<form onSubmit={submit} noValidate className="flex flex-col gap-6">
			<Field
				label={say.label}
				name="pin"
				type="password"
				autoComplete="off"
				autoFocus
				value={pin}
				error={error}
				className="text-lg"
				onChange={({ target }) => setPin(target.value)}
			/>
			<p className="text-muted text-sm">{say.otherwise(dayFormat.format(new Date(lockedUntilMs)))}</p>
			<div className="flex flex-wrap gap-2">
				<Button type="submit" busy={busy} disabled={pin.trim() === ""}>
					{say.open}
				</Button>
				<Button look="plain" onClick={onOtherNumber}>
					{words.code.otherNumber}
				</Button>
			</div>
		</form>
	);
}

function troubleOf(error: unknown): string {
	const { code, fields } = error as { readonly code?: string; readonly fields?: { readonly attemptsLeft?: number } };
	return code === "PIN_WRONG" ? words.registrationLock.wrong(fields?.attemptsLeft ?? 0) : reasonOf(error);
}
