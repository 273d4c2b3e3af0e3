/**
 * A file that somebody chose, drawn anew as a small square: the middle of it, and nothing of what the camera wrote into
 * the file. The browser decodes it; what leaves is what it drew.
 */
import { LIMITS } from "@troth/protocol";

const SIDE = 384;
const KINDS = ["image/webp", "image/jpeg"] as const;
const QUALITIES = [0.86, 0.75, 0.6, 0.45] as const;

/** Rejects where the file is no picture that this browser knows. */
export async function drawPicture(file: Blob): Promise<Uint8Array> {
	const bitmap = await createImageBitmap(file);
	try {
		const canvas = document.createElement("canvas");
		canvas.width = SIDE;
		canvas.height = SIDE;
		const context = canvas.getContext("2d");
		if (context === null) throw new TypeError("there is nothing to draw on");
		const side = Math.min(bitmap.width, bitmap.height);
		const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
		// What is transparent would be black in a JPEG.
		context.fillStyle = "white";
		context.fillRect(0, 0, SIDE, SIDE);
		context.imageSmoothingQuality = "high";
		context.drawImage(bitmap, left, top, side, side, 0, 0, SIDE, SIDE);
		return await encoded(canvas);
	} finally {
		bitmap.close();
	}
}

/** The best that fits. A browser that can not write WebP writes another kind and says so. */
async function encoded(canvas: HTMLCanvasElement): Promise<Uint8Array> {
	for (const kind of KINDS)
		for (const quality of QUALITIES) {
			const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, kind, quality));
			if (blob?.type === kind && blob.size <= LIMITS.profilePhotoBytes) return new Uint8Array(await blob.arrayBuffer());
		}
	throw new TypeError("the picture can not be made small enough");
}
