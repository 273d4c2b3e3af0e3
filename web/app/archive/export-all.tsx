/** Everything as one zip that anybody can open. */
import { Download, TriangleAlert } from "lucide-react";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/note.tsx";
import { pageWords } from "../words/page-words.ts";
import { FileProgress } from "./file-progress.tsx";
import { useFile } from "./use-file.ts";

export function ExportAll() {
	const { host } = useModel();
	const { all: say } = pageWords.backupPage;
	const { file, make, stop } = useFile();
	const save = () =>
		make(
			() => host.startExport(),
			(day) => `troth-export-${day}.zip`,
			"application/zip",
		);
	return (
		<>
			<p>{say.text}</p>
			<Note tone="brass" icon={<TriangleAlert size={18} aria-hidden="true" />}>
				{say.warning}
			</Note>
			<Button look="quiet" className="self-start" busy={file.state === "making"} onClick={() => void save()}>
				<Download size={17} aria-hidden="true" /> {say.action}
			</Button>
			<FileProgress file={file} stop={stop} making={say.making} done={say.done} />
		</>
	);
}
