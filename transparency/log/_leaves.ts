/** Leaves for tests of the log, and whether it proves one of them. */
import assert from "node:assert/strict";
import { SHARE_LOG } from "../_logs.ts";
import { someLeaves } from "../_trees.ts";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { leafHash } from "../merkle/hash.ts";
import { verifyInclusion } from "../merkle/verify.ts";
import { parseProof } from "../proof/tlog-proof.ts";
import type { TileLog } from "./tile-log.node.ts";

export const LEAVES = someLeaves(1000);

export function proves(log: TileLog, index: number, quorum: boolean, witnesses: readonly string[] = []): number {
	const { hashes, checkpoint } = parseProof(log.proofOf(index, { quorum }) ?? "");
	const head = openCheckpoint(checkpoint, { log: SHARE_LOG.vkey, witnesses, quorum: witnesses.length });
	assert.ok(verifyInclusion(leafHash(LEAVES[index] ?? new Uint8Array()), index, hashes, head));
	return head.size;
}
