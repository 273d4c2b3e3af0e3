/** How far a file is, what became of it, and the way to stop it. */
import { CircleCheck } from "lucide-react";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { pageWords } from "../words/page-words.ts";
import type { MakingFile } from "./use-file.ts";

export interface FileProgressProps extends Pick<MakingFile, "file" | "stop"> {
	readonly making: (size: string) => string;
	readonly done: (size: string) => string;
}

export function FileProgress({ file, stop, making, done }: FileProgressProps) {
	const { backupPage: say } = pageWords;
	return (
		<div aria-live="polite">
			{file.state === "making" && (
				<div className="flex items-center gap-3">
					<Spinner />
					<span className="flex-1">{making(say.size(file.bytes))}</span>
					<Button look="plain" onClick={stop}>
						{say.stop}
					</Button>
				</div>
			)}
			{file.state === "done" && (
				<Note tone="moss" icon={<CircleCheck size={18} aria-hidden="true" />}>
					{done(say.size(file.bytes))}
				</Note>
			)}
			{file.state === "failed" && <Problem>{file.reason}</Problem>}
		</div>
	);
}
