/** A backup comes back: the file, its code, and how much of it is here. */
import type { RestoredView } from "@troth/client/device/api.ts";
import { CircleCheck, FileUp } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { pageWords } from "../words/page-words.ts";
import { problemOf } from "./use-file.ts";

export function TakeBackup() {
	const model = useModel();
	const { take: say } = pageWords.backupPage;
	const input = useRef<HTMLInputElement>(null);
	const [file, setFile] = useState<File>();
	const [code, setCode] = useState("");
	const [busy, setBusy] = useState(false);
	const [soFar, setSoFar] = useState(0);
	const [taken, setTaken] = useState<RestoredView>();
	const [error, setError] = useState<string>();

	useEffect(
		() =>
			model.host.subscribe((event) => {
				if (event.type === "device" && event.event.type === "restoring") setSoFar(event.event.messages);
			}),
		[model],
	);
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (file === undefined) return;
		setBusy(true);
		setSoFar(0);
		setTaken(undefined);
		setError(undefined);
		try {
			setTaken(await model.host.takeBackup(file, code));
			setCode("");
			setFile(undefined);
		} catch (failure) {
			setError(problemOf(failure));
		}
		await model.load();
		setBusy(false);
	};
	return (
		<>
			<p>{say.text}</p>
			<form onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-3.5">
				<div className="flex flex-wrap items-center gap-3">
					<Button look="quiet" disabled={busy} onClick={() => input.current?.click()}>
						<FileUp size={17} aria-hidden="true" /> {say.file}
					</Button>
					{file !== undefined && <span className="min-w-0 truncate text-muted">{say.chosen(file.name)}</span>}
				</div>
				<input
					ref={input}
					type="file"
					aria-label={say.file}
					hidden
					onChange={({ target }) => {
						const chosen = target.files?.[0];
						target.value = "";
						if (chosen !== undefined) setFile(chosen);
					}}
				/>
				{file !== undefined && (
					<>
						<Field
							label={say.code}
							name="recovery-code"
							inputMode="numeric"
							autoComplete="off"
							spellCheck={false}
							className="font-mono"
							hint={say.hint}
							error={error}
							value={code}
							onChange={({ target }) => setCode(target.value)}
						/>
						<Button type="submit" className="self-start" busy={busy} disabled={code.trim() === ""}>
							{say.action}
						</Button>
					</>
				)}
			</form>
			{file === undefined && error !== undefined && <Problem>{error}</Problem>}
			<div role="status">
				{busy && soFar > 0 && <p className="text-muted">{say.taking(soFar)}</p>}
				{taken !== undefined && (
					<Note tone="moss" icon={<CircleCheck size={18} aria-hidden="true" />}>
						{say.done(taken.messages, taken.conversations, taken.people)}
					</Note>
				)}
			</div>
		</>
	);
}
