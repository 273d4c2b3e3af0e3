/** Finding someone by exact username, or by the link they gave. */
import { readContactLink } from "@troth/client/finding/contact-link.ts";
import { type FormEvent, useState } from "react";
import { goTo } from "../routing/router.ts";
import { ScanButton } from "../scanning/scan-button.tsx";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";

export function ByNamePage() {
	const model = useModel();
	const { byName: say } = words.finding;
	const [typed, setTyped] = useState("");
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();

	/** What is wrong with a link; undefined where it is opened. */
	const open = (text: string) => {
		const link = readContactLink(text);
		if (link === undefined) return say.badScan;
		if (link.origin !== undefined && link.origin !== location.origin) return say.elsewhere;
		goTo({ place: "add", link: text.trim().slice(text.trim().indexOf("#")) });
		return undefined;
	};
	const find = async () => {
		if (readContactLink(typed) !== undefined) return open(typed);
		const person = await model.host.findByUsername(typed);
		if (person.self) return say.itsYou;
		const id = await model.host.openDirect(person.account);
		model.conversations.refresh(id);
		goTo({ place: "chat", id }, { replace: true });
		return undefined;
	};
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			setError(await find());
		} catch (failure) {
			setError((failure as { readonly code?: string }).code === "NOT_FOUND" ? say.nobody : reasonOf(failure));
		}
		setBusy(false);
	};
	return (
		<Pane title={say.title} stands="content">
			<form onSubmit={submit} noValidate className="mx-auto flex max-w-xl flex-col gap-4 p-5">
				<Field
					label={say.label}
					hint={say.hint}
					value={typed}
					error={error}
					autoFocus
					autoComplete="off"
					autoCapitalize="none"
					spellCheck={false}
					onChange={({ target }) => {
						setTyped(target.value);
						setError(undefined);
					}}
				/>
				<div className="flex flex-wrap gap-2">
					<Button type="submit" busy={busy} disabled={typed.trim() === ""} className="min-h-12">
						{say.find}
					</Button>
					<ScanButton label={say.scan} instead={say.insteadOfScanning} onCode={(text) => setError(open(text))} />
				</div>
			</form>
		</Pane>
	);
}
