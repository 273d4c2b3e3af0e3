/** A backup: the code first, and the file when the person says that they have it on paper. */
import { Copy, KeyRound } from "lucide-react";
import { useState } from "react";
import { useAction } from "../info/use-action.ts";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/note.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { pageWords } from "../words/page-words.ts";
import { words } from "../words/words.ts";
import { FileProgress } from "./file-progress.tsx";
import { useFile } from "./use-file.ts";

export function MakeBackup() {
	const { host } = useModel();
	const act = useAction();
	const { make: say } = pageWords.backupPage;
	const [longer, setLonger] = useState(false);
	const [code, setCode] = useState<string>();
	const [written, setWritten] = useState(false);
	const { file, make, stop } = useFile();

	const save = async () => {
		if (code === undefined) return;
		const begin = () => host.startBackup(code);
		await make(begin, (day) => `troth-backup-${day}.troth`, "application/octet-stream");
	};
	return (
		<>
			<p>{say.text}</p>
			<p className="text-muted">{say.not}</p>
			{code === undefined ? (
				<>
					<div className="overflow-hidden rounded-card border border-line bg-raised">
						<SwitchRow label={say.longer} text={say.longerText} checked={longer} onChange={setLonger} />
					</div>
					<Button
						className="self-start"
						onClick={() => act(async () => setCode(await host.newRecoveryCode(longer ? "key" : "code")))}
					>
						<KeyRound size={17} aria-hidden="true" /> {say.begin}
					</Button>
				</>
			) : (
				<>
					<RecoveryCode code={code} />
					<label className="flex min-h-11 cursor-pointer items-center gap-3">
						<input
							type="checkbox"
							checked={written}
							onChange={({ target }) => setWritten(target.checked)}
							className="size-5 accent-plum"
						/>
						<span className="font-semibold">{say.written}</span>
					</label>
					<Button className="self-start" disabled={!written} busy={file.state === "making"} onClick={() => void save()}>
						{say.save}
					</Button>
				</>
			)}
			<FileProgress file={file} stop={stop} making={say.making} done={say.done} />
		</>
	);
}

/** In groups, as it is written down. */
function RecoveryCode({ code }: { readonly code: string }) {
	const model = useModel();
	const act = useAction();
	const { make: say } = pageWords.backupPage;
	const groups = code.split(" ");
	return (
		<div className="flex flex-col gap-3.5">
			<Note tone="brass" title={say.code} icon={<KeyRound size={18} aria-hidden="true" />}>
				{say.codeText}
			</Note>
			<ol
				aria-label={say.code}
				className={`grid justify-items-center gap-x-3 gap-y-2 rounded-card border border-line bg-raised px-4 py-4 font-mono text-lg tabular-nums tracking-wide ${groups.length === 6 ? "grid-cols-3" : "grid-cols-4"}`}
			>
				{groups.map((group, at) => (
					// The groups never change their order.
					// biome-ignore lint/suspicious/noArrayIndexKey: two groups may be equal
					<li key={at}>{group}</li>
				))}
			</ol>
			<Button
				look="quiet"
				className="self-start"
				onClick={() =>
					act(async () => {
						await navigator.clipboard.writeText(code);
						model.say(words.message.copied);
					})
				}
			>
				<Copy size={16} aria-hidden="true" /> {say.copy}
			</Button>
		</div>
	);
}
