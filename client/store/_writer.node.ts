/**
 * A child process that holds a store until it is killed: `node _writer.node.ts FOLDER [BATCHES]`. Says each batch that
 * stands; after the last one it only waits.
 */
import { join } from "node:path";
import { DATABASE_FILE } from "./profile-store.node.ts";
import { openSqliteStore } from "./sqlite.node.ts";

const [folder = ".", batches = "Infinity"] = process.argv.slice(2);
const store = openSqliteStore(join(folder, DATABASE_FILE));
const padding = new Uint8Array(20_000);
for (let batch = 1; batch <= Number(batches); batch++) {
	const number = new TextEncoder().encode(String(batch));
	await store.write(
		new Map([
			["left", number],
			[`batch/${String(batch).padStart(8, "0")}`, padding],
			["right", number],
		]),
	);
	process.stdout.write(`${batch}\n`);
}
setInterval(() => {}, 60_000);
