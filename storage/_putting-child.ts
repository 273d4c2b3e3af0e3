/**
 * A program that puts blobs on the disk and says so: `put <id>` as soon as one is durable, with one system call a line.
 *
 *     node _putting-child.ts DIRECTORY BLOBS
 */
import { writeSync } from "node:fs";
import { openBlobs } from "./index.ts";

const [path = "", blobs = "1"] = process.argv.slice(2);

await using store = await openBlobs({ kind: "disk", path });
for (let n = 0; n < Number(blobs); n++) {
	const id = await store.put(Buffer.from(`photo ${n}`));
	writeSync(1, `put ${id}\n`);
}
