/**
 * A witness that is there to be killed: prints its URL and cosigns until then.
 *
 *     node _witness-child.ts DIRECTORY
 */
import { SystemClock } from "@troth/protocol";
import { SHARE_LOG, seedOf } from "../_logs.ts";
import { startWitness } from "./witness.node.ts";

const witness = await startWitness({
	clock: new SystemClock(),
	seed: seedOf(5),
	directory: process.argv[2] ?? "",
	name: "witness.example",
	host: "127.0.0.1",
	port: 0,
	logs: [SHARE_LOG.vkey],
});
process.stdout.write(`${witness.url}\n`);
