/** Which reader of QR codes is used: the browser's own where it has one that works, ours everywhere else. */
import type { Patience } from "./decode-code.ts";

/** Reads the text of the first code in a picture, or in the present frame of a video. */
export interface CodeReader<Source> extends Disposable {
	/** Undefined where none can be read. Rejects where there is no reader at all. */
	read(source: Source, patience: Patience): Promise<string | undefined>;
}

/** The part of the Shape Detection API that is used here; few browsers have it, and not all of those know QR codes. */
interface Detector<Source> {
	detect(source: Source): Promise<readonly { readonly rawValue: string }[]>;
}

export interface Detectors<Source> {
	new (options: { readonly formats: readonly string[] }): Detector<Source>;
	getSupportedFormats(): Promise<readonly string[]>;
}

/** @param detectors the browser's reader @param ours begins the other one; called only where it is needed */
export async function chooseReader<Source>(
	detectors: Detectors<Source> | undefined,
	ours: () => CodeReader<Source>,
): Promise<CodeReader<Source>> {
	const detector = await detectorOf(detectors);
	return detector === undefined ? ours() : new SystemReader(detector, ours);
}

async function detectorOf<Source>(detectors: Detectors<Source> | undefined): Promise<Detector<Source> | undefined> {
	try {
		const formats = await detectors?.getSupportedFormats();
		if (detectors === undefined || formats?.includes("qr_code") !== true) return undefined;
		return new detectors({ formats: ["qr_code"] });
	} catch {
		return undefined;
	}
}

/** The browser's reader. Where it gives up, as it does where the system's service is missing, ours takes over. */
class SystemReader<Source> implements CodeReader<Source> {
	#detector: Detector<Source> | undefined;
	#ours: CodeReader<Source> | undefined;
	readonly #open: () => CodeReader<Source>;

	constructor(detector: Detector<Source>, ours: () => CodeReader<Source>) {
		this.#detector = detector;
		this.#open = ours;
	}

	async read(source: Source, patience: Patience): Promise<string | undefined> {
		if (this.#detector !== undefined) {
			try {
				return (await this.#detector.detect(source))[0]?.rawValue;
			} catch {
				this.#detector = undefined;
			}
		}
		this.#ours ??= this.#open();
		return this.#ours.read(source, patience);
	}

	[Symbol.dispose](): void {
		this.#ours?.[Symbol.dispose]();
	}
}
