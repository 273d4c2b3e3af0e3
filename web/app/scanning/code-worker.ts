/** Reads codes beside the page: a glance at a frame without one takes 15 to 70 ms on a laptop, more on a phone. */
import { decodeCode, type Patience } from "./decode-code.ts";

export interface ReadRequest {
	/** Closed once it was looked at. */
	readonly picture: ImageBitmap;
	readonly patience: Patience;
	/** Gets the text, or undefined. */
	readonly answer: MessagePort;
}

/** The longer side of what is looked at, in pixels: a code that fills a third of it has four for each of its modules. */
const SIDE = { glance: 1024, thorough: 2048 } as const;

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { willReadFrequently: true });

addEventListener("message", ({ data }: MessageEvent<ReadRequest>) => {
	const { picture, patience, answer } = data;
	const shrink = Math.min(1, SIDE[patience] / Math.max(picture.width, picture.height));
	const width = Math.max(1, Math.round(picture.width * shrink));
	const height = Math.max(1, Math.round(picture.height * shrink));
	canvas.width = width;
	canvas.height = height;
	context?.drawImage(picture, 0, 0, width, height);
	picture.close();
	const pixels = context?.getImageData(0, 0, width, height);
	answer.postMessage(pixels === undefined ? undefined : decodeCode(pixels, patience));
});
