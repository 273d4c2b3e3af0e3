/** The files of a zip, as text. */
import { unzipSync } from "fflate";

export function unzipped(zip: Uint8Array): ReadonlyMap<string, string> {
	return new Map(Object.entries(unzipSync(zip)).map(([path, data]) => [path, Buffer.from(data).toString("utf8")]));
}
