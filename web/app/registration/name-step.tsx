/** Step 3: the name others see. Sending it makes the keys and the account. */
import { LIMITS } from "@troth/protocol";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { words } from "../words/words.ts";
import type { Attempt } from "./registration.tsx";
import { StepHeading } from "./step-heading.tsx";

export interface NameStepProps {
	readonly server: string;
	readonly attempt: Attempt;
	readonly replacesAccount: boolean;
	readonly onExpired: () => void;
}

export function NameStep({ server, attempt, replacesAccount, onExpired }: NameStepProps) {
	const model = useModel();
	const [name, setName] = useState("");
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (name.trim() === "") return;
		setBusy(true);
		setError(undefined);
		try {
			// When this resolves, the host's state turns to "open", and the terms take this screen's place.
			await model.host.createAccount(server, attempt.id, name.trim());
		} catch (failure) {
			setBusy(false);
			if ((failure as { readonly code?: string }).code === "REGISTRATION_TOKEN_INVALID") {
				model.say(reasonOf(failure));
				return onExpired();
			}
			setError(reasonOf(failure));
		}
	};

	return (
		<form onSubmit={submit} noValidate className="flex flex-col gap-6">
			<StepHeading title={words.name.title} text={words.name.text} />
			<Field
				label={words.name.label}
				name="name"
				autoComplete="name"
				maxLength={LIMITS.nameCharacters}
				autoFocus
				value={name}
				error={error}
				className="text-lg"
				onChange={({ target }) => setName(target.value)}
			/>
			{replacesAccount && (
				<Note icon={<KeyRound size={18} />} title={words.name.replacesTitle} tone="brass">
					{words.name.replacesText}
				</Note>
			)}
			<Button type="submit" busy={busy} disabled={name.trim() === ""} className="min-h-12 text-base">
				{busy ? words.name.creating : words.name.submit}
			</Button>
		</form>
	);
}
