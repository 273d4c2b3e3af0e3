/**
 * A program that fills the disk its store lies on, looks around, makes room and goes on. Prints one line of JSON.
 * Meant for a small file system of its own: `full-disk.test.ts`.
 *
 *     node _full-disk-child.ts DIRECTORY
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { chat, entry, NO_LIMITS } from "./conformance/_people.ts";
import { openBlobs, openLogs, openRecords } from "./index.ts";
import { StoreError } from "./ports.ts";

const [directory = ""] = process.argv.slice(2);
const ballast = join(directory, "ballast");
writeFileSync(ballast, Buffer.alloc(1024 * 1024, 1));

await using store = await openLogs({ kind: "sqlite", path: join(directory, "logs.sqlite") });
await using blobs = await openBlobs({ kind: "disk", path: join(directory, "blobs") });
await using records = await openRecords<unknown>({ kind: "sqlite", path: join(directory, "records.sqlite") });
await sql`create table note (text text)`.execute(records);
await store.write([{ kind: "create", log: chat, group: undefined, alias: undefined }]);
const append = (seq: number) => {
	const stored = entry(seq, { body: new Uint8Array(20_000).fill(seq) });
	return store.write([{ kind: "append", log: chat, entry: stored, sender: undefined }]);
};
const codeOf = (error: unknown) => (error instanceof StoreError ? error.code : String(error));

let head = 0;
let refused = "";
while (refused === "") {
	await append(head + 1).then(
		() => head++,
		(error: unknown) => {
			refused = codeOf(error);
		},
	);
}
// A neighbour in the same commit is refused as well; nothing of either is stored.
const both = await Promise.allSettled([append(head + 1), append(head + 2)]);
const headWhenFull = (await store.load(chat))?.head;
const readWhenFull = (await store.read(chat, 0, NO_LIMITS)).length;

// The other stores on the same disk are refused in the same words.
const otherRefusals = await Promise.all([
	blobs.put(new Uint8Array(2_000_000)).then(() => "stored", codeOf),
	sql`insert into note values (${"x".repeat(2_000_000)})`.execute(records).then(() => "stored", codeOf),
]);

rmSync(ballast);
await sql`insert into note values ('short')`.execute(records);

await append(head + 1);
await append(head + 2);
const intact = (await store.read(chat, 0, NO_LIMITS)).every(({ seq, body }) =>
	body.every((byte) => byte === seq % 256),
);

console.log(
	JSON.stringify({
		head,
		refused,
		both: both.map((result) => (result.status === "rejected" ? codeOf(result.reason) : "stored")),
		otherRefusals,
		headWhenFull,
		readWhenFull,
		headAfter: (await store.load(chat))?.head,
		intact,
	}),
);
