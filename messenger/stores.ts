/** Opens everything the messenger keeps, in one place. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
	type BlobStore,
	type HintBus,
	type LogStore,
	openBlobs,
	openHints,
	openLogs,
	openRecords,
} from "@troth/storage";
import type { Kysely } from "kysely";
import { migrateRecords } from "./records/migrate.ts";
import type { Records } from "./records/schema.ts";
import { openSecrets, type Secrets, temporarySecrets } from "./secrets.ts";

export type StoresAt =
	/** Gone when the process ends. */
	| { readonly kind: "memory" }
	/** SQLite files, blobs and the key file, in this directory. */
	| { readonly kind: "sqlite"; readonly directory: string };

export interface OpenStores extends AsyncDisposable {
	readonly records: Kysely<Records>;
	readonly logs: LogStore;
	readonly blobs: BlobStore;
	readonly hints: HintBus;
	readonly secrets: Secrets;
}

/** Opens all of it and brings the records to this version's schema. Rejects where one can not be opened. */
export async function openStores(at: StoresAt): Promise<OpenStores> {
	await using undo = new AsyncDisposableStack();
	const files = at.kind === "sqlite" ? at.directory : undefined;
	if (files !== undefined) await mkdir(files, { recursive: true, mode: 0o700 });
	const secrets = files === undefined ? temporarySecrets() : await openSecrets(files);
	const records = undo.adopt(
		await openRecords<Records>(
			files === undefined ? { kind: "memory" } : { kind: "sqlite", path: join(files, "records.sqlite") },
		),
		(db) => db.destroy(),
	);
	await migrateRecords(records);
	const logs = undo.use(
		await openLogs(files === undefined ? { kind: "memory" } : { kind: "sqlite", path: join(files, "logs.sqlite") }),
	);
	const blobs = undo.use(
		await openBlobs(files === undefined ? { kind: "memory" } : { kind: "disk", path: join(files, "blobs") }),
	);
	const hints = undo.use(await openHints({ kind: "process" }));
	const opened = undo.move();
	return { records, logs, blobs, hints, secrets, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
