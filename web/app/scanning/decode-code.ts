/** Reads the QR code in a picture's pixels. Pure: what it costs is measured in milliseconds, so it runs in a worker. */
import { decodeQR } from "qr/decode.js";

/** Four bytes for each pixel (RGBA), row by row. */
export interface Pixels {
	readonly width: number;
	readonly height: number;
	readonly data: Uint8ClampedArray;
}

/** One look at what a camera sees, of which the next one comes at once; or all that can be tried with a picture. */
export type Patience = "glance" | "thorough";

/** How many guesses at where a code may be are followed, and for how long, ms. */
const EFFORT = {
	glance: { effort: 3, timeLimit: 40 },
	thorough: { effort: Number.POSITIVE_INFINITY, timeLimit: 3000 },
} as const;

/** The text of the first code that is found; undefined where none can be read. */
export function decodeCode({ width, height, data }: Pixels, patience: Patience): string | undefined {
	try {
		return decodeQR({ width, height, data }, EFFORT[patience]);
	} catch {
		// It throws for a picture without a code, which most of what a camera sees is.
		return undefined;
	}
}
