/**
 * Counts as the public may know them (C6): ranges, so wide that with ten people everything is "fewer than 200". At which
 * count a range gives way to the next one is a secret of the installation, another one for each count, and stays: who has
 * a hundred puppets does not know which of them, or of the others, would be the one more.
 */
import { createHmac } from "node:crypto";

const STEP = 100;

/** At least `from`, fewer than `below`. */
export interface Range {
	readonly from: number;
	readonly below: number;
}

/** @param name of the count: what has the same name changes at the same counts */
export function coarse(count: number, secret: Uint8Array, name: string): Range {
	const mac = createHmac("sha256", secret).update(`troth/v1/figures/${name}`).digest();
	// Between one step and two, so that the first change, too, is where nobody knows.
	const first = STEP + (mac.readUInt32BE(0) % STEP);
	if (count < first) return { from: 0, below: 2 * STEP };
	const steps = Math.floor((count - first) / STEP);
	return { from: (steps + 1) * STEP, below: (steps + 3) * STEP };
}

/** As `coarse`, but none is said to be none: whether anything is overdue is what the public is told. */
export function coarseOverdue(count: number, secret: Uint8Array, name: string): Range {
	if (count === 0) return { from: 0, below: 1 };
	const { from, below } = coarse(count, secret, name);
	return { from: Math.max(1, from), below };
}
