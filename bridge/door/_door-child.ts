/**
 * A door as a process that can be killed. Its log lines go to standard output, one system call each.
 *
 *     node _door-child.ts OPTIONS_AS_JSON        (policyKey in hex)
 */
import { writeSync } from "node:fs";
import { SystemClock } from "@troth/protocol";
import { startDoor } from "./index.ts";

const options = JSON.parse(process.argv[2] ?? "{}");
await startDoor({
	...options,
	clock: new SystemClock(),
	policyKey: Buffer.from(options.policyKey, "hex"),
	log: (line) => writeSync(1, `${line}\n`),
});
