/** QR codes in what a camera sees, by the browser's own reader where it has one. */

/** The part of the Shape Detection API that is used here; not every browser has it. */
interface Detector {
	detect(source: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}

type DetectorConstructor = new (options: { readonly formats: readonly string[] }) => Detector;

/** Reads the text of the first code in a picture or in the present frame of a video. */
export type CodeReader = (source: ImageBitmapSource) => Promise<string | undefined>;

/** Undefined where the browser can not read codes. */
export function codeReader(): CodeReader | undefined {
	const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: DetectorConstructor };
	if (BarcodeDetector === undefined) return undefined;
	try {
		const detector = new BarcodeDetector({ formats: ["qr_code"] });
		return async (source) => (await detector.detect(source))[0]?.rawValue;
	} catch {
		// It is there and knows no format: so on some desktops.
		return undefined;
	}
}
