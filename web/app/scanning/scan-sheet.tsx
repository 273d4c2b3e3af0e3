/** Looks through the camera for a code; a picture does as well. Where the browser reads no codes, it says what to do. */
import { CameraOff, ImageUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Sheet } from "../ui/dialog.tsx";
import { Note } from "../ui/note.tsx";
import { words } from "../words/words.ts";
import { type CodeReader, codeReader } from "./read-code.ts";

/** Between two looks at the camera's picture, ms. */
const LOOK_EVERY_MS = 150;

export interface ScanSheetProps {
	readonly title: string;
	/** What to do where the browser can not scan. */
	readonly instead: string;
	readonly onCode: (text: string) => void;
	readonly onClose: () => void;
}

export function ScanSheet({ title, instead, onCode, onClose }: ScanSheetProps) {
	const [reader] = useState(codeReader);
	return (
		<Sheet open onClose={onClose} title={title}>
			{reader === undefined ? (
				<Note icon={<CameraOff size={20} aria-hidden="true" />} title={words.scanning.unable}>
					<p className="mt-0.5">{instead}</p>
				</Note>
			) : (
				<Camera reader={reader} instead={instead} onCode={onCode} />
			)}
		</Sheet>
	);
}

interface CameraProps extends Pick<ScanSheetProps, "instead" | "onCode"> {
	readonly reader: CodeReader;
}

function Camera({ reader, instead, onCode }: CameraProps) {
	const { scanning: say } = words;
	const video = useRef<HTMLVideoElement>(null);
	const told = useRef(onCode);
	told.current = onCode;
	const [refused, setRefused] = useState(false);
	const [nothing, setNothing] = useState(false);

	useEffect(() => {
		const closing = new AbortController();
		watch(video.current, reader, closing.signal).then(
			(text) => text !== undefined && told.current(text),
			() => closing.signal.aborted || setRefused(true),
		);
		return () => closing.abort();
	}, [reader]);

	const readPicture = async (file: File | undefined) => {
		if (file === undefined) return;
		const text = await createImageBitmap(file).then(reader, () => undefined);
		setNothing(text === undefined);
		if (text !== undefined) told.current(text);
	};

	return (
		<div className="flex flex-col gap-3">
			{refused ? (
				<Note icon={<CameraOff size={20} aria-hidden="true" />} title={say.refused}>
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
			<p role="status" className="text-rust text-sm empty:hidden">
				{nothing && say.nothingInPicture}
			</p>
		</div>
	);
}

/** Resolves with the first code that is seen, or with nothing once it is aborted; the camera is off then. */
async function watch(
	video: HTMLVideoElement | null,
	reader: CodeReader,
	closing: AbortSignal,
): Promise<string | undefined> {
	if (video === null) return undefined;
	const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
	try {
		if (closing.aborted) return undefined;
		video.srcObject = stream;
		await video.play();
		while (!closing.aborted) {
			const text = await reader(video).catch(() => undefined);
			if (text !== undefined) return text;
			await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		}
		return undefined;
	} finally {
		for (const track of stream.getTracks()) track.stop();
	}
}
