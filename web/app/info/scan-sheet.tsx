/** Looks through the camera for a code; a picture does as well. */
import { ImageUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Sheet } from "../ui/dialog.tsx";
import { words } from "../words/words.ts";
import { type CodeReader, codeReader } from "./read-code.ts";

/** Between two looks at the camera's picture, ms. */
const LOOK_EVERY_MS = 150;

export interface ScanSheetProps {
	readonly title: string;
	readonly onCode: (text: string) => void;
	readonly onClose: () => void;
}

export function ScanSheet({ title, onCode, onClose }: ScanSheetProps) {
	const [reader] = useState(codeReader);
	return (
		<Sheet open onClose={onClose} title={title}>
			{reader === undefined ? (
				<p className="text-muted text-sm">{words.trust.noCamera}</p>
			) : (
				<Camera reader={reader} onCode={onCode} />
			)}
		</Sheet>
	);
}

function Camera({ reader, onCode }: { readonly reader: CodeReader; readonly onCode: (text: string) => void }) {
	const video = useRef<HTMLVideoElement>(null);
	const told = useRef(onCode);
	told.current = onCode;
	const [problem, setProblem] = useState<string>();

	useEffect(() => {
		const closing = new AbortController();
		watch(video.current, reader, closing.signal).then(
			(text) => text !== undefined && told.current(text),
			() => closing.signal.aborted || setProblem(words.trust.cameraRefused),
		);
		return () => closing.abort();
	}, [reader]);

	const readPicture = async (file: File | undefined) => {
		if (file === undefined) return;
		const text = await createImageBitmap(file).then(reader, () => undefined);
		if (text === undefined) setProblem(words.trust.nothingInPicture);
		else told.current(text);
	};

	return (
		<div className="flex flex-col gap-3">
			<video
				ref={video}
				muted
				playsInline
				aria-label={words.trust.scanning}
				className="aspect-square w-full rounded-card bg-hover object-cover"
			/>
			<p className="text-center text-muted text-sm">{words.trust.scanning}</p>
			<label className="inline-flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-control font-semibold text-plum text-sm ring-1 ring-edge/60 ring-inset focus-within:outline-2 focus-within:outline-plum hover:bg-plum-soft">
				<ImageUp size={17} aria-hidden="true" /> {words.trust.picture}
				<input
					type="file"
					accept="image/*"
					capture="environment"
					className="sr-only"
					onChange={({ target }) => void readPicture(target.files?.[0])}
				/>
			</label>
			<p role="status" className="text-rust text-sm">
				{problem}
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
