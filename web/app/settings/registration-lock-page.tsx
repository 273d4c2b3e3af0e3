/** A PIN that holds the account's number: set, changed, removed. */
import { type FormEvent, useCallback, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { Sentences } from "./sentences.tsx";
import { useAnswer } from "./use-answer.ts";

export function RegistrationLockPage() {
	const model = useModel();
	const { host } = model;
	const { registrationLock: say } = words;
	const known = useAnswer(useCallback(() => host.registrationLock(), [host]));
	const [changed, setChanged] = useState<boolean>();
	const [pin, setPin] = useState("");
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const held = changed ?? known.value;

	const act = async (work: () => Promise<void>, next: boolean) => {
		setBusy(true);
		setError(undefined);
		try {
			await work();
			setChanged(next);
			setPin("");
			model.announcement.set(next ? say.wasSet : say.wasRemoved);
		} catch (failure) {
			setError((failure as { readonly code?: string }).code === "MALFORMED" ? say.bad : reasonOf(failure));
		} finally {
			setBusy(false);
		}
	};
	const submit = (event: FormEvent) => {
		event.preventDefault();
		void act(() => host.setRegistrationLock(pin.trim()), true);
	};
	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-6 p-5 text-sm">
				<p>{say.lead}</p>
				<Sentences title={say.how} of={say.facts} />
				{known.error !== undefined && <Problem>{reasonOf(known.error)}</Problem>}
				{held !== undefined && (
					<p role="status" className="font-medium">
						{held ? say.on : say.off}
					</p>
				)}
				<form onSubmit={submit} noValidate className="flex flex-col gap-4">
					<Field
						label={say.label}
						name="new-pin"
						type="password"
						autoComplete="new-password"
						value={pin}
						error={error}
						onChange={({ target }) => setPin(target.value)}
					/>
					<p className="text-muted">{say.hint}</p>
					<div className="flex flex-wrap gap-2">
						<Button type="submit" busy={busy} disabled={pin.trim() === ""}>
							{held === true ? say.change : say.set}
						</Button>
						{held === true && (
							<Button look="quiet" disabled={busy} onClick={() => void act(() => host.removeRegistrationLock(), false)}>
								{say.remove}
							</Button>
						)}
					</div>
				</form>
			</div>
		</Pane>
	);
}
