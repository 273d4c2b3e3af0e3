/**
 * A program that publishes without end, until it is killed: prints size, root and whether it has a quorum. It brings
 * other leaves in each life, so that forgetting anything that was signed would be a fork.
 *
 *     node _publishing-child.ts DIRECTORY WITNESS_URL WITNESS_VKEY LIFE
 */
import { writeSync } from "node:fs";
import { SystemClock, toHex } from "@troth/protocol";
import { SHARE_LOG } from "../_logs.ts";
import { someLeaves } from "../_trees.ts";
import { TileLog } from "./tile-log.node.ts";

const [directory = "", url = "", vkey = "", life = ""] = process.argv.slice(2);

await using log = await TileLog.open({
	directory,
	signer: SHARE_LOG,
	witnesses: [{ url, vkey }],
	quorum: 1,
	clock: new SystemClock(),
});
const leaves = someLeaves(100_000, life);
for (let batch = 1; ; batch = (batch * 7) % 300) {
	log.integrate(log.size, leaves.slice(log.size, log.size + batch));
	const { size, root, quorum } = await log.publish();
	writeSync(1, `${size} ${toHex(root)} ${quorum}\n`);
}
