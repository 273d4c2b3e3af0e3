/** `npm run restored -- DATA_DIR`: this directory came back from a backup; to be said before the server starts on it. */
import { StoreError } from "@troth/storage";
import { markRestored } from "./restoring/mark-restored.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
	console.error("usage: npm run restored -- DATA_DIR");
	process.exitCode = 2;
} else
	try {
		const { generation, logs } = await markRestored(directory);
		if (generation !== undefined) console.log(`Devices are shown what is missing (generation ${generation}).`);
		for (const log of logs) console.log(`${log} waits for its witnesses before it signs again.`);
	} catch (error) {
		if (!(error instanceof StoreError)) throw error;
		console.error("The logs can not be opened: stop the server first.");
		process.exitCode = 1;
	}
