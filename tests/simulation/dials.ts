/**
 * Numbers that are turned down for the simulation, so that a run of a hundred acts comes to the ends of windows, stocks
 * and batches that people reach in weeks. The code is the same.
 */
import type { Edit } from "./edits.ts";

const limit = (name: string, before: string, now: string): Edit => ({
	file: "protocol/limits.ts",
	find: `\t${name}: ${before},\n`,
	put: `\t${name}: ${now},\n`,
});

export const DIALS: readonly Edit[] = [
	// After a month's sleep the first of two devices would have the other one unlinked, which two nodes do not agree on yet
	// (README).
	limit("deviceIdleMs", "30 * 24 * 3600 * 1000", "3650 * 24 * 3600 * 1000"),
	limit("windowEntries", "128", "6"),
	limit("windowBytes", "1024 * 1024", "64 * 1024"),
	limit("sendsInFlight", "16", "4"),
	limit("answersKept", "32", "8"),
	limit("keyPackagesRefillBelow", "20", "1"),
	// A key package costs three milliseconds: the stock is what a run uses.
	{ file: "client/registration/key-packages.ts", find: "const STOCK = 25;", put: "const STOCK = 2;" },
	{ file: "client/archive/make-archive.ts", find: "const NEWEST = 32;", put: "const NEWEST = 2;" },
	{ file: "client/sync/inbox.ts", find: "const BATCH = 64;", put: "const BATCH = 3;" },
	{ file: "messenger/delivery/acknowledgements.ts", find: "const TRIM_STEP = 128;", put: "const TRIM_STEP = 4;" },
	{ file: "messenger/delivery/tail.ts", find: "const MAX_ENTRIES = 1024;", put: "const MAX_ENTRIES = 8;" },
];
