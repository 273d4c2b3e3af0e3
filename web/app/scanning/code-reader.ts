/** Readers of codes as a browser has them. */
import { type CodeReader, chooseReader, type Detectors } from "./choose-reader.ts";
import type { ReadRequest } from "./code-worker.ts";

/** What the camera shows, or a picture. */
type Source = HTMLVideoElement | ImageBitmap;
export type CameraReader = CodeReader<Source>;

export function openCodeReader(): Promise<CameraReader> {
	const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: Detectors<Source> };
	return chooseReader(BarcodeDetector, workerReader);
}

/** Our reader: its code is loaded with the worker, when somebody scans. */
function workerReader(): CameraReader {
	const worker = new Worker(new URL("./code-worker.ts", import.meta.url), { type: "module", name: "troth-codes" });
	const broken = new Promise<never>((_, reject) => {
		worker.addEventListener("error", () => reject(new Error("the reader of codes could not be loaded")));
	});
	// It is told to whoever reads.
	broken.catch(() => {});
	return {
		async read(source, patience) {
			const picture = await createImageBitmap(source);
			const { port1, port2 } = new MessageChannel();
			const request: ReadRequest = { picture, patience, answer: port2 };
			const answered = new Promise<string | undefined>((resolve) => {
				port1.onmessage = ({ data }: MessageEvent<string | undefined>) => resolve(data);
			});
			worker.postMessage(request, [picture, port2]);
			return Promise.race([answered, broken]).finally(() => port1.close());
		},
		[Symbol.dispose]: () => worker.terminate(),
	};
}
