/**
 * Our messenger as the benchmark runs it: `troth-server.ts DIRECTORY PORT`. It is the product's own server on its
 * SQLite stores (every acknowledgement after an fdatasync), with its limits in force; only the log lines go nowhere.
 */
import { SystemClock } from "@troth/protocol";
import { startMessenger } from "../messenger/server.ts";

const [directory, port] = process.argv.slice(2);
if (directory === undefined || port === undefined) throw new Error("usage: troth-server.ts DIRECTORY PORT");

const messenger = await startMessenger({
	clock: new SystemClock(),
	stores: { kind: "sqlite", directory },
	port: Number(port),
	log: () => {},
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
	process.once(signal, () => {
		void messenger[Symbol.asyncDispose]();
	});
}
