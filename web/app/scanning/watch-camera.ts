/** Looks through the camera until it sees a code. The camera is on only while somebody sees what it shows. */
import type { CameraReader } from "./code-reader.ts";

/** Between two looks, ms: about four in a second. */
const LOOK_EVERY_MS = 200;

/** There is no camera, or the browser or its person does not let it be used. */
export class CameraRefused extends Error {
	override readonly name = "CameraRefused";
}

/**
 * Resolves with the first code that is seen, or with nothing once it is aborted; the camera is off then. It is off as well
 * while the page is hidden. Rejects with CameraRefused, and as the reader does.
 */
export async function watchCamera(
	video: HTMLVideoElement,
	reader: CameraReader,
	closing: AbortSignal,
): Promise<string | undefined> {
	while (!closing.aborted) {
		if (document.hidden) await change(closing);
		else {
			const seen = await look(video, reader, closing);
			if (seen !== undefined) return seen;
		}
	}
	return undefined;
}

async function look(video: HTMLVideoElement, reader: CameraReader, closing: AbortSignal): Promise<string | undefined> {
	const stream = await camera();
	try {
		if (closing.aborted) return undefined;
		video.srcObject = stream;
		// Taken out of the page it does not play, and nobody looks any more.
		const plays = await video.play().then(
			() => true,
			() => false,
		);
		while (plays && !closing.aborted && !document.hidden) {
			const text = await reader.read(video, "glance");
			if (closing.aborted) return undefined;
			if (text !== undefined) return text;
			await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		}
		if (!plays && !closing.aborted) throw new CameraRefused("the camera's picture can not be shown");
		return undefined;
	} finally {
		for (const track of stream.getTracks()) track.stop();
		video.srcObject = null;
	}
}

async function camera(): Promise<MediaStream> {
	const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
	try {
		return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", ...size }, audio: false });
	} catch (cause) {
		// Without a secure origin there are no media devices at all.
		throw new CameraRefused("the camera can not be used", { cause });
	}
}

/** The page was hidden or shown, or is left. */
function change(closing: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			document.removeEventListener("visibilitychange", done);
			resolve();
		};
		document.addEventListener("visibilitychange", done);
		closing.addEventListener("abort", done, { once: true });
	});
}
