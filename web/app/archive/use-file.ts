/** One file on its way to the downloads, with how far it is. */
import { ArchiveError } from "@troth/client/archive/archive-error.ts";
import { useEffect, useRef, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { pageWords } from "../words/page-words.ts";
import { collectFile, download } from "./save-file.ts";

export type FileState =
	| { readonly state: "none" }
	| { readonly state: "making"; readonly bytes: number }
	| { readonly state: "done"; readonly bytes: number }
	| { readonly state: "failed"; readonly reason: string };

export interface MakingFile {
	readonly file: FileState;
	/** `begin` gives the id of the file; `name` gets the day put into it. */
	readonly make: (begin: () => Promise<string>, name: (day: string) => string, type: string) => Promise<void>;
	readonly stop: () => void;
}

export function useFile(): MakingFile {
	const { host, clock } = useModel();
	const [file, setFile] = useState<FileState>({ state: "none" });
	const running = useRef<AbortController>(undefined);
	// Who leaves the page does not wait for it any more.
	useEffect(() => () => running.current?.abort(), []);
	return {
		file,
		async make(begin, name, type) {
			const controller = new AbortController();
			running.current = controller;
			const { signal } = controller;
			setFile({ state: "making", bytes: 0 });
			try {
				const progressed = (bytes: number) => setFile({ state: "making", bytes });
				const blob = await collectFile(host, await begin(), type, { signal, progressed });
				download(blob, name(new Date(clock.now()).toISOString().slice(0, 10)));
				setFile({ state: "done", bytes: blob.size });
			} catch (error) {
				setFile(signal.aborted ? { state: "none" } : { state: "failed", reason: problemOf(error) });
			}
		},
		stop: () => running.current?.abort(),
	};
}

/** What to tell a person about a backup that did not work. */
export function problemOf(error: unknown): string {
	return error instanceof ArchiveError ? pageWords.backupPage.problems[error.code] : reasonOf(error);
}
