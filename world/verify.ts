/**
 * `npm run verify -- DATA_DIR`: is this directory whole, and does what the parts know of each other agree? Of a stopped
 * server, or of a copy. Ends with 1 where something is wrong.
 */
import { verifyData } from "./restoring/verify-data.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
	console.error("usage: npm run verify -- DATA_DIR");
	process.exitCode = 2;
} else
	for (const { what, good, note } of verifyData(directory)) {
		console.log(`${good ? "ok   " : "WRONG"}  ${what}: ${note}`);
		if (!good) process.exitCode = 1;
	}
