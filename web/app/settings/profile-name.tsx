/** One's own name, changed in place. */
import { LIMITS } from "@troth/protocol";
import { Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Sheet } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export function ProfileName({ name }: { readonly name: string }) {
	const model = useModel();
	const [next, setNext] = useState<string>();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		const wanted = next?.trim() ?? "";
		if (wanted === "") return;
		setBusy(true);
		setError(undefined);
		try {
			await model.host.rename(wanted);
			model.self.set(await model.host.self());
			setNext(undefined);
			model.say(words.settings.saved);
		} catch (failure) {
			setError(reasonOf(failure));
		}
		setBusy(false);
	};

	return (
		<>
			<p className="flex items-center gap-1">
				<span className="truncate font-bold text-xl">{name}</span>
				<IconButton label={words.settings.name} onClick={() => setNext(name)}>
					<Pencil size={17} />
				</IconButton>
			</p>
			<Sheet open={next !== undefined} onClose={() => setNext(undefined)} title={words.settings.name}>
				<form onSubmit={submit} noValidate className="flex flex-col gap-4">
					<Field
						label={words.settings.name}
						hideLabel
						hint={words.settings.nameText}
						value={next ?? ""}
						error={error}
						autoComplete="name"
						maxLength={LIMITS.nameCharacters}
						onChange={({ target }) => setNext(target.value)}
					/>
					<Button type="submit" busy={busy} disabled={(next ?? "").trim() === ""}>
						{words.common.save}
					</Button>
				</form>
			</Sheet>
		</>
	);
}
