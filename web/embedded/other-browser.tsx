/** A browser that can not sign a yes: it takes over the secret of another one, or the person starts anew. */
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { Button } from "../app/ui/button.tsx";
import { Field, Problem } from "../app/ui/field.tsx";
import { Note } from "../app/ui/note.tsx";
import { type PageProps, reasonOf } from "./embedded-app.tsx";
import { say } from "./words.ts";

export function OtherBrowser({ person, changed }: Pick<PageProps, "person" | "changed">) {
	const [code, setCode] = useState("");
	const [wrong, setWrong] = useState(false);
	const [sure, setSure] = useState(false);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>();
	const run = async (work: () => Promise<boolean>) => {
		setBusy(true);
		setError(undefined);
		try {
			if (await work()) changed();
			else setWrong(true);
		} catch (failure) {
			setError(failure);
		}
		setBusy(false);
	};
	return (
		<div className="flex flex-col gap-4">
			<Note icon={<KeyRound size={18} />} tone="brass" title={say.otherBrowserTitle}>
				{say.otherBrowserText}
			</Note>
			<Field
				label={say.code}
				value={code}
				onChange={({ currentTarget }) => {
					setCode(currentTarget.value);
					setWrong(false);
				}}
				error={wrong ? say.codeWrong : undefined}
				autoComplete="off"
				autoCapitalize="characters"
				spellCheck={false}
			/>
			<div className="flex flex-wrap gap-2.5">
				<Button look="quiet" busy={busy} onClick={() => run(() => person.carryOver(code))}>
					{say.carryOver}
				</Button>
				{!sure && (
					<Button look="plain" onClick={() => setSure(true)}>
						{say.anew}
					</Button>
				)}
			</div>
			{sure && (
				<div className="flex flex-col items-start gap-2.5">
					<p className="text-sm">{say.anewText}</p>
					<Button
						look="danger"
						busy={busy}
						onClick={() =>
							run(async () => {
								await person.beginAnew();
								return true;
							})
						}
					>
						{say.anewSure}
					</Button>
				</div>
			)}
			{error !== undefined && <Problem>{reasonOf(error)}</Problem>}
		</div>
	);
}
