/** Looks through the camera for a code; a picture does as well. */
import { CameraOff, ImageUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Sheet } from "../ui/dialog.tsx";
import { Note } from "../ui/note.tsx";
import { words } from "../words/words.ts";
import { type CameraReader, openCodeReader } from "./code-reader.ts";
import { CameraRefused, watchCamera } from "./watch-camera.ts";

export interface ScanSheetProps {
	readonly title: string;
	/** What to do where nothing can be scanned. */
	readonly instead: string;
	readonly onCode: (text: string) => void;
	readonly onClose: () => void;
}

export function ScanSheet({ title, instead, onCode, onClose }: ScanSheetProps) {
	return (
		<Sheet open onClose={onClose} title={title}>
			<Camera instead={instead} onCode={onCode} />
		</Sheet>
	);
}

/** Why the camera's picture is not there. */
type Trouble = "refused" | "unable";

function Camera({ instead, onCode }: Pick<ScanSheetProps, "instead" | "onCode">) {
	const { scanning: say } = words;
	const video = useRef<HTMLVideoElement>(null);
	const told = useRef(onCode);
	told.current = onCode;
	const [reader, setReader] = useState<CameraReader>();
	const [trouble, setTrouble] = useState<Trouble>();
	const [nothing, setNothing] = useState(false);

	useEffect(() => {
		const closing = new AbortController();
		const opening = openCodeReader();
		const scan = async () => {
			const opened = await opening;
			if (video.current === null || closing.signal.aborted) return;
			setReader(opened);
			const text = await watchCamera(video.current, opened, closing.signal);
			if (text !== undefined) told.current(text);
		};
		scan().catch((error) => {
			if (!closing.signal.aborted) setTrouble(error instanceof CameraRefused ? "refused" : "unable");
		});
		return () => {
			closing.abort();
			void opening.then((opened) => opened[Symbol.dispose]());
		};
	}, []);

	const readPicture = async (file: File | undefined) => {
		if (file === undefined || reader === undefined) return;
		setNothing(false);
		const text = await createImageBitmap(file)
			.then((picture) => reader.read(picture, "thorough"))
			.catch(() => undefined);
		setNothing(text === undefined);
		if (text !== undefined) told.current(text);
	};

	return (
		<div className="flex flex-col gap-3">
			{trouble !== undefined ? (
				<Note icon={<CameraOff size={20} aria-hidden="true" />} title={say[trouble]}>
					<p className="mt-0.5">{instead}</p>
				</Note>
			) : (
				<>
					<video
						ref={video}
						muted
						playsInline
						aria-label={say.point}
						className="aspect-square w-full rounded-card bg-hover object-cover"
					/>
					<p className="text-center text-muted text-sm">{say.point}</p>
				</>
			)}
			{trouble !== "unable" && (
				<label className="inline-flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-control font-semibold text-plum text-sm ring-1 ring-edge/60 ring-inset focus-within:outline-2 focus-within:outline-plum hover:bg-plum-soft">
					<ImageUp size={17} aria-hidden="true" /> {say.picture}
					<input
						type="file"
						accept="image/*"
						capture="environment"
						className="sr-only"
						onChange={({ target }) => void readPicture(target.files?.[0])}
					/>
				</label>
			)}
			<p role="status" className="text-rust text-sm empty:hidden">
				{nothing && say.nothingInPicture}
			</p>
		</div>
	);
}
