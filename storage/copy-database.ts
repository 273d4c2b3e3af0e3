/** Copies a SQLite database that somebody else writes to: as it was at one moment, through SQLite's backup API. */
import Database from "better-sqlite3";
import { toStoreError } from "./sqlite/worker-host.ts";
import { crossed } from "./sqlite/worker-service.ts";

const PAGES_AT_ONCE = 1000;

/** A copy is one file, and who reads it writes none beside it. */
export function settleCopy(path: string): void {
	const copy = new Database(path);
	copy.pragma("journal_mode = DELETE");
	copy.close();
}

/** Writes the copy to a new file; the writer is not held up. Rejects with StoreError. */
export async function copyDatabase(from: string, to: string): Promise<void> {
	let db: Database.Database | undefined;
	try {
		db = new Database(from, { readonly: true, fileMustExist: true });
		// A read that goes on until the end: all steps see this one moment, whatever is written meanwhile.
		db.exec("BEGIN");
		db.prepare("SELECT count(*) FROM sqlite_schema").get();
		await db.backup(to, { progress: () => PAGES_AT_ONCE });
		settleCopy(to);
	} catch (error) {
		throw toStoreError(crossed(error));
	} finally {
		db?.close();
	}
}
